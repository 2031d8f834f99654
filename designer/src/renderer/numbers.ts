/** Numbers under a person's hands: text in, text out, exact. */
import { Decimal, plain } from '../expressions/values.ts';

export const roundTo = (n: Decimal, decimals: number): Decimal => n.toDecimalPlaces(decimals, 6);

/** What was typed as the wire has it: full-width digits and thousands commas are understood, anything else is left as typed. */
export function typed(text: string): string {
  const narrow = text.replace(/[０-９．－，]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[,\s]/g, '');
  return narrow;
}

/** One more or one fewer, never below zero unless it was. */
export function step(text: string, by: 1 | -1): string {
  const now = /^-?\d+(\.\d+)?$/.test(text) ? new Decimal(text) : new Decimal(0);
  const next = now.plus(by);
  return plain(next.isNegative() && !now.isNegative() ? new Decimal(0) : next);
}
