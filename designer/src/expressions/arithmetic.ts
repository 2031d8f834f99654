/** `+ - * / **` of values that are not null: engine/rules/arithmetic.py, step by step. Null: no answer. */
import { DAY, type Temporal, addMonths, dateOf, daysOf, floorDiv, floorMod, instantOf, monthsOf, spanWithin, timeOf, within } from './temporal.ts';
import { Decimal, type Value, Wide, isDecimal, isTemporal } from './values.ts';

const EXPONENT_MAX = 6000;
const STRING_MAX = 1_000_000;

/** A result that the server would have too: neither too large nor too small. */
export const limited = (n: Decimal): Decimal | null => (n.isFinite() && (n.isZero() || Math.abs(n.e) <= EXPONENT_MAX) ? n : null);

export function arithmetic(op: string, a: Value, b: Value): Value {
  if (isDecimal(a) && isDecimal(b)) return numbers(op, a, b);
  if (typeof a === 'string' && typeof b === 'string') return op === '+' && a.length + b.length <= 2 * STRING_MAX ? a + b : null;
  return isTemporal(a) || isTemporal(b) ? temporal(op, a, b) : null;
}

function numbers(op: string, a: Decimal, b: Decimal): Value {
  if (op === '/') return b.isZero() ? null : limited(a.div(b));
  if (op === '**') return power(a, b);
  return limited(op === '+' ? a.plus(b) : op === '-' ? a.minus(b) : a.mul(b));
}

function power(base: Decimal, exponent: Decimal): Value {
  if (!exponent.isInteger()) { const n = base.isNegative() && !base.isZero() ? null : base.pow(exponent); return n && limited(n); }
  if (exponent.abs().gt(EXPONENT_MAX * 5) || (base.isZero() && exponent.isNegative() && !exponent.isZero())) return null;
  let [whole, result, factor] = [Math.abs(exponent.toNumber()), new Wide(1), new Wide(base)];
  while (whole > 0) {
    if (whole % 2) result = result.mul(factor);
    whole = Math.floor(whole / 2);
    if (whole) factor = factor.mul(factor);
    if (Math.abs(result.e) > 200_000 || Math.abs(factor.e) > 200_000) return null;
  }
  const found = exponent.isNegative() && !exponent.isZero() ? new Wide(1).div(result) : result;
  return limited(new Decimal(found).toSignificantDigits(34));
}

export function negate(v: Value): Value {
  if (isDecimal(v)) return v.isZero() ? v : v.neg();
  return isTemporal(v) && (v.temporal === 'days' || v.temporal === 'months') ? { ...v, amount: -v.amount } : null;
}

const isPoint = (v: Value): v is Temporal => isTemporal(v) && v.temporal !== 'days' && v.temporal !== 'months';
const isSpan = (v: Value): v is Temporal => isTemporal(v) && !isPoint(v);
const instant = (v: Temporal): bigint => (v.temporal === 'date' ? v.amount * DAY : v.amount);

function temporal(op: string, a: Value, b: Value): Value {
  if (op === '+' && isPoint(b) && !isPoint(a)) return temporal(op, b, a);
  if (isPoint(a) && isPoint(b)) {
    if (op !== '-' || (a.temporal === 'time') !== (b.temporal === 'time')) return null;
    return daysOf(a.temporal === 'time' ? a.amount - b.amount : instant(a) - instant(b));
  }
  if (isPoint(a)) return (op === '+' || op === '-') && isSpan(b) ? moved(a, b, op === '+' ? 1n : -1n) : null;
  return spans(op, a, b);
}

function moved(a: Temporal, span: Temporal, sign: bigint): Value {
  if (span.temporal === 'months') return a.temporal === 'time' ? null : addMonths(a, Number(sign * span.amount));
  if (a.temporal === 'time') return timeOf(floorMod(a.amount + sign * span.amount, DAY));
  return within(a.temporal === 'date' ? dateOf(a.amount + floorDiv(sign * span.amount, DAY)) : instantOf(a.amount + sign * span.amount));
}

function spans(op: string, a: Value, b: Value): Value {
  if (op === '*' && isDecimal(a)) return spans(op, b, a);
  if (!isSpan(a) || op === '**') return null;
  const back = (n: bigint): Value => (a.temporal === 'months' ? monthsOf(n) : spanWithin(daysOf(n)));
  if (isSpan(b)) {
    if (b.temporal !== a.temporal || op === '*') return null;
    if (op === '/') return b.amount ? new Decimal(String(a.amount)).div(new Decimal(String(b.amount))) : null;
    return back(op === '+' ? a.amount + b.amount : a.amount - b.amount);
  }
  if (!isDecimal(b) || (op !== '*' && op !== '/') || (op === '/' && b.isZero())) return null;
  const n = new Decimal(String(a.amount));
  return back(BigInt((op === '*' ? n.mul(b) : n.div(b)).trunc().toFixed()));
}
