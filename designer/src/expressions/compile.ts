/**
 * The engine's checked tree → a closure. Compiled once, run on every keystroke. A rule that cannot be worked out answers null; a rule
 * that needs a value the browser was not sent answers undefined; neither ever throws.
 */
import { FUNCTIONS, TAKES_NULL, member, monthLength } from './functions.ts';
import { type Context, Decimal, type Temporal, type Value, date, datetime, equal, isContext, isDecimal, isList, isTemporal, less } from './values.ts';

export type Tree = readonly [string, ...unknown[]];
export type Scope = Context;
export type Compiled = (scope: Scope) => Value;

export function compile(tree: Tree): Compiled {
  const run = node(tree);
  return (scope) => {
    try {
      return run(scope);
    } catch {
      return null;
    }
  };
}

const t = (x: unknown): Tree => x as Tree;
const UNKNOWN = undefined;

function node(tree: Tree): Compiled {
  const [kind, a, b, c] = tree;
  switch (kind) {
    case 'num': { const n = new Decimal(a as string); return () => n; }
    case 'str': case 'bool': return () => a as string | boolean;
    case 'null': return () => null;
    case 'date': { const d = date(a as string); return () => d; }
    case 'datetime': { const d = datetime(a as string); return () => d; }
    case 'days': { const d: Temporal = { temporal: 'days', text: '', amount: Number(a) }; return () => d; }
    case 'months': { const d: Temporal = { temporal: 'months', text: '', amount: a as number }; return () => d; }
    case 'name': return (s) => (a as string) in s ? s[a as string] : null;
    case 'path': { const source = node(t(a)); return (s) => path(source(s), b as string); }
    case 'filter': { const source = node(t(a)); const condition = node(t(b)); return (s) => filter(source(s), condition, s); }
    case 'neg': { const x = node(t(a)); return (s) => negate(x(s)); }
    case 'op': { const left = node(t(b)); const right = node(t(c)); return (s) => arithmetic(a as string, left(s), right(s)); }
    case 'cmp': { const left = node(t(b)); const right = node(t(c)); return (s) => compare(a as string, left(s), right(s)); }
    case 'and': case 'or': { const left = node(t(a)); const right = node(t(b)); return (s) => logic(kind === 'or', left(s), () => right(s)); }
    case 'not': { const x = node(t(a)); return (s) => { const v = x(s); return typeof v === 'boolean' ? !v : v === UNKNOWN ? UNKNOWN : null; }; }
    case 'if': { const [test, yes, no] = [node(t(a)), node(t(b)), node(t(c))]; return (s) => { const v = test(s); return v === UNKNOWN ? UNKNOWN : v === true ? yes(s) : no(s); }; }
    case 'between': { const [x, low, high] = [node(t(a)), node(t(b)), node(t(c))]; return (s) => { const v = x(s); return logic(false, compare('>=', v, low(s)), () => compare('<=', v, high(s))); }; }
    case 'in': return isIn(node(t(a)), b as [string, Tree][]);
    case 'range': { const [low, high] = [node(t(a)), node(t(b))]; return (s) => ({ range: true, low: low(s) ?? null, high: high(s) ?? null, lowIn: c as boolean, highIn: tree[4] as boolean }); }
    case 'call': return call(a as string, (b as Tree[]).map(node));
    case 'list': { const items = (a as Tree[]).map(node); return (s) => items.map((i) => i(s)); }
    case 'context': { const entries = (a as [string, Tree][]).map(([n, v]) => [n, node(v)] as const); return (s) => Object.fromEntries(entries.map(([n, v]) => [n, v(s)])); }
    case 'for': case 'some': case 'every': return loop(kind, (a as [string, Tree][]).map(([n, v]) => [n, node(v)] as const), node(t(b)));
    default: return () => null;
  }
}

function path(source: Value, name: string): Value {
  if (source === null || source === UNKNOWN) return source;
  if (isList(source)) { const items = source.map((i) => path(i, name)); return items.includes(UNKNOWN) ? UNKNOWN : items; }
  if (isTemporal(source)) return part(source, name);
  if (isContext(source)) return name in source ? source[name] : 'id' in source ? UNKNOWN : null;
  return null;
}

function part(v: Temporal, name: string): Value {
  const at = { year: [0, 4], month: [5, 7], day: [8, 10], hour: [11, 13], minute: [14, 16], second: [17, 19] }[name];
  if (at && v.text && (at[0]! < 10 || v.temporal === 'datetime')) return new Decimal(v.text.slice(at[0], at[1]) || '0');
  if (name === 'weekday' && v.text) return new Decimal(new Date(`${v.text.slice(0, 10)}T00:00:00Z`).getUTCDay() || 7);
  return null;
}

function filter(source: Value, condition: Compiled, scope: Scope): Value {
  if (source === null || source === UNKNOWN) return source;
  const items = isList(source) ? source : [source];
  const kept: Value[] = [];
  for (const item of items) {
    const answer = condition({ ...scope, item, ...(isContext(item) ? item : {}) });
    if (answer === UNKNOWN) return UNKNOWN;
    if (isDecimal(answer)) { const n = Math.trunc(answer.toNumber()); return items[n > 0 ? n - 1 : items.length + n] ?? null; }
    if (answer === true) kept.push(item);
  }
  return kept;
}

function negate(v: Value): Value {
  if (isDecimal(v)) return v.neg();
  return isTemporal(v) && !v.text ? { ...v, amount: -v.amount } : v === UNKNOWN ? UNKNOWN : null;
}

function arithmetic(op: string, a: Value, b: Value): Value {
  if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN;
  if (a === null || b === null) return null;
  if (isDecimal(a) && isDecimal(b)) return numbers(op, a, b);
  if (typeof a === 'string' && typeof b === 'string' && op === '+') return a + b;
  return isTemporal(a) && isTemporal(b) ? temporal(op, a, b) : null;
}

function numbers(op: string, a: Decimal, b: Decimal): Value {
  if (op === '/') return b.isZero() ? null : a.div(b);
  if (op === '**') return b.abs().gt(6000) || (!a.isZero() && (a.e + 1) * b.abs().toNumber() > 6000) ? null : a.pow(b);
  return op === '+' ? a.plus(b) : op === '-' ? a.minus(b) : a.mul(b);
}

const DAY = 86_400_000_000;
function temporal(op: string, a: Temporal, b: Temporal): Value {
  const sign = op === '-' ? -1 : 1;
  if (!a.text && b.text && op === '+') return temporal(op, b, a);
  if (a.text && b.text && op === '-') return { temporal: 'days', text: '', amount: (micros(a) - micros(b)) };
  if (a.text && b.temporal === 'months') return addMonths(a, sign * b.amount);
  if (a.text && b.temporal === 'days')
    return a.temporal === 'date' ? date(iso(micros(a) + Math.trunc((sign * b.amount) / DAY) * DAY).slice(0, 10)) : datetime(iso(micros(a) + sign * b.amount));
  return !a.text && !b.text && a.temporal === b.temporal && op !== '*' && op !== '/' ? { ...a, amount: a.amount + sign * b.amount } : null;
}
const micros = (v: Temporal): number => Date.parse(v.temporal === 'date' ? `${v.text}T00:00:00Z` : v.text) * 1000;
const iso = (us: number): string => new Date(us / 1000).toISOString().replace('.000Z', 'Z');

function addMonths(v: Temporal, months: number): Value {
  const [y, m, d] = v.text.slice(0, 10).split('-').map(Number) as [number, number, number];
  const index = y * 12 + m - 1 + months;
  const [year, month] = [Math.floor(index / 12), (index % 12 + 12) % 12 + 1];
  if (year < 1 || year > 9999) return null;
  const text = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(Math.min(d, monthLength(year, month))).padStart(2, '0')].join('-');
  return { ...v, text: text + v.text.slice(10) };
}

function compare(op: string, a: Value, b: Value): boolean | null {
  if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN as unknown as null;
  if (op === '=' || op === '!=') { const same = equal(a, b); return same === null ? null : op === '=' ? same : !same; }
  if (a === null || b === null) return null;
  const [left, right] = op === '>' || op === '<=' ? [b, a] : [a, b];
  const below = less(left, right);
  return below === null ? null : op === '<' || op === '>' ? below : !below;
}

function logic(or: boolean, left: Value, right: () => Value): Value {
  if (left === or) return or;
  const second = right();
  if (second === or) return or;
  if (left === UNKNOWN || second === UNKNOWN) return UNKNOWN;
  return left === !or && second === !or ? !or : null;
}

function isIn(value: Compiled, tests: [string, Tree][]): Compiled {
  const compiled = tests.map(([op, test]) => [op, node(test)] as const);
  return (s) => {
    const v = value(s);
    const answers = compiled.map(([op, test]) => { const x = test(s); return v === UNKNOWN || x === UNKNOWN ? UNKNOWN : member(v, op, x, compare); });
    return answers.includes(true) ? true : answers.includes(UNKNOWN) ? UNKNOWN : answers.includes(null) ? null : false;
  };
}

function call(name: string, args: Compiled[]): Compiled {
  if (name === 'today') return (s) => (s['$today'] as Value) ?? date(new Date().toISOString().slice(0, 10));
  if (name === 'now') return () => datetime(new Date().toISOString());
  const f = FUNCTIONS[name];
  return (s) => {
    const given = args.map((a) => a(s));
    if (!f || given.some((g) => g === UNKNOWN || (isList(g) && g.includes(UNKNOWN)))) return UNKNOWN;
    if (TAKES_NULL.has(name) ? given[0] === null : given.includes(null)) return null;
    return f(...given);
  };
}

function loop(kind: string, sources: (readonly [string, Compiled])[], body: Compiled): Compiled {
  const all = (s: Scope, at: number): Value[] | null | undefined => {
    const [name, source] = sources[at]!;
    const items = source(s);
    if (!isList(items)) return items === UNKNOWN ? UNKNOWN : null;
    const out: Value[] = [];
    for (const item of items) {
      const inner = { ...s, [name]: item };
      if (at === sources.length - 1) { out.push(body(inner)); continue; }
      const more = all(inner, at + 1);
      if (!more) return more;
      out.push(...more);
    }
    return out;
  };
  return (s) => {
    const answers = all(s, 0);
    if (!answers) return answers;
    if (kind === 'for') return answers;
    const decides = kind === 'some';
    if (answers.includes(decides)) return decides;
    return answers.includes(UNKNOWN) ? UNKNOWN : answers.some((x) => typeof x !== 'boolean') ? null : !decides;
  };
}
