import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type PlannedKey, type PlannerInfo, type Requirements, type WhatIf, getRequirements, keyText } from '../../backend/ledger.ts';
import type { Reference } from '../../backend/types.ts';
import { group, showDay } from '../../i18n/i18n.ts';
import { useSite } from '../site.tsx';
import { Choose, Failed, Loading, isZero, shown } from './parts.tsx';

/** Items whose buckets are shown at first. */
const FIRST = 12;

/** Item by item and bucket by bucket: what is needed, what comes, what is suggested, what is left. */
export function Buckets({ planner, told, whatIf }: { planner: PlannerInfo; told: Requirements; whatIf: WhatIf | null }) {
  const { t, w } = useSite();
  const item = planner.dimensions[0];
  const [only, setOnly] = useState<Reference | null>(null);
  const [count, setCount] = useState(FIRST);
  const named = [...new Set([...told.suggestions, ...told.alerts].flatMap((s) => { const part = item && s.key[item.name]; return part && typeof part === 'object' ? [part.id] : []; }))];
  const items = only ? [only.id] : named.slice(0, count);
  const answer = useQuery({ queryKey: ['requirements', planner.name, 'buckets', items, whatIf], enabled: items.length > 0, placeholderData: (before) => before, queryFn: () => getRequirements(planner.name, items, whatIf) });
  const keys = items.length > 0 ? (answer.data?.keys ?? []).filter((k) => k.rows.length > 0) : [];
  return (
    <>
      {item?.form && <div className="tools"><div className="choose"><Choose id="only-item" form={item.form} value={only} label={t('balance.filter', { what: w(item.label) })} onChange={setOnly} /></div></div>}
      {answer.error && <Failed error={answer.error} onRetry={() => void answer.refetch()} />}
      {!answer.error && keys.length === 0 && <div className="card">{answer.isLoading ? <Loading /> : <div className="empty">{t('planner.nothing')}</div>}</div>}
      {!answer.error && keys.map((k) => <section key={keyText(k.key)} className="card forecast" data-key={keyText(k.key)}><header><h2>{keyText(k.key)}</h2><span className="help">{t('setting.on_hand')} <strong>{group(k.on_hand)}</strong></span></header><BucketTable of={k} /></section>)}
      {!only && named.length > count && <div className="more"><button className="button" onClick={() => setCount(Math.min(count + FIRST, 50))}>{t('list.more')}</button></div>}
    </>
  );
}

export function BucketTable({ of }: { of: PlannedKey }) {
  const { t, language, release } = useSite();
  const amount = (v: string, sign: string) => (isZero(v) ? <span className="nothing">–</span> : `${sign}${group(v)}`);
  if (of.rows.length === 0) return <p className="help">{t('planner.nothing')}</p>;
  return (
    <table className="grid days">
      <thead><tr><th>{t('forecast.day')}</th><th className="number">{t('bucket.needed')}</th><th className="number">{t('bucket.supply')}</th><th className="number">{t('bucket.suggested')}</th><th className="number">{t('bucket.left')}</th></tr></thead>
      <tbody>{of.rows.map((r) => (
        <tr key={r.day} className={r.left.startsWith('-') ? 'short' : ''}><td>{r.day === release.today ? t('forecast.today') : showDay(r.day, language, release.today)}</td>
          <td className="number">{isZero(r.demand) && isZero(r.dependent) ? <span className="nothing">–</span> : <>{!isZero(r.demand) && <div>{amount(r.demand, '−')}</div>}{!isZero(r.dependent) && <div title={t('bucket.dependent')}>−{group(r.dependent)}<small className="help block">{t('bucket.dependent')}</small></div>}</>}</td>
          <td className="number">{amount(r.supply, '+')}</td><td className="number">{isZero(r.suggested) ? <span className="nothing">–</span> : <strong className="suggested-amount">+{group(r.suggested)}</strong>}</td>
          <td className="number"><strong>{shown(r.left)}</strong>{r.left.startsWith('-') && <span className="wrong-text block">{t('forecast.short')}</span>}</td></tr>))}</tbody>
    </table>
  );
}
