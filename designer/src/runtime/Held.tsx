import { type Advice, heldBy, keyText, type KeyOf } from '../backend/ledger.ts';
import type { ProblemInfo, Text } from '../backend/types.ts';
import { group, showDate } from '../i18n/i18n.ts';
import { useSite } from './site.tsx';

/** Who holds what was wanted and what can be done, in plain words under the line of a refusal; nothing where the engine does not tell. */
export function Held({ problem }: { problem: ProblemInfo }) {
  const { t, w, language, release } = useSite();
  const { holders, advice } = heldBy(problem.params);
  if (holders.length === 0 && advice.length === 0) return null;
  // A name of the pack, a text in two languages, or plain words: each is said as people say it.
  const named = (given: unknown): string => {
    if (typeof given === 'object' && given !== null) return 'en' in given ? w(given as Text) : keyText({ it: given as KeyOf[string] });
    const found = [...release.forms, ...release.roles].find((x) => x.name === given);
    return found ? w(found.label) : String(given ?? '');
  };
  const number = (given: unknown): string => group(String(given ?? ''));
  const place = (given: Advice): string => {
    const key = given['key'] ?? given['where'] ?? given['title'];
    return typeof key === 'object' && key !== null && !('title' in key) && !('en' in key) ? keyText(key as KeyOf) : named(key);
  };
  const way = (a: Advice): string => {
    const quantity = a['quantity'] ?? a['available'];
    switch (a.kind) {
      case 'other_key': return quantity === undefined ? t('advice.other_key_bare', { where: place(a) }) : t('advice.other_key', { where: place(a), quantity: number(quantity) });
      case 'count': return t('advice.count');
      case 'holder': { const who = named(a['ask'] ?? a['title']); return who ? t('advice.holder', { who }) : t('advice.holder_bare'); }
      case 'expected': { const day = String(a['day'] ?? a['date'] ?? ''); return /^\d{4}-\d{2}-\d{2}/.test(day) ? t('advice.expected', { quantity: number(quantity), day: showDate(day, language) }) : ''; }
      default: return '';
    }
  };
  const ways = [...new Set(advice.map(way).filter(Boolean))];
  return (
    <div className="held">
      {holders.length > 0 && <><strong>{t('held.title')}</strong><ul>{holders.map((h, i) => (
        <li key={i}>{h.title ? t('held.by', { what: `${named(h.form)} ${h.title}`, quantity: number(h.quantity) }) : t('held.hidden', { form: named(h.form), quantity: number(h.quantity) })}{h.ask && ` · ${t('held.ask', { who: named(h.ask) })}`}</li>))}</ul></>}
      {ways.length > 0 && <><strong>{t('held.advice')}</strong><ul>{ways.map((words) => <li key={words}>{words}</li>)}</ul></>}
    </div>
  );
}
