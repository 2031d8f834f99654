/** A record's history and the rules that fired on it, put together as one story. */
import type { FiringInfo, HistoryEntry, Text } from '../backend/types.ts';

export interface Moment { readonly at: string; readonly entry: HistoryEntry | null; readonly firings: readonly FiringInfo[] }

/** The rule whose doing an entry is, if it says so. */
export const ruleOf = (entry: HistoryEntry): string | null => (entry.action.startsWith('rule ') ? entry.action.slice(5) : null);

/** The words of a comment; null for every other entry. */
export function commentOf(entry: HistoryEntry): Text | null {
  const said = entry.action === 'comment' ? entry.changes['']?.[1] : undefined;
  return typeof said === 'object' && said !== null ? said as Text : null;
}

/** Newest first. A firing stands with the change it was part of: that of its own rule, or else whatever happened at the same instant. */
export function timeline(history: readonly HistoryEntry[], firings: readonly FiringInfo[]): readonly Moment[] {
  const within = new Map<HistoryEntry, FiringInfo[]>(history.map((e) => [e, []]));
  const alone: FiringInfo[] = [];
  for (const firing of firings) {
    const same = history.filter((e) => e.at === firing.at);
    const home = same.find((e) => ruleOf(e) === firing.rule) ?? same.find((e) => commentOf(e) === null) ?? same[0];
    if (home) within.get(home)!.push(firing);
    else alone.push(firing);
  }
  const moments = [
    ...history.map((entry): Moment => ({ at: entry.at, entry, firings: within.get(entry)! })),
    ...alone.map((firing): Moment => ({ at: firing.at, entry: null, firings: [firing] })),
  ];
  // A comment is about the change of the same instant, so it stands above it.
  const rank = (m: Moment): number => (m.entry && commentOf(m.entry) ? 0 : 1);
  return moments.sort((a, b) => compareTimes(b.at, a.at) || rank(a) - rank(b));
}

/** Times of the wire are UTC with up to six digits of a second, finer than Date.parse: as text they sort rightly once padded alike. */
const padded = (at: string): string => { const [whole = '', part = ''] = at.replace('Z', '').split('.'); return `${whole}.${part.padEnd(6, '0')}`; };
const compareTimes = (a: string, b: string): number => (padded(a) < padded(b) ? -1 : padded(a) > padded(b) ? 1 : 0);

/** Which rule wrote a comment, where only one rule commented in that moment. */
export function commentator(entry: HistoryEntry, firings: readonly FiringInfo[]): string | null {
  const found = firings.filter((f) => f.at === entry.at && f.did.includes('comment'));
  return found.length === 1 ? found[0]!.rule : null;
}
