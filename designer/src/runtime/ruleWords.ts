/** How what rules do is called on the screen. */
import type { FormInfo } from '../backend/types.ts';
import type { Key } from '../i18n/i18n.ts';
import type { useSite } from './site.tsx';

type Say = ReturnType<typeof useSite>['t'];
type Word = ReturnType<typeof useSite>['w'];

/** Names of events: those of rules, and those of firings that differ ("state:open" is the record that entered a state). */
const EVENTS: Readonly<Record<string, Key>> = {
  created: 'event.created', changed: 'event.changed', deleted: 'event.deleted', imported: 'event.imported', entered: 'event.entered', state: 'event.entered', left: 'event.left',
  line_added: 'event.line_added', lines: 'event.line_added', task_done: 'event.task_done', task: 'event.task_done', balance: 'event.balance', constraint: 'event.constraint',
  schedule: 'event.schedule', webhook: 'event.webhook',
};

/** Events that no change of a record is part of, so that before and after it mean nothing. */
export const BY_ITSELF: readonly string[] = ['schedule', 'webhook'];

/** "changed:total" → "Changed: Total", with the label of the field or state where the form is known. */
export function eventWords(event: string, t: Say, w: Word, form?: FormInfo): string {
  const [kind = '', detail = ''] = event.split(':', 2);
  const key = EVENTS[kind];
  if (!key) return event;
  const named = kind === 'state' || kind === 'left' ? form?.states.find((s) => s.name === detail) : form?.fields.find((f) => f.name === detail);
  return detail ? t('event.of', { event: t(key), what: w(named?.label) || detail }) : t(key);
}

export interface Piece { readonly text: string; readonly kind: 'word' | 'string' | 'comment' | 'plain' }

/** A line of rule text, told apart as far as it helps to read: the word it begins with, texts in quotes, comments. */
export function pieces(line: string): readonly Piece[] {
  if (line.trimStart().startsWith('//')) return [{ text: line, kind: 'comment' }];
  const [, indent = '', first = '', rest = ''] = /^(\s*)(\S*)(.*)$/.exec(line) ?? [];
  const parts = rest.split(/("(?:[^"\\]|\\.)*")/).filter(Boolean).map((text): Piece => ({ text, kind: text.startsWith('"') ? 'string' : 'plain' }));
  return [{ text: indent + first, kind: 'word' }, ...parts];
}
