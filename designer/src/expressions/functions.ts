/** The built-in functions: the same names and answers as engine/rules/functions. `null` is "no answer". */
import { limited } from './arithmetic.ts';
import { instantOf, makeDate, monthsOf, parts, readDate, readDatetime, readDuration, readTime, timeOf, DAY, clock, dateOf, floorDiv } from './temporal.ts';
import { Decimal, type Context, type Range, type Value, Wide, equal, isContext, isDecimal, isFunction, isList, isRange, isTemporal, kind, less, show } from './values.ts';

type Fn = (...args: Value[]) => Value;
const num = (n: number): Decimal => new Decimal(n);
const list = (v: Value): readonly Value[] => (isList(v) ? v : [v]);
const numbers = (v: Value): Decimal[] | null => { const items = list(v); return items.length > 0 && items.every(isDecimal) ? (items as Decimal[]) : null; };

function rounded(mode: number): Fn {
  return (n, scale = num(0)) => {
    if (!isDecimal(n) || !isDecimal(scale) || scale.gt(6176) || scale.lt(-6111)) return null;
    const places = scale.trunc().toNumber();
    if (places >= 0) return n.toDecimalPlaces(Math.min(places, 12_000), mode as 0);
    const found = new Decimal(`${n.toFixed()}e${places}`).toDecimalPlaces(0, mode as 0);
    return found.isZero() ? num(0) : new Decimal(`${found.toFixed()}e${-places}`);
  };
}

const sum: Fn = (v) => { const items = numbers(v!); return items && limited(items.reduce((a, b) => a.plus(b))); };
const mean: Fn = (v) => { const total = sum(v); return isDecimal(total!) ? total.div(list(v!).length) : null; };

function median(v: Value): Value {
  const items = numbers(v)?.toSorted((a, b) => a.cmp(b));
  if (!items) return null;
  const half = Math.floor(items.length / 2);
  return items.length % 2 ? items[half]! : items[half - 1]!.plus(items[half]!).div(2);
}

function stddev(v: Value): Value {
  const items = numbers(v);
  const middle = mean(v);
  if (!items || items.length < 2 || !isDecimal(middle!)) return null;
  return items.reduce((a, n) => { const gap = n.minus(middle); return a.plus(gap.mul(gap)); }, num(0)).div(items.length - 1).sqrt();
}

function mode(v: Value): Value {
  const items = list(v);
  if (!items.every(isDecimal)) return null;
  const counts = new Map<string, [Decimal, number]>();
  for (const n of items as Decimal[]) { const key = n.toFixed(); counts.set(key, [counts.get(key)?.[0] ?? n, (counts.get(key)?.[1] ?? 0) + 1]); }
  const most = Math.max(0, ...[...counts.values()].map(([, c]) => c));
  return [...counts.values()].filter(([, c]) => c === most).map(([n]) => n).sort((a, b) => a.cmp(b));
}

function extreme(better: (a: Value, b: Value) => boolean | null): Fn {
  return (v) => {
    const items = list(v!);
    let best: Value = items.length > 0 ? items[0]! : null;
    for (const item of items) {
      const answer = better(item, best);
      if (answer === null) return null;
      if (answer) best = item;
    }
    return best;
  };
}

const decided = (decides: boolean): Fn => (v) => {
  const items = list(v!);
  if (items.includes(decides)) return decides;
  return items.every((x) => x === !decides) ? !decides : null;
};

function substring(text: string, start: number, length?: number): string | null {
  const marks = [...text];
  if (start === 0 || (length !== undefined && length < 1)) return null;
  const begin = start > 0 ? start - 1 : marks.length + start;
  if (!(begin >= 0 && begin < Math.max(marks.length, 1))) return start > 0 ? '' : null;
  return marks.slice(begin, length === undefined ? undefined : begin + length).join('');
}

function number(text: Value, grouping: Value = null, point: Value = null): Value {
  if (typeof text !== 'string' || ![null, ' ', ',', '.'].includes(grouping as null) || ![null, ',', '.'].includes(point as null) || (grouping && grouping === point)) return null;
  const bare = grouping ? text.replaceAll(grouping as string, '') : text;
  const given = point ? bare.replaceAll(point as string, '.') : bare;
  return /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(given) && given.length <= 60 && Math.abs(new Decimal(given).e) <= 60 ? new Wide(given) && new Decimal(given) : null;
}

const at = (items: readonly Value[], position: Value, end = 0): number | null => {
  if (!isDecimal(position)) return null;
  const whole = position.trunc().toNumber();
  const index = whole > 0 ? whole - 1 : items.length + whole;
  return whole !== 0 && index >= 0 && index < items.length + end ? index : null;
};

function sublist(v: Value, start: Value, length?: Value): Value {
  const items = list(v);
  const begin = at(items, start);
  const count = isDecimal(length!) ? length.trunc().toNumber() : null;
  if (begin === null || (count !== null && (count < 1 || begin + count > items.length))) return null;
  return items.slice(begin, count === null ? undefined : begin + count);
}

function splice(v: Value, position: Value, remove: number, put: Value[], end = 0): Value {
  const items = list(v);
  const index = at(items, position, end);
  return index === null ? null : [...items.slice(0, index), ...put, ...items.slice(index + remove)];
}

function replaceIn(v: Value, where: Value, put: Value): Value {
  if (!isFunction(where)) return splice(v, where, 1, [put]);
  const answers = list(v).map((item) => (where.arity === 2 ? where.call([item, put]) : null));
  return answers.every((a) => typeof a === 'boolean') ? list(v).map((item, i) => (answers[i] ? put : item)) : null;
}

function sort(v: Value, precedes?: Value): Value {
  let failed = false;
  const before = (a: Value, b: Value): boolean => {
    const answer = isFunction(precedes) ? (precedes.arity === 2 ? precedes.call([a, b]) : null) : less(a, b);
    if (typeof answer !== 'boolean') failed = true;
    return answer === true;
  };
  const sorted = [...list(v)].sort((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0));
  return failed ? null : sorted;
}

const contains = (items: Value, x: Value): boolean => list(items).some((i) => equal(i, x ?? null) === true);
const unique = (items: readonly Value[]): Value[] => items.reduce<Value[]>((kept, x) => (contains(kept, x) ? kept : [...kept, x]), []);
const flatten = (v: Value): Value[] => list(v).flatMap((x) => (isList(x) ? flatten(x) : [x]));

function context(v: Value): Value {
  const made: Record<string, Value> = {};
  for (const entry of list(v)) {
    if (!isContext(entry) || typeof entry['key'] !== 'string' || entry['key'] in made || !('value' in entry)) return null;
    made[entry['key']] = entry['value'];
  }
  return made;
}

function put(v: Value, key: Value, value: Value): Value {
  const keys = list(key);
  if (!isContext(v) || typeof keys[0] !== 'string') return null;
  if (keys.length === 1) return { ...v, [keys[0]]: value };
  const below = put(v[keys[0]], keys.slice(1), value);
  return below === null ? null : { ...v, [keys[0]]: below };
}

const int = (v: Value): number => (isDecimal(v) && v.isInteger() ? v.toNumber() : NaN);

function dateFrom(source: Value, month?: Value, day?: Value): Value {
  if (typeof source === 'string') return readDate(source);
  if (isTemporal(source)) return source.temporal === 'date' ? source : source.temporal === 'datetime' ? dateOf(floorDiv(source.amount, DAY)) : null;
  return isDecimal(source) ? makeDate(int(source), int(month), int(day)) : null;
}

function timeFrom(source: Value, minute?: Value, second?: Value, zone?: Value): Value {
  if (zone) return undefined;
  if (typeof source === 'string') return readTime(source);
  if (isTemporal(source)) return source.temporal === 'time' ? source : undefined;
  const [h, m] = [int(source), int(minute)];
  if (!isDecimal(second) || !(h >= 0 && h <= 23 && m >= 0 && m <= 59) || second.lt(0) || second.gte(60)) return null;
  return timeOf(BigInt((h * 60 + m) * 60) * 1_000_000n + BigInt(second.mul(1e6).trunc().toFixed()));
}

function datetimeFrom(source: Value, time?: Value, ...more: Value[]): Value {
  if (typeof source === 'string') return readDatetime(source);
  if (isDecimal(source)) {
    const [day, at] = [dateFrom(source, time, more[0]), timeFrom(more[1], more[2], more[3], more[4])];
    return at === undefined ? undefined : day && at ? datetimeFrom(day, at) : null;
  }
  if (!isTemporal(source)) return null;
  const day = source.temporal === 'date' ? source.amount : floorDiv(source.amount, DAY);
  if (isTemporal(time)) return instantOf(day * DAY + time.amount);
  return source.temporal === 'date' ? instantOf(day * DAY) : source;
}

function monthsBetween(from: Value, to: Value): Value {
  if (!isTemporal(from) || !isTemporal(to)) return null;
  const [a, b] = [parts(from), parts(to)];
  const months = (b.year - a.year) * 12 + b.month - a.month;
  return monthsOf(BigInt(months > 0 && b.day < a.day ? months - 1 : months < 0 && b.day > a.day ? months + 1 : months));
}

function dayOfYear(v: Value): Value {
  if (!isTemporal(v)) return null;
  const day = v.temporal === 'date' ? v.amount : floorDiv(v.amount, DAY);
  return num(Number(day - makeDate(parts(v).year, 1, 1)!.amount) + 1);
}

function weekOfYear(v: Value): Value {
  if (!isTemporal(v)) return null;
  const day = v.temporal === 'date' ? v.amount : floorDiv(v.amount, DAY);
  const thursday = dateOf(day - BigInt(parts(v).weekday) + 4n);
  return num(Math.floor((Number(thursday.amount - makeDate(parts(thursday).year, 1, 1)!.amount)) / 7) + 1);
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

const closed = (v: Value): boolean => !isRange(v) || (v.low !== null && v.high !== null);
const need = (answer: boolean | null): boolean => { if (answer === null) throw new TypeError('not comparable'); return answer; };
const lt = (a: Value, b: Value): boolean => need(less(a, b));
const eq = (a: Value, b: Value): boolean => need(equal(a, b));
const relation = (f: (a: Range, b: Range) => boolean): Fn => (a, b) => (closed(a!) && closed(b!) ? f(a as Range, b as Range) : null);
const before = (a: Value, b: Value): boolean => {
  const [end, endIn] = isRange(a) ? [a.high, a.highIn] : [a, true];
  const [start, startIn] = isRange(b) ? [b.low, b.lowIn] : [b, true];
  return lt(end, start) || ((!endIn || !startIn) && eq(end, start));
};
const meets = (a: Range, b: Range): boolean => a.highIn && b.lowIn && eq(a.high, b.low);
const startsNoLater = (a: Range, b: Range): boolean => lt(a.low, b.low) || (eq(a.low, b.low) && (a.lowIn || !b.lowIn));
const endsNoLater = (a: Range, b: Range): boolean => lt(a.high, b.high) || (eq(a.high, b.high) && (b.highIn || !a.highIn));
const overlaps = (a: Range, b: Range): boolean => !before(a, b) && !before(b, a);
const startsFirst = (a: Range, b: Range): boolean => lt(a.low, b.low) || (eq(a.low, b.low) && a.lowIn && !b.lowIn);
const finishes = (a: Value, b: Range): boolean => (isRange(a) ? a.highIn === b.highIn && eq(a.high, b.high) && startsNoLater(b, a) : b.highIn && eq(a, b.high));
const starts = (a: Value, b: Range): boolean => (isRange(a) ? a.lowIn === b.lowIn && eq(a.low, b.low) && endsNoLater(a, b) : b.lowIn && eq(a, b.low));
const includes = (a: Range, b: Value): boolean => (isRange(b) ? startsNoLater(a, b) && endsNoLater(b, a)
  : (lt(a.low, b) || (a.lowIn && eq(a.low, b))) && (lt(b, a.high) || (a.highIn && eq(b, a.high))));
const coincides = (a: Value, b: Value): boolean => (isRange(a) && isRange(b) ? a.lowIn === b.lowIn && a.highIn === b.highIn && eq(a.low, b.low) && eq(a.high, b.high) : need(isRange(a) === isRange(b) ? equal(a, b) : null));

const text1 = (f: (a: string) => Value): Fn => (a) => (typeof a === 'string' ? f(a) : null);
const text2 = (f: (a: string, b: string) => Value): Fn => (a, b) => (typeof a === 'string' && typeof b === 'string' ? f(a, b) : null);
const number1 = (f: (n: Decimal) => Value): Fn => (n) => (isDecimal(n!) ? f(n) : null);

function modulo(a: Value, b: Value): Value {
  if (!isDecimal(a) || !isDecimal(b) || b.isZero() || (!a.isZero() && Math.abs(a.e - b.e) > 80)) return null;
  const Long = Wide.clone({ precision: 200, modulo: 1 });
  const rest = new Long(a).mod(new Long(b));
  return new Decimal(rest.isZero() || rest.isNegative() === b.isNegative() ? rest : rest.plus(b)).toSignificantDigits(34);
}

export const FUNCTIONS: Readonly<Record<string, Fn>> = {
  abs: (n) => (isDecimal(n!) ? n.abs() : isTemporal(n!) ? { ...n, amount: n.amount < 0n ? -n.amount : n.amount } : null),
  floor: rounded(3), ceiling: rounded(2), decimal: rounded(6), 'round half even': rounded(6), 'round half up': rounded(4),
  'round half down': rounded(5), 'round up': rounded(0), 'round down': rounded(1), modulo: (a, b) => modulo(a!, b!),
  even: number1((n) => (n.isInteger() ? n.mod(2).isZero() : null)), odd: number1((n) => (n.isInteger() ? !n.mod(2).isZero() : null)),
  sqrt: number1((n) => (n.isNegative() && !n.isZero() ? null : n.sqrt())), log: number1((n) => (n.gt(0) ? n.ln() : null)), exp: number1((n) => limited(n.exp())),
  string: (v) => show(v!), number: (t, g, p) => number(t!, g ?? null, p ?? null),
  'string length': text1((t) => num([...t].length)),
  'upper case': text1((t) => t.toUpperCase()), 'lower case': text1((t) => t.toLowerCase()), trim: text1((t) => t.trim()),
  substring: (t, s, l) => (typeof t === 'string' && isDecimal(s!) ? substring(t, s.trunc().toNumber(), isDecimal(l!) ? (l.lt(1) ? 0 : l.trunc().toNumber()) : undefined) : null),
  'substring before': text2((t, m) => (m && t.includes(m) ? t.slice(0, t.indexOf(m)) : '')),
  'substring after': text2((t, m) => (t.includes(m) ? t.slice(t.indexOf(m) + m.length) : '')),
  contains: text2((t, m) => t.includes(m)), 'starts with': text2((t, m) => t.startsWith(m)), 'ends with': text2((t, m) => t.endsWith(m)),
  'string join': (items, d) => { const known = list(items!).filter((i) => i !== null); return known.every((p) => typeof p === 'string') ? known.join(typeof d === 'string' ? d : '') : null; },
  count: (v) => num(list(v!).length), sum, mean, median: (v) => median(v!), stddev: (v) => stddev(v!), mode: (v) => mode(v!),
  product: (v) => { const items = numbers(v!); return items && limited(items.reduce((a, b) => a.mul(b), num(1))); },
  min: extreme(less), max: extreme((a, b) => less(b, a)), all: decided(false), any: decided(true),
  'list contains': (items, x) => contains(items!, x!),
  append: (items, ...more) => [...list(items!), ...more], concatenate: (...lists) => lists.flatMap((l) => [...list(l)]),
  union: (...lists) => unique(lists.flatMap((l) => [...list(l)])), 'distinct values': (v) => unique(list(v!)),
  flatten: (v) => flatten(v!), reverse: (v) => [...list(v!)].reverse(), sublist: (v, s, l) => sublist(v!, s!, l),
  'insert before': (v, p, x) => splice(v!, p!, 0, [x!], 1), remove: (v, p) => splice(v!, p!, 1, []), 'list replace': (v, p, x) => replaceIn(v!, p!, x!),
  sort: (v, f) => sort(v!, f), 'index of': (items, x) => list(items!).flatMap((item, i) => (equal(item, x!) === true ? [num(i + 1)] : [])),
  'get value': (m, key) => { let found: Value = m!; for (const k of list(key!)) found = isContext(found) && typeof k === 'string' && k in found ? found[k] : null; return found; },
  'get entries': (m) => (isContext(m!) ? Object.entries(m).map(([key, value]): Context => ({ key, value })) : null),
  context: (v) => context(v!), 'context put': (m, k, v) => put(m!, k!, v!),
  'context merge': (v) => (list(v!).every(isContext) ? Object.assign({}, ...(list(v!) as Context[])) as Context : null),
  date: dateFrom, time: timeFrom, 'date and time': datetimeFrom, duration: (v) => (typeof v === 'string' ? readDuration(v) : v!),
  'years and months duration': (a, b) => monthsBetween(a!, b!), 'day of year': (v) => dayOfYear(v!), 'week of year': (v) => weekOfYear(v!),
  'day of week': (v) => (isTemporal(v!) ? DAYS[parts(v).weekday - 1]! : null), 'month of year': (v) => (isTemporal(v!) ? MONTHS[parts(v).month - 1]! : null),
  not: (v) => (typeof v === 'boolean' ? !v : null), is: (a, b) => kind(a!) === kind(b!) && equal(a!, b ?? null) === true,
  before: relation((a, b) => before(a, b)), after: relation((a, b) => before(b, a)), meets: relation(meets), 'met by': relation((a, b) => meets(b, a)),
  overlaps: relation(overlaps), 'overlaps before': relation((a, b) => startsFirst(a, b) && overlaps(a, b) && endsNoLater(a, b)),
  'overlaps after': relation((a, b) => startsFirst(b, a) && overlaps(a, b) && endsNoLater(b, a)),
  finishes: relation(finishes), 'finished by': relation((a, b) => finishes(b, a)), starts: relation(starts), 'started by': relation((a, b) => starts(b, a)),
  includes: relation(includes), during: relation((a, b) => includes(b, a)), coincides: relation(coincides),
};
/** The arguments that may be null, by function (positions from 0). */
const NULLABLE: Readonly<Record<string, readonly number[]>> = {
  'list contains': [1], append: [1], 'index of': [1], 'string join': [1], number: [1, 2], 'insert before': [2], 'list replace': [2], 'context put': [2],
  time: [3], is: [0, 1],
};
export const mayBeNull = (name: string, position: number): boolean => NULLABLE[name]?.includes(name === 'append' ? Math.min(position, 1) : position) ?? false;
/** Functions of one list that also take its elements one by one. */
export const SPREADS: ReadonlySet<string> = new Set(['sum', 'product', 'mean', 'median', 'stddev', 'mode', 'min', 'max', 'all', 'any']);

/** Parts of values that are no contexts. */
export function property(v: Value, name: string): Value {
  if (isRange(v)) return { start: v.low, end: v.high, 'start included': v.lowIn, 'end included': v.highIn }[name] ?? null;
  if (!isTemporal(v)) return null;
  const n = (x: number | bigint): Decimal => new Decimal(String(x));
  const size = v.amount < 0n ? -v.amount : v.amount;
  const signed = (x: bigint): Decimal => n(v.amount < 0n ? -x : x);
  if (v.temporal === 'months') return name === 'years' ? signed(size / 12n) : name === 'months' ? signed(size % 12n) : null;
  if (v.temporal === 'days') {
    const seconds = size / 1_000_000n;
    const found = { days: seconds / 86_400n, hours: (seconds / 3600n) % 24n, minutes: (seconds / 60n) % 60n, seconds: seconds % 60n }[name];
    return found === undefined ? null : signed(found);
  }
  if (v.temporal !== 'time' && (name === 'year' || name === 'month' || name === 'day' || name === 'weekday')) return n(parts(v)[name]);
  if (v.temporal !== 'date' && (name === 'hour' || name === 'minute' || name === 'second')) return n(clock(v)[name]);
  return v.temporal === 'datetime' && name === 'time offset' ? { temporal: 'days', amount: 0n } : v.temporal === 'datetime' && name === 'timezone' ? 'Z' : null;
}
