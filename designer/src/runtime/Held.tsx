import { Link } from 'wouter';
import { type Advice, type Holder, heldBy, keyText } from '../backend/ledger.ts';
import type { ProblemInfo, Text } from '../backend/types.ts';
import { group, showDate } from '../i18n/i18n.ts';
import { useSite } from './site.tsx';

/** Who holds what was wanted and what can be done, in plain words under the line of a refusal; nothing where the engine does not tell. */
export function Held({ problem }: { problem: ProblemInfo }) {
  const { t } = useSite();
  const { holders, advice } = heldBy(problem.params);
  // Whom to ask stands beside each holder already.
  const ways = advice.filter((a) => a.kind !== 'holder' || holders.length === 0);
  if (holders.length === 0 && ways.length === 0) return null;
  return (
    <div className="held">
      {holders.length > 0 && <><strong>{t('held.title')}</strong><ul>{holders.map((h, i) => <li key={i}><HolderWords holder={h} /></li>)}</ul></>}
      {ways.length > 0 && <><strong>{t('held.advice')}</strong><ul>{ways.map((a, i) => <Way key={i} advice={a} />)}</ul></>}
    </div>
  );
}

function HolderWords({ holder: h }: { holder: Holder }) {
  const { t, w } = useSite();
  const quantity = h.quantity === null ? t('held.some') : group(h.quantity);
  if (!h.title) return <>{t('held.hidden', { form: w(h.label), quantity })}<Ask roles={h.ask} /></>;
  return <>{t('held.by', { what: `${w(h.label)} ${h.title}`, quantity })}{h.id && <> <Link href={`/forms/${h.form}/${h.id}`}>{t('tasks.open')}</Link></>}</>;
}

function Ask({ roles }: { roles: readonly Text[] }) {
  const { t, w } = useSite();
  return roles.length > 0 ? <> · {t('held.ask', { who: roles.map((r) => w(r)).join(t('held.or')) })}</> : null;
}

function Way({ advice: a }: { advice: Advice }) {
  const { t, w, language } = useSite();
  switch (a.kind) {
    case 'other_key': return <li>{t('advice.other_key', { where: keyText(a.key), quantity: group(a.available) })}</li>;
    case 'expected': return <li>{t('advice.expected', { quantity: group(a.quantity), day: showDate(a.day, language) })}</li>;
    case 'count': return <li>{t('advice.count')} <Link href={a.link}>{w(a.label)}</Link></li>;
    case 'holder': return <li>{t('advice.holder', { who: a.title ? `${w(a.label)} ${a.title}` : w(a.label) })}<Ask roles={a.ask} /></li>;
    default: return null; // A kind that a later engine knows.
  }
}
