/** Words of the screen: two catalogues of equal keys, and the pack's own {en, zh-CN} texts. Numbers stay text: no float touches them. */
import en from './en.json' with { type: 'json' };
import zh from './zh-CN.json' with { type: 'json' };
import type { Language, Text } from '../backend/types.ts';

export type Key = keyof typeof en;
const CATALOGUES: Readonly<Record<Language, Readonly<Record<string, string>>>> = { en, 'zh-CN': zh };

export const say = (language: Language, key: Key, params: Readonly<Record<string, string | number>> = {}): string =>
  (CATALOGUES[language][key] ?? key).replace(/\{(\w+)\}/g, (slot, name: string) => String(params[name] ?? slot));

export const words = (text: Text | null | undefined, language: Language): string => text?.[language] ?? text?.['en'] ?? Object.values(text ?? {})[0] ?? '';

/** "1234567.5" → "1,234,567.5": grouped by hand, since a number of the ledger may be longer than a float is exact. */
export function group(number: string): string {
  const [, sign, whole, rest] = /^(-?)(\d+)(\..*)?$/.exec(number) ?? [];
  return whole === undefined ? number : `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${rest ?? ''}`;
}

export const showTime = (iso: string, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));

/** The business day of an instant in the site's time zone; with the time, unless it is the end of that day. */
export function showMoment(iso: string, language: Language, zone: string): string {
  const at = new Date(iso);
  const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: zone }).format(at);
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', ...(clock === '23:59:59' ? {} : { timeStyle: 'short' }), timeZone: zone }).format(at);
}

export const showMonth = (iso: string, language: Language): string =>
  new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(`${iso.slice(0, 7)}-01T00:00:00Z`));

export const showDate = (iso: string, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${iso.slice(0, 10)}T00:00:00Z`));

/** A day in a narrow column: without the year, if it is this one. */
export const showDay = (iso: string, language: Language, today: string): string =>
  iso.slice(0, 4) !== today.slice(0, 4) ? showDate(iso, language) : new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(new Date(`${iso}T00:00:00Z`));

/** A day of the calendar so many days later; both as "2026-03-31". */
export const daysLater = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
