import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { type PegStep, type PlannedKey, type PlannerInfo, type Side, type Suggested, type WhatIf, getRequirements, keyText } from '../../backend/ledger.ts';
import { type Key, group, showDate } from '../../i18n/i18n.ts';
import { Sheet } from '../../ui/Sheet.tsx';
import { useSite } from '../site.tsx';
import { BucketTable } from './Buckets.tsx';
import { Failed, Loading } from './parts.tsx';

/** Why something is suggested: what it is for, up to the wish at the top, what it needs, and how its balance runs. */
export function Pegging({ planner, suggestion, whatIf, onClose }: { planner: PlannerInfo; suggestion: Suggested; whatIf: WhatIf | null; onClose: () => void }) {
  const { t, language } = useSite();
  const item = suggestion.key[planner.dimensions[0]?.name ?? ''];
  const id = typeof item === 'object' && item ? item.id : '';
  const answer = useQuery({ queryKey: ['requirements', planner.name, 'item', id, whatIf], queryFn: () => getRequirements(planner.name, [id], whatIf) });
  const here = answer.data?.keys.find((k) => keyText(k.key) === keyText(suggestion.key));
  const trace = here?.traces.find((x) => x.suggestion.due === suggestion.due && x.suggestion.quantity === suggestion.quantity);
  return (
    <Sheet title={`${t(`planner.${suggestion.kind}`)} ${group(suggestion.quantity)}`} under={`${keyText(suggestion.key)} · ${t('planner.due')} ${showDate(suggestion.due, language)}`} close={t('balance.close')} onClose={onClose}>
      {whatIf && <p className="trying-note">{t('planner.thrown_away')}</p>}
      <p>{t(`because.${suggestion.reason}`)}</p>
      {answer.error && <Failed error={answer.error} onRetry={() => void answer.refetch()} />}
      {answer.isLoading && <Loading />}
      {trace && <><h3>{t('peg.up')}</h3><Steps steps={trace.up} to="demand" />
        {trace.down.length > 0 && <><h3>{t('peg.down')}</h3><Steps steps={trace.down} to="supply" /></>}</>}
      {here && <><h3>{t('planner.buckets')}</h3><BucketTable of={here} /><Settings of={here} /></>}
    </Sheet>
  );
}

const KINDS: Readonly<Record<string, Key>> = { expected: 'side.expected', dependent: 'side.dependent', owed: 'side.owed', there: 'side.there', suggested: 'side.suggested' };

function Steps({ steps, to }: { steps: readonly PegStep[]; to: 'demand' | 'supply' }) {
  const { t } = useSite();
  if (steps.length === 0) return <p className="help">{t('peg.nothing')}</p>;
  return <ol className="pegs">{steps.map((s, i) => <li key={i} style={{ marginLeft: `calc(${s.level} * var(--step))` }}><strong>{group(s.quantity)}</strong> {keyText(s.key)}<div className="help"><SideWords side={s[to]} to={to} /></div></li>)}</ol>;
}

function SideWords({ side, to }: { side: Side | null; to: 'demand' | 'supply' }) {
  const { t, w, language, release } = useSite();
  if (!side) return <>{t(to === 'demand' ? 'side.for_stock' : 'side.missing')}</>;
  const form = side.record && release.forms.find((f) => f.name === side.record!.form);
  return (
    <>{side.what_if ? t('side.what_if') : KINDS[side.kind] ? t(KINDS[side.kind]!) : side.kind}{side.key && ` ${keyText(side.key)}`}
      {side.record && (form && side.record.title ? <> <Link href={`/forms/${side.record.form}/${side.record.id}`}>{w(form.label)} {side.record.title}</Link></> : ` ${t('balance.hidden_record')}`)}
      {side.day && ` · ${showDate(side.day, language)}`}</>
  );
}

function Settings({ of }: { of: PlannedKey }) {
  const { t } = useSite();
  const words: readonly [Key, string][] = [['setting.policy', of.parameters['policy'] ? t(`policy.${String(of.parameters['policy'])}` as Key) : '–'], ['setting.on_hand', group(of.on_hand)],
    ...(['minimum', 'maximum', 'safety', 'lot', 'multiple', 'least', 'lead_days'] as const).flatMap((n): [Key, string][] => { const v = of.parameters[n]; return v === null || v === undefined || v === '0' || v === 0 ? [] : [[`setting.${n}`, group(String(v))]]; })];
  return <dl className="settings">{words.map(([name, value]) => <div key={name}><dt>{t(name)}</dt><dd>{value}</dd></div>)}</dl>;
}
