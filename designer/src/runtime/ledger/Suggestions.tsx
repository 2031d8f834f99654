import { useState } from 'react';
import { type PlannerInfo, type Requirements, type Suggested, type WhatIf, keyText } from '../../backend/ledger.ts';
import { group, showDate } from '../../i18n/i18n.ts';
import { useSite } from '../site.tsx';
import { Pegging } from './Pegging.tsx';
import { KeyPart } from './parts.tsx';

const sign = (s: Suggested): string => `${keyText(s.key)}/${s.due}/${s.kind}`;

/** What should be bought or made, by the day it begins; a row opens why. `real` is what it would be without a what-if. */
export function Suggestions({ planner, told, real, whatIf }: { planner: PlannerInfo; told: Requirements; real: Requirements | null; whatIf: WhatIf | null }) {
  const { t, w, language } = useSite();
  const [opened, setOpened] = useState<Suggested | null>(null);
  const known = new Map((real?.suggestions ?? []).map((s) => [sign(s), s.quantity]));
  const news = (s: Suggested): string | null => (!real ? null : !known.has(sign(s)) ? t('planner.only_here') : known.get(sign(s)) !== s.quantity ? t('planner.instead_of', { quantity: group(known.get(sign(s))!) }) : null);
  if (told.suggestions.length === 0) return <div className="card empty">{t('planner.nothing')}</div>;
  return (
    <div className="card scroll">
      <table className="grid cards figures suggested">
        <thead><tr>{planner.dimensions.map((d) => <th key={d.name}>{w(d.label)}</th>)}<th className="number">{t('planner.quantity')}</th><th>{t('planner.kind')}</th><th>{t('planner.start')}</th><th>{t('planner.due')}</th><th /></tr></thead>
        <tbody>{told.suggestions.map((s) => (
          <tr key={sign(s)} data-key={keyText(s.key)}>
            {planner.dimensions.map((d) => <td key={d.name} data-label={w(d.label)}><KeyPart part={s.key[d.name]} form={d.form} /></td>)}
            <td className="number" data-label={t('planner.quantity')}><span className="strong">{group(s.quantity)}</span>{news(s) && <small className="tried">{news(s)}</small>}</td>
            <td data-label={t('planner.kind')}>{t(`planner.${s.kind}`)}</td><td data-label={t('planner.start')}>{showDate(s.start, language)}</td>
            <td data-label={t('planner.due')}>{showDate(s.due, language)}{s.late && <strong className="state bad">{t('planner.late', { day: showDate(s.needed, language) })}</strong>}</td>
            <td className="last"><button className="button small" aria-label={`${t('planner.why')} ${keyText(s.key)} ${showDate(s.due, language)}`} onClick={() => setOpened(s)}>{t('planner.why')}</button></td>
          </tr>))}</tbody>
      </table>
      {told.counts.suggestions > told.suggestions.length && <p className="help pad">{t('planner.cut', { shown: told.suggestions.length, count: told.counts.suggestions })}</p>}
      {opened && <Pegging planner={planner} suggestion={opened} whatIf={whatIf} onClose={() => setOpened(null)} />}
    </div>
  );
}

/** What somebody should look at, in words. */
export function Alerts({ planner, told }: { planner: PlannerInfo; told: Requirements }) {
  const { t, language } = useSite();
  const [all, setAll] = useState(false);
  const lines = [
    ...told.alerts.map((a) => t(`alert.${a.kind}`, { of: keyText(a.key), day: showDate(a.day, language), quantity: group(a.quantity) })),
    ...told.faults.map((f) => t('alert.fault', { of: keyText(f.key), codes: f.codes.join(', ') })),
  ];
  if (lines.length === 0) return null;
  const shown = all ? lines : lines.slice(0, 4);
  return (
    <section className="alert warned" aria-labelledby={`alerts-${planner.name}`}>
      <strong id={`alerts-${planner.name}`}>{t('alert.title', { count: told.counts.alerts + told.counts.faults })}</strong>
      <ul>{shown.map((line, i) => <li key={i}>{line}</li>)}</ul>
      {shown.length < lines.length && <button className="link" onClick={() => setAll(true)}>{t('rules.more', { count: lines.length - shown.length })}</button>}
    </section>
  );
}
