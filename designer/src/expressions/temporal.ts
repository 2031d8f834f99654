/**
 * Dates, times, instants and durations. `amount` counts days since 1970 (date), microseconds since 1970 UTC (datetime), of the day
 * (time) or of a duration (days), and months (months). Local times only: what names a zone is worked out by the server.
 */
export type Kind = 'date' | 'datetime' | 'time' | 'days' | 'months';
export interface Temporal { readonly temporal: Kind; readonly amount: bigint }

export const DAY = 86_400_000_000n;
const of = (temporal: Kind) => (amount: bigint): Temporal => ({ temporal, amount });
export const dateOf = of('date'), instantOf = of('datetime'), timeOf = of('time'), daysOf = of('days'), monthsOf = of('months');

export const floorDiv = (a: bigint, b: bigint): bigint => { const q = a / b; return a % b !== 0n && (a < 0n) !== (b < 0n) ? q - 1n : q; };
export const floorMod = (a: bigint, b: bigint): bigint => a - b * floorDiv(a, b);

export function monthLength(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** The date, or null where the calendar has none. Years 1 to 9999. */
export function makeDate(y: number, m: number, d: number): Temporal | null {
  if (!(y >= 1 && y <= 9999 && m >= 1 && m <= 12 && d >= 1 && d <= monthLength(y, m)) || ![y, m, d].every(Number.isInteger)) return null;
  const at = new Date(0);
  at.setUTCFullYear(y, m - 1, d);
  return dateOf(BigInt(Math.round(at.getTime() / 86_400_000)));
}

export function parts(v: Temporal): { year: number; month: number; day: number; weekday: number } {
  const days = v.temporal === 'date' ? v.amount : floorDiv(v.amount, DAY);
  const at = new Date(Number(days) * 86_400_000);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(), weekday: at.getUTCDay() || 7 };
}

export function clock(v: Temporal): { hour: number; minute: number; second: number; micros: number } {
  const at = Number(floorMod(v.amount, DAY));
  const seconds = Math.floor(at / 1e6);
  return { hour: Math.floor(seconds / 3600), minute: Math.floor(seconds / 60) % 60, second: seconds % 60, micros: at % 1e6 };
}

/** A value within years 1 to 9999, or null. */
export function within(v: Temporal): Temporal | null {
  const days = v.temporal === 'date' ? v.amount : floorDiv(v.amount, DAY);
  return days >= -719_162n && days <= 2_932_896n ? v : null;
}

export function addMonths(v: Temporal, months: number): Temporal | null {
  const p = parts(v);
  const index = p.year * 12 + p.month - 1 + months;
  const [year, month] = [Math.floor(index / 12), ((index % 12) + 12) % 12 + 1];
  if (!(year >= 1 && year <= 9999)) return null;
  const moved = makeDate(year, month, Math.min(p.day, monthLength(year, month)));
  return moved && (v.temporal === 'date' ? moved : instantOf(moved.amount * DAY + floorMod(v.amount, DAY)));
}

export function readDate(text: string): Temporal | null {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return m && makeDate(Number(m[1]), Number(m[2]), Number(m[3]));
}

const micros = (fraction?: string): bigint => BigInt((fraction ?? '0').slice(0, 6).padEnd(6, '0'));

/** Microseconds since midnight; `24:00:00` is the end of the day, and what is beyond it is null. */
function amountOfDay(hour = '0', minute = '0', second = '0', fraction?: string): bigint | null {
  const at = BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1_000_000n + micros(fraction);
  return Number(minute) > 59 || Number(second) > 59 || at > DAY ? null : at;
}

/** A local time; undefined ("not known here") for one with a zone. */
export function readTime(text: string): Temporal | null | undefined {
  const m = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2}(?::\d{2})?|@.+)?$/.exec(text);
  const at = m && amountOfDay(m[1]!, m[2]!, m[3]!, m[4]);
  return at === null ? null : m![5] ? undefined : timeOf(floorMod(at, DAY));
}

/** An instant; without a zone it is UTC, as on the server. */
export function readDatetime(text: string): Temporal | null | undefined {
  const m = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2}|@.+)?)?$/.exec(text);
  const day = m && readDate(m[1]!);
  const at = m && amountOfDay(m[2], m[3], m[4], m[5]);
  if (!m || !day || at === null) return null;
  if (m[6]?.startsWith('@')) return undefined;
  const zone = m[6] && m[6] !== 'Z' ? (m[6][0] === '-' ? -1 : 1) * (Number(m[6].slice(1, 3)) * 60 + Number(m[6].slice(4, 6))) : 0;
  if (Math.abs(zone) > 840) return null;
  return within(instantOf(day.amount * DAY + at - BigInt(zone) * 60_000_000n));
}

export function readDuration(text: string): Temporal | null {
  const ym = /^(-?)P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?$/.exec(text);
  if (ym && (ym[2] || ym[3])) { const n = BigInt(ym[2] ?? 0) * 12n + BigInt(ym[3] ?? 0); return monthsOf(ym[1] ? -n : n); }
  const m = /^(-?)P(?:(\d{1,9})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,15})(?:\.(\d{0,9}))?S)?)?$/.exec(text);
  if (!m || !m.slice(2, 6).some(Boolean) || text.endsWith('T')) return null;
  const [days, hours, minutes, seconds] = m.slice(2, 6).map((x) => BigInt(x ?? 0)) as [bigint, bigint, bigint, bigint];
  const amount = (((days * 24n + hours) * 60n + minutes) * 60n + seconds) * 1_000_000n + micros(m[6] || '0');
  return spanWithin(daysOf(m[1] ? -amount : amount));
}

/** A duration of at most 999,999,999 days, as on the server, or null. */
export const spanWithin = (v: Temporal): Temporal | null => {
  const days = floorDiv(v.amount, DAY);
  return days >= -999_999_999n && days <= 999_999_999n ? v : null;
};

const pad = (n: number, width = 2): string => String(n).padStart(width, '0');
const fraction = (n: number): string => (n ? `.${pad(n, 6)}`.replace(/0+$/, '') : '');

function writeClock(v: Temporal): string {
  const c = clock(v);
  return `${pad(c.hour)}:${pad(c.minute)}:${pad(c.second)}${fraction(c.micros)}`;
}

/** A value as FEEL's string() gives it. */
export function write(v: Temporal): string {
  if (v.temporal === 'time') return writeClock(v);
  if (v.temporal === 'date' || v.temporal === 'datetime') {
    const p = parts(v);
    const day = `${pad(p.year, 4)}-${pad(p.month)}-${pad(p.day)}`;
    return v.temporal === 'date' ? day : `${day}T${writeClock(v)}Z`;
  }
  const sign = v.amount < 0n ? '-' : '';
  const n = v.amount < 0n ? -v.amount : v.amount;
  if (v.temporal === 'months') return `${sign}P${n / 12n ? `${n / 12n}Y` : ''}${n % 12n ? `${n % 12n}M` : ''}` + (n ? '' : '0M');
  const c = clock(daysOf(n % DAY));
  const time = (c.hour ? `${c.hour}H` : '') + (c.minute ? `${c.minute}M` : '') + (c.second || c.micros ? `${c.second}${fraction(c.micros)}S` : '');
  return `${sign}P${n / DAY ? `${n / DAY}D` : ''}${time ? `T${time}` : ''}` + (n ? '' : 'T0S');
}
