/** Values of expressions in the browser, and how they compare. Numbers are decimals of 34 digits, half-even, as on the server. */
import DecimalJs from 'decimal.js';

export const Decimal = DecimalJs.clone({ precision: 34, rounding: DecimalJs.ROUND_HALF_EVEN, toExpNeg: -7000, toExpPos: 7000 });
export type Decimal = DecimalJs;

/** A date ("2026-01-31"), an instant (UTC, "…Z") or a duration; `text` sorts as it reads, `amount` counts durations. */
export interface Temporal { readonly temporal: 'date' | 'datetime' | 'days' | 'months'; readonly text: string; readonly amount: number }
export interface Range { readonly range: true; readonly low: Value; readonly high: Value; readonly lowIn: boolean; readonly highIn: boolean }
export interface Context { readonly [name: string]: Value }
/** `undefined` is "not known here": a field of a reference that was not sent. It is not null, and no rule decides by it. */
export type Value = Decimal | string | boolean | null | undefined | Temporal | Range | readonly Value[] | Context;

export const isDecimal = (v: Value): v is Decimal => v instanceof DecimalJs || DecimalJs.isDecimal(v);
export const isList = (v: Value): v is readonly Value[] => Array.isArray(v);
export const isTemporal = (v: Value): v is Temporal => typeof v === 'object' && v !== null && 'temporal' in v;
export const isRange = (v: Value): v is Range => typeof v === 'object' && v !== null && 'range' in v;
export const isContext = (v: Value): v is Context =>
  typeof v === 'object' && v !== null && !isDecimal(v) && !isList(v) && !isTemporal(v) && !isRange(v);

export const date = (text: string): Temporal => ({ temporal: 'date', text, amount: 0 });
export const datetime = (text: string): Temporal => ({ temporal: 'datetime', text, amount: 0 });

function kind(v: Value): string {
  if (v === null || v === undefined) return 'null';
  if (isDecimal(v)) return 'number';
  if (isList(v)) return 'list';
  if (isTemporal(v)) return v.temporal;
  if (isRange(v)) return 'range';
  return typeof v === 'object' ? 'context' : typeof v;
}

/** `a = b`: total but for values of different kinds, which have no answer. References are equal by their id. */
export function equal(a: Value, b: Value): boolean | null {
  if (a === null || b === null) return a === b;
  const k = kind(a);
  if (k !== kind(b)) return null;
  if (isDecimal(a) && isDecimal(b)) return a.eq(b);
  if (isTemporal(a) && isTemporal(b)) return a.text === b.text && a.amount === b.amount;
  if (isList(a) && isList(b)) return a.length === b.length && a.every((x, i) => equal(x, b[i]) === true);
  if (isContext(a) && isContext(b)) return 'id' in a && 'id' in b ? a['id'] === b['id'] : JSON.stringify(a) === JSON.stringify(b);
  return a === b;
}

/** `a < b`, or null for what has no order. Text compares by code point. */
export function less(a: Value, b: Value): boolean | null {
  if (isDecimal(a) && isDecimal(b)) return a.lt(b);
  if (typeof a === 'string' && typeof b === 'string') return byCodePoint(a, b) < 0;
  if (isTemporal(a) && isTemporal(b) && a.temporal === b.temporal) return a.amount !== b.amount ? a.amount < b.amount : a.text < b.text;
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

/** A value as text: FEEL's string(). */
export function show(v: Value): string | null {
  if (v === null || v === undefined) return null;
  if (typeof v === 'string') return v;
  if (typeof v === 'boolean') return v ? 'true' : 'false';
  if (isDecimal(v)) return plain(v);
  if (isTemporal(v)) return v.text;
  const inside = (x: Value): string => (typeof x === 'string' ? `"${x}"` : (show(x) ?? 'null'));
  if (isList(v)) return `[${v.map(inside).join(', ')}]`;
  if (isContext(v)) return `{${Object.entries(v).map(([k, x]) => `${k}: ${inside(x)}`).join(', ')}}`;
  return '';
}

/** The shortest plain notation of a number, as it travels on the wire. */
export const plain = (n: Decimal): string => (n.isZero() ? '0' : n.toFixed());
