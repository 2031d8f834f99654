/** Values of expressions in the browser, and how they compare. Numbers are decimals of 34 digits, half-even, as on the server. */
import DecimalJs from 'decimal.js';
import { type Temporal, floorDiv, readDate, readDatetime, write } from './temporal.ts';

const SHAPE = { rounding: DecimalJs.ROUND_HALF_EVEN, toExpNeg: -9e15, toExpPos: 9e15, minE: -9e15, maxE: 9e15 } as const;
export const Decimal = DecimalJs.clone({ ...SHAPE, precision: 34 });
export type Decimal = DecimalJs;
/** 80 digits, for whole powers and remainders: rounded once, by the same steps as on the server. */
export const Wide = DecimalJs.clone({ ...SHAPE, precision: 80 });

export type { Temporal } from './temporal.ts';
export interface Range { readonly range: true; readonly low: Value; readonly high: Value; readonly lowIn: boolean; readonly highIn: boolean }
export interface Context { readonly [name: string]: Value }
export interface FunctionValue { readonly call: (given: Value[]) => Value; readonly arity: number }
/** `undefined` is "not known here": a field of a reference that was not sent. It is not null, and no rule decides by it. */
export type Value = Decimal | string | boolean | null | undefined | Temporal | Range | FunctionValue | readonly Value[] | Context;

export const isDecimal = (v: Value): v is Decimal => v instanceof DecimalJs || DecimalJs.isDecimal(v);
export const isList = (v: Value): v is readonly Value[] => Array.isArray(v);
const isObject = (v: Value): v is Temporal | Range | Context => typeof v === 'object' && v !== null && !isDecimal(v) && !isList(v);
export const isTemporal = (v: Value): v is Temporal => isObject(v) && typeof (v as Temporal).amount === 'bigint';
export const isRange = (v: Value): v is Range => isObject(v) && (v as Range).range === true && 'lowIn' in v;
export const isFunction = (v: Value): v is FunctionValue => isObject(v) && typeof (v as unknown as FunctionValue).call === 'function';
export const isContext = (v: Value): v is Context => isObject(v) && !isTemporal(v) && !isRange(v) && !isFunction(v);

/** A date and an instant from the wire. */
export const date = (text: string): Temporal | null => readDate(text);
export const datetime = (text: string): Temporal | null => readDatetime(text) ?? null;

export function kind(v: Value): string {
  if (v === null || v === undefined) return 'null';
  if (isDecimal(v)) return 'number';
  if (isList(v)) return 'list';
  if (isTemporal(v)) return v.temporal;
  if (isRange(v)) return 'range';
  if (isFunction(v)) return 'function';
  return typeof v === 'object' ? 'context' : typeof v;
}

/** `a = b`: total but for values of different kinds, which have no answer. References are equal by their id. */
export function equal(a: Value, b: Value): boolean | null {
  if (a === null || b === null) return a === b;
  if (a === undefined || b === undefined) return null;
  const k = kind(a);
  if (k !== kind(b) || k === 'function') return null;
  if (isDecimal(a) && isDecimal(b)) return a.eq(b);
  if (isTemporal(a) && isTemporal(b)) return a.amount === b.amount || ((k === 'datetime' || k === 'time') && floorDiv(a.amount, 1000n) === floorDiv(b.amount, 1000n));
  if (isList(a) && isList(b)) return a.length === b.length && a.every((x, i) => equal(x, b[i]) === true);
  if (isRange(a) && isRange(b)) return a.lowIn === b.lowIn && a.highIn === b.highIn && equal(a.low, b.low) === true && equal(a.high, b.high) === true;
  if (isContext(a) && isContext(b)) {
    if ('id' in a && 'id' in b) return a['id'] === b['id'];
    const [left, right] = [Object.keys(a), Object.keys(b)];
    return left.length === right.length && left.every((key) => key in b && equal(a[key], b[key]) === true);
  }
  return a === b;
}

/** `a < b`, or null for what has no order. Text compares by code point. */
export function less(a: Value, b: Value): boolean | null {
  if (isDecimal(a) && isDecimal(b)) return a.lt(b);
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(a, b) < 0;
  if (isTemporal(a) && isTemporal(b) && a.temporal === b.temporal) return a.amount < b.amount;
  return null;
}

function byCodePoint(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const gap = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (gap !== 0) return gap;
  }
  return left.length - right.length;
}

export function inRange(v: Value, r: Range): boolean | null {
  const answers: (boolean | null)[] = [];
  if (r.low !== null) {
    const below = less(v, r.low);
    answers.push(below === null ? null : !below && (r.lowIn || equal(v, r.low) === false));
  }
  if (r.high !== null) {
    const above = less(r.high, v);
    answers.push(above === null ? null : !above && (r.highIn || equal(v, r.high) === false));
  }
  return answers.includes(false) ? false : answers.includes(null) ? null : true;
}

const plainName = /^[\p{L}\p{N}_ ]*$/u;
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const inside = (v: Value): string => (typeof v === 'string' ? quoted(v) : (show(v) ?? 'null'));

/** A value as text: FEEL's string(). */
export function show(v: Value): string | null {
  if (v === null || v === undefined) return null;
  if (typeof v === 'string') return v;
  if (typeof v === 'boolean') return v ? 'true' : 'false';
  if (isDecimal(v)) return plain(v);
  if (isTemporal(v)) return write(v);
  if (isList(v)) return `[${v.map(inside).join(', ')}]`;
  if (isRange(v)) return showRange(v);
  if (isContext(v)) return `{${Object.entries(v).map(([k, x]) => `${plainName.test(k) ? k : quoted(k)}: ${inside(x)}`).join(', ')}}`;
  return null;
}

function showRange(r: Range): string {
  if (r.low === null) return `(${r.highIn ? '<=' : '<'} ${inside(r.high)})`;
  if (r.high === null) return `(${r.lowIn ? '>=' : '>'} ${inside(r.low)})`;
  return `${r.lowIn ? '[' : '('}${inside(r.low)}..${inside(r.high)}${r.highIn ? ']' : ')'}`;
}

/** The shortest plain notation of a number, as it travels on the wire. */
export const plain = (n: Decimal): string => (n.isZero() ? '0' : n.toFixed());
