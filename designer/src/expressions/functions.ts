/** The built-in functions: the same names and answers as engine/rules/functions. `null` is "no answer". */
import { Decimal, type Temporal, type Value, date, datetime, equal, inRange, isContext, isDecimal, isList, isRange, isTemporal, less, show } from './values.ts';

type Fn = (...args: Value[]) => Value;
const num = (n: number): Decimal => new Decimal(n);
const numbers = (v: Value): Decimal[] | null => (isList(v) && v.length > 0 && v.every(isDecimal) ? (v as Decimal[]) : null);
const list = (v: Value): readonly Value[] => (isList(v) ? v : [v]);

function rounded(mode: number): Fn {
  return (n, scale = num(0)) => {
    if (!isDecimal(n) || !isDecimal(scale) || !scale.isInteger() || scale.abs().gt(6176)) return null;
    const places = scale.toNumber();
    if (places >= 0) return n.toDecimalPlaces(places, mode as 0);
    const unit = new Decimal(10).pow(-places);
    return n.div(unit).toDecimalPlaces(0, mode as 0).mul(unit);
  };
}

function sum(v: Value): Value {
  const items = numbers(v);
  return items ? items.reduce((a, b) => a.plus(b)) : null;
}

function extreme(better: (a: Value, b: Value) => boolean | null): Fn {
  return (v) => {
    const items = list(v);
    let best: Value = items.length > 0 ? items[0]! : null;
    for (const item of items.slice(1)) {
      const answer = better(item, best);
      if (answer === null) return null;
      if (answer) best = item;
    }
    return best;
  };
}

function substring(text: string, start: number, length?: number): string | null {
  const marks = [...text];
  if (start === 0 || (length !== undefined && length < 1)) return null;
  const begin = start > 0 ? start - 1 : marks.length + start;
  if (!(begin >= 0 && begin < Math.max(marks.length, 1))) return start > 0 ? '' : null;
  return marks.slice(begin, length === undefined ? undefined : begin + length).join('');
}

export function readDate(text: string): Temporal | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const [y, m, d] = text.split('-').map(Number) as [number, number, number];
  return m >= 1 && m <= 12 && d >= 1 && d <= monthLength(y, m) && y >= 1 ? date(text) : null;
}

export function monthLength(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function makeDate(source: Value, month?: Value, day?: Value): Value {
  if (typeof source === 'string') return readDate(source);
  if (isTemporal(source)) return source.temporal === 'date' ? source : source.temporal === 'datetime' ? date(source.text.slice(0, 10)) : null;
  if (isDecimal(source) && isDecimal(month as Value) && isDecimal(day as Value))
    return readDate([source.toFixed().padStart(4, '0'), ...[month, day].map((n) => (n as Decimal).toFixed().padStart(2, '0'))].join('-'));
  return null;
}

function duration(text: Value): Value {
  if (typeof text !== 'string') return null;
  const m = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,6}))?S)?)?$/.exec(text);
  if (!m || !m.slice(2, 6).some(Boolean) || text.endsWith('T')) return null;
  const [days, hours, minutes, seconds] = m.slice(2, 6).map((x) => Number(x ?? 0)) as [number, number, number, number];
  const micros = ((days * 24 + hours) * 60 + minutes) * 60e6 + seconds * 1e6 + Number((m[6] ?? '0').padEnd(6, '0'));
  return { temporal: 'days', text: '', amount: m[1] ? -micros : micros };
}

function dayOfYear(v: Value): Value {
  if (!isTemporal(v)) return null;
  const [y, m, d] = v.text.slice(0, 10).split('-').map(Number) as [number, number, number];
  return num(Array.from({ length: m - 1 }, (_, i) => monthLength(y, i + 1)).reduce((a, b) => a + b, 0) + d);
}

const text2 = (f: (a: string, b: string) => Value): Fn => (a, b) => (typeof a === 'string' && typeof b === 'string' ? f(a, b) : null);
const text1 = (f: (a: string) => Value): Fn => (a) => (typeof a === 'string' ? f(a) : null);
const contains = (items: Value, x: Value): boolean => list(items).some((i) => equal(i, x ?? null) === true);

export const FUNCTIONS: Readonly<Record<string, Fn>> = {
  abs: (n) => (isDecimal(n!) ? n.abs() : null),
  floor: rounded(3), ceiling: rounded(2), decimal: rounded(6), 'round half even': rounded(6), 'round half up': rounded(4),
  'round half down': rounded(5), 'round up': rounded(0), 'round down': rounded(1),
  modulo: (a, b) => (isDecimal(a!) && isDecimal(b!) && !b.isZero() ? a.minus(b.mul(a.div(b).floor())) : null),
  even: (n) => (isDecimal(n!) && n.isInteger() ? n.mod(2).isZero() : null),
  odd: (n) => (isDecimal(n!) && n.isInteger() ? !n.mod(2).isZero() : null),
  string: (v) => show(v!),
  number: text1((t) => (/^-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?$/.test(t) ? new Decimal(t) : null)),
  'string length': text1((t) => num([...t].length)),
  'upper case': text1((t) => t.toUpperCase()), 'lower case': text1((t) => t.toLowerCase()), trim: text1((t) => t.trim()),
  substring: (t, s, l) => (typeof t === 'string' && isDecimal(s!) ? substring(t, Math.trunc(s.toNumber()), isDecimal(l!) ? Math.trunc(l.toNumber()) : undefined) : null),
  'substring before': text2((t, m) => (m && t.includes(m) ? t.slice(0, t.indexOf(m)) : '')),
  'substring after': text2((t, m) => (t.includes(m) ? t.slice(t.indexOf(m) + m.length) : '')),
  contains: text2((t, m) => t.includes(m)), 'starts with': text2((t, m) => t.startsWith(m)), 'ends with': text2((t, m) => t.endsWith(m)),
  'string join': (items, d) => { const parts = list(items!).filter((i) => i !== null); return parts.every((p) => typeof p === 'string') ? parts.join(typeof d === 'string' ? d : '') : null; },
  count: (v) => num(list(v!).length), sum, mean: (v) => { const n = numbers(v!); return n ? (sum(v) as Decimal).div(n.length) : null; },
  min: extreme((a, b) => less(a, b)), max: extreme((a, b) => less(b, a)),
  all: (v) => (list(v!).includes(false) ? false : list(v!).every((x) => x === true) ? true : null),
  any: (v) => (list(v!).includes(true) ? true : list(v!).every((x) => x === false) ? false : null),
  'list contains': (items, x) => contains(items!, x!),
  append: (items, ...more) => [...list(items!), ...more], concatenate: (...lists) => lists.flatMap((l) => [...list(l)]),
  'distinct values': (v) => list(v!).reduce<Value[]>((kept, x) => (contains(kept, x) ? kept : [...kept, x]), []),
  flatten: (v) => flatten(v!), reverse: (v) => [...list(v!)].reverse(),
  'index of': (items, x) => list(items!).flatMap((item, i) => (equal(item, x!) === true ? [num(i + 1)] : [])),
  date: makeDate, 'date and time': (v) => (typeof v === 'string' ? readDatetime(v) : isTemporal(v!) ? (v.temporal === 'date' ? datetime(`${v.text}T00:00:00Z`) : v) : null),
  duration, 'day of year': dayOfYear,
};
/** Functions whose null is an answer, and those that take a null argument. */
export const TAKES_NULL = new Set(['list contains', 'append', 'index of', 'string join']);

function flatten(v: Value): Value[] { return list(v).flatMap((x) => (isList(x) ? flatten(x) : [x])); }

export function readDatetime(text: string): Temporal | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return null;
  const ms = Date.parse(/Z$|[+-]\d{2}:\d{2}$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(ms) ? null : datetime(new Date(ms).toISOString().replace('.000Z', 'Z'));
}

export function member(v: Value, operator: string, test: Value, compare: (op: string, a: Value, b: Value) => boolean | null): boolean | null {
  if (operator !== 'in') return compare(operator, v, test);
  if (isRange(test)) return inRange(v, test);
  if (isList(test)) return test.some((item) => (isRange(item) ? inRange(v, item) : equal(v, item)) === true);
  return compare('=', v, test);
}
export { isContext };
