/**
 * The engine's checked tree → a closure. Compiled once, run on every keystroke. A rule that cannot be worked out answers null; a rule
 * that needs a value the browser was not sent, or a function only the server has, answers undefined; neither ever throws.
 */
import { arithmetic, negate } from './arithmetic.ts';
import { FUNCTIONS, SPREADS, mayBeNull, property } from './functions.ts';
import { dateOf, daysOf, monthsOf, readDate, readTime } from './temporal.ts';
import { type Context, Decimal, type FunctionValue, type Range, type Value, datetime, equal, inRange, isContext, isDecimal, isFunction, isList, isRange, isTemporal, kind as kindOf, less } from './values.ts';

export type Tree = readonly [string, ...unknown[]];
export type Scope = Context;
export type Compiled = (scope: Scope) => Value;

const STEPS_MAX = 200_000;
const LIST_MAX = 100_000;
/** Time of one evaluation, looked at now and then while it spends steps. */
const EVALUATION_MS = 2_000;
const STEPS_BETWEEN_LOOKS = 50;
/** Ends the whole evaluation; never leaves `compile`. */
class OverBudget extends Error {}
let steps = 0;
let lookAt = 0;
let until = 0;
function spend(n = 1): void {
  steps -= n;
  if (steps >= lookAt) return;
  const now = performance.now();
  until ||= now + EVALUATION_MS;
  if (steps < 0 || now > until) throw new OverBudget();
  lookAt = Math.max(steps - STEPS_BETWEEN_LOOKS, 0);
}

export function compile(tree: Tree): Compiled {
  const run = node(tree);
  return (scope) => {
    [steps, lookAt, until] = [STEPS_MAX, STEPS_MAX - STEPS_BETWEEN_LOOKS, 0];
    try {
      return run(scope);
    } catch {
      return null;
    }
  };
}

const t = (x: unknown): Tree => x as Tree;
const UNKNOWN = undefined;
const isSpread = (v: Value): boolean => isList(v) && v.includes(UNKNOWN);

function node(tree: Tree): Compiled {
  const [kind, a, b, c] = tree;
  switch (kind) {
    case 'num': { const n = new Decimal(a as string); return () => n; }
    case 'str': case 'bool': return () => a as string | boolean;
    case 'null': return () => null;
    case 'date': { const d = readDate(a as string); return () => d; }
    case 'datetime': { const d = datetime(a as string); return () => d; }
    case 'time': { const d = readTime(a as string); return () => d; }
    case 'days': { const d = daysOf(BigInt(a as string)); return () => d; }
    case 'months': { const d = monthsOf(BigInt(a as number)); return () => d; }
    case 'name': return (s) => (a as string) in s ? s[a as string] : builtIn(a as string);
    case 'path': { const source = node(t(a)); return (s) => path(source(s), b as string); }
    case 'filter': { const source = node(t(a)); const condition = node(t(b)); const fixed = t(b)[0] === 'num'; return (s) => filter(source(s), condition, s, fixed); }
    case 'neg': { const x = node(t(a)); return (s) => { const v = x(s); return v === null || v === UNKNOWN ? v : negate(v); }; }
    case 'op': { const left = node(t(b)); const right = node(t(c)); return (s) => operate(a as string, left(s), right(s)); }
    case 'cmp': { const left = node(t(b)); const right = node(t(c)); return (s) => compare(a as string, left(s), right(s)); }
    case 'and': case 'or': { const left = node(t(a)); const right = node(t(b)); return (s) => logic(kind === 'or', left(s), () => right(s)); }
    case 'if': { const [test, yes, no] = [node(t(a)), node(t(b)), node(t(c))]; return (s) => { const v = test(s); return v === UNKNOWN ? UNKNOWN : v === true ? yes(s) : no(s); }; }
    case 'between': { const [x, low, high] = [node(t(a)), node(t(b)), node(t(c))]; return (s) => { const v = x(s); return logic(false, compare('>=', v, low(s)), () => compare('<=', v, high(s))); }; }
    case 'in': return isIn(node(t(a)), b as [string, Tree][]);
    case 'range': return range(node(t(a)), node(t(b)), tree);
    case 'call': return call(a as string, (b as Tree[]).map(node));
    case 'invoke': { const callee = node(t(a)); const args = (b as Tree[]).map(node); return (s) => { const f = callee(s); return isFunction(f) ? invoke(f, args.map((x) => x(s))) : f === UNKNOWN ? UNKNOWN : null; }; }
    case 'function': return made(a as string[], node(t(b)));
    case 'instance': { const x = node(t(a)); return (s) => instance(x(s), b as string); }
    case 'list': { const items = (a as Tree[]).map(node); return (s) => items.map((i) => i(s)); }
    case 'context': return context((a as [string, Tree][]).map(([n, v]) => [n, node(v)] as const));
    case 'for': case 'some': case 'every': return loop(kind, (a as [string, Tree][]).map(([n, v]) => [n, node(v)] as const), node(t(b)));
    default: return () => UNKNOWN;
  }
}

function path(source: Value, name: string): Value {
  if (source === null || source === UNKNOWN) return source;
  if (isList(source)) { spend(source.length); const items = source.map((i) => path(i, name)); return items.includes(UNKNOWN) ? UNKNOWN : items; }
  if (isContext(source)) return name in source ? source[name] : 'id' in source ? UNKNOWN : null;
  return property(source, name);
}

function position(items: readonly Value[], at: Decimal): Value {
  const n = at.trunc().toNumber();
  return (n > 0 ? items[n - 1] : n < 0 ? items[items.length + n] : null) ?? null;
}

function filter(source: Value, condition: Compiled, scope: Scope, fixed: boolean): Value {
  if (source === UNKNOWN || (source === null && !fixed)) return source;
  const items = isList(source) ? source : source === null ? [] : [source];
  if (fixed) return position(items, condition(scope) as Decimal);
  const kept: Value[] = [];
  for (const item of items) {
    spend();
    const answer = condition({ ...scope, item, ...(isContext(item) ? item : {}) });
    if (answer === UNKNOWN) return UNKNOWN;
    if (isDecimal(answer)) return position(items, answer);
    if (answer === true) kept.push(item);
    else if (answer !== false && answer !== null) return null;
  }
  return kept;
}

function operate(op: string, a: Value, b: Value): Value {
  if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN;
  return a === null || b === null ? null : arithmetic(op, a, b);
}

function alike(a: Value, b: Value): [Value, Value] {
  if (isList(a) && a.length === 1 && !isList(b) && b !== null) return [a[0], b];
  if (isList(b) && b.length === 1 && !isList(a) && a !== null) return [a, b[0]];
  return [a, b];
}

function compare(op: string, a: Value, b: Value): boolean | null {
  if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN as unknown as null;
  if (op === '=' || op === '!=') { const same = equal(...alike(a, b)); return same === null ? null : op === '=' ? same : !same; }
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
  const compiled = tests.map(([op, test]) => [op, node(test), test[0] === 'range'] as const);
  return (s) => {
    const v = value(s);
    const inner = { ...s, '?': v };
    const answers = compiled.map(([op, test, isRangeNode]) => { const x = test(inner); return v === UNKNOWN || x === UNKNOWN ? UNKNOWN : x === null && isRangeNode ? null : passes(v, op, x); });
    return answers.includes(true) ? true : answers.includes(UNKNOWN) ? UNKNOWN : answers.includes(null) ? null : false;
  };
}

function passes(v: Value, op: string, test: Value): boolean | null {
  if (op === '?') return typeof test === 'boolean' ? test : null;
  if (op !== 'in') return compare(op, v, test);
  if (isRange(test)) return v === null ? null : inRange(isList(v) && v.length === 1 ? v[0] : v, test);
  if (isList(test)) {
    spend(test.length);
    if (isList(v)) return equal(v, test) === true || test.some((item) => equal(v, item) === true);
    return test.some((item) => (isRange(item) && !isRange(v) ? inRange(v, item) : equal(v, item)) === true);
  }
  return compare('=', v, test);
}

function range(low: Compiled, high: Compiled, tree: Tree): Compiled {
  const [, lowTree, highTree, lowIn, highIn, steps] = tree as [string, Tree, Tree, boolean, boolean, boolean];
  const [openLow, openHigh] = [lowTree[0] === 'null', highTree[0] === 'null'];
  return (s): Value => {
    const [first, last] = [low(s), high(s)];
    if (first === UNKNOWN || last === UNKNOWN) return UNKNOWN;
    if ((first === null && !openLow) || (last === null && !openHigh) || (openLow && openHigh)) return null;
    const one = last ?? first;
    if (less(one, one) === null) return null;
    if (!openLow && !openHigh && !steps && less(last, first) !== false) return null;
    return { range: true, low: first, high: last, lowIn, highIn } satisfies Range;
  };
}

function builtIn(name: string): Value {
  const f = FUNCTIONS[name];
  return f ? { call: (given) => apply(name, given), arity: f.length } : null;
}

function invoke(f: FunctionValue, given: Value[]): Value {
  spend();
  return f.call(given);
}

const CALLS_MAX = 60;
let depth = 0;
function made(names: string[], body: Compiled): Compiled {
  return (s) => ({
    arity: names.length,
    call: (given) => {
      if (given.length !== names.length) return null;
      if (depth >= CALLS_MAX) throw new OverBudget();
      depth += 1;
      try {
        return body({ ...s, ...Object.fromEntries(names.map((n, i) => [n, given[i]])) });
      } finally {
        depth -= 1;
      }
    },
  });
}

function apply(name: string, given: Value[]): Value {
  const f = FUNCTIONS[name];
  if (!f || given.some((g) => g === UNKNOWN || isSpread(g))) return UNKNOWN;
  const args = SPREADS.has(name) && given.length > 1 ? [given] : given;
  if (args.some((g, i) => g === null && !mayBeNull(name, i))) return null;
  spend(1 + args.reduce((n: number, g) => n + (isList(g) ? g.length : 0), 0));
  try {
    return f(...args.map((g, i) => (isList(g) && g.length === 1 && TAKES_ONE.has(name) && i === 0 ? g[0] : g)));
  } catch (error) {
    if (error instanceof OverBudget) throw error;
    return null;
  }
}
/** Functions whose first argument is one value: a list of one is its element. */
const TAKES_ONE = new Set(['abs', 'floor', 'ceiling', 'decimal', 'round half up', 'round half down', 'round half even', 'round up', 'round down', 'modulo', 'even', 'odd',
  'sqrt', 'log', 'exp', 'string length', 'upper case', 'lower case', 'substring', 'substring before', 'substring after', 'contains', 'starts with', 'ends with', 'trim',
  'date', 'time', 'date and time', 'duration', 'not', 'day of year', 'day of week', 'month of year', 'week of year']);

function call(name: string, args: Compiled[]): Compiled {
  if (name === 'today') return (s) => (s['$today'] as Value) ?? dateOf(BigInt(Math.floor(Date.now() / 86_400_000)));
  if (name === 'now') return (s) => (s['$now'] as Value) ?? datetime(new Date().toISOString());
  return (s) => {
    const own = name in s ? s[name] : null;
    const given = args.map((a) => a(s));
    return isFunction(own) ? invoke(own, given) : apply(name, given);
  };
}

function instance(v: Value, type: string): Value {
  if (v === UNKNOWN) return UNKNOWN;
  if (v === null) return false;
  const names: Record<string, string> = { string: 'string', text: 'string', 'date and time': 'datetime', 'days and time duration': 'days', 'years and months duration': 'months' };
  return type === 'Any' || kindOf(v) === (names[type] ?? type);
}

/** An entry sees those before it; a function sees all of them, itself among them, by the time it is called. */
function context(entries: (readonly [string, Compiled])[]): Compiled {
  return (s) => {
    const own: Record<string, Value> = {};
    const inner: Record<string, Value> = { ...s };
    for (const [name, value] of entries) own[name] = inner[name] = value(inner);
    return own;
  };
}

function loop(kind: string, sources: (readonly [string, Compiled])[], body: Compiled): Compiled {
  const all = (s: Scope, at: number, out: Value[]): boolean | undefined => {
    const [name, source] = sources[at]!;
    const items = elements(source(s));
    if (!items) return items === UNKNOWN ? UNKNOWN : false;
    for (const item of items) {
      spend();
      const inner = { ...s, [name]: item, ...(kind === 'for' ? { partial: out } : {}) };
      if (at === sources.length - 1) { out.push(body(inner)); if (out.length > LIST_MAX) spend(STEPS_MAX + 1); continue; }
      const more = all(inner, at + 1, out);
      if (!more) return more;
    }
    return true;
  };
  return (s) => {
    const answers: Value[] = [];
    const done = all(s, 0, answers);
    if (!done) return done === UNKNOWN ? UNKNOWN : null;
    if (kind === 'for') return answers;
    const decides = kind === 'some';
    if (answers.includes(decides)) return decides;
    return answers.includes(UNKNOWN) ? UNKNOWN : answers.some((x) => typeof x !== 'boolean') ? null : !decides;
  };
}

/** What a binding runs over: a list, a value alone, or the steps of a range of whole numbers or dates. */
function elements(source: Value): readonly Value[] | null | undefined {
  if (source === null || source === UNKNOWN || isList(source)) return source;
  if (!isRange(source)) return [source];
  const { low, high } = source;
  const dates = isTemporal(low) && isTemporal(high) && low.temporal === 'date' && high.temporal === 'date';
  if (!dates && !(isDecimal(low) && isDecimal(high) && low.isInteger() && high.isInteger())) return null;
  let [first, last] = dates ? [Number(low.amount), Number(high.amount)] : [(low as Decimal).toNumber(), (high as Decimal).toNumber()];
  const step = last >= first ? 1 : -1;
  if (!source.lowIn) first += step;
  if (!source.highIn) last -= step;
  if (Math.abs(last - first) > LIST_MAX) spend(STEPS_MAX + 1);
  const found: Value[] = [];
  for (let n = first; step > 0 ? n <= last : n >= last; n += step) found.push(dates ? dateOf(BigInt(n)) : new Decimal(n));
  return found;
}
