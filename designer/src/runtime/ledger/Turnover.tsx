import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type TurnoverRow, getTurnover, keyText } from '../../backend/ledger.ts';
import { showMonth } from '../../i18n/i18n.ts';
import { DateInput } from '../../renderer/DateInput.tsx';
import { useSite } from '../site.tsx';
import type { View } from './RegisterPage.tsx';
import { Failed, KeyPart, Loading, More, shown } from './parts.tsx';

/** Month by month: what there was, what came, what went, what was left. */
export function Turnover({ register, by, where }: View) {
  const { t, w, language, release } = useSite();
  const [from, setFrom] = useState(`${release.today.slice(0, 4)}-01`);
  const [to, setTo] = useState(release.today.slice(0, 7));
  const [measure, setMeasure] = useState(register.measures[0]!.name);
  const list = useInfiniteQuery({
    queryKey: ['balances', register.name, 'turnover', by, where, from, to], initialPageParam: '',
    queryFn: ({ pageParam }) => getTurnover(register.name, by, where, from && `${from}-01`, to && lastDay(to), pageParam), getNextPageParam: (last) => last.next ?? undefined, placeholderData: (before) => before,
  });
  const rows = list.data?.pages.flatMap((p) => p.rows) ?? [];
  const dimensions = register.dimensions.filter((d) => by.includes(d.name));
  const of = (row: TurnoverRow) => row.measures[measure];
  return (
    <>
      <div className="tools">
        <label className="with-label">{t('turnover.from')} <DateInput kind="month" value={from} onValue={setFrom} /></label>
        <label className="with-label">{t('turnover.to')} <DateInput kind="month" value={to} onValue={setTo} /></label>
        {register.measures.length > 1 && <label className="with-label">{t('turnover.of')} <select className="input" value={measure} onChange={(e) => setMeasure(e.target.value)}>{register.measures.map((m) => <option key={m.name} value={m.name}>{w(m.label)}</option>)}</select></label>}
      </div>
      {list.error && <Failed error={list.error} onRetry={() => void list.refetch()} />}
      {!list.error && <div className="card scroll" aria-busy={list.isFetching}>
        {rows.length === 0 && (list.isLoading ? <Loading /> : <div className="empty">{t('turnover.empty')}</div>)}
        {rows.length > 0 && (
          <table className="grid cards figures turnover">
            <thead><tr>{dimensions.map((d) => <th key={d.name}>{w(d.label)}</th>)}<th>{t('turnover.month')}</th>{(['opening', 'in', 'out', 'closing'] as const).map((n) => <th key={n} className="number">{t(`turnover.${n}`)}</th>)}</tr></thead>
            <tbody>{rows.map((row) => { const turns = of(row); return (
              <tr key={`${JSON.stringify(row.key)}${row.since}`} data-key={`${keyText(row.key)} ${row.since}`}>
                {dimensions.map((d) => <td key={d.name} data-label={w(d.label)}><KeyPart part={row.key[d.name]} form={d.form} /></td>)}
                <td data-label={t('turnover.month')}>{showMonth(row.since, language)}</td>
                {(['opening', 'in', 'out', 'closing'] as const).map((n) => <td key={n} className="number" data-label={t(`turnover.${n}`)}><span className={n === 'closing' ? 'strong' : ''}>{turns?.[n] == null ? '–' : shown(turns[n])}</span></td>)}
              </tr>); })}</tbody>
          </table>
        )}
      </div>}
      <More list={list} />
    </>
  );
}

/** "2026-02" → "2026-02-28". */
function lastDay(month: string): string {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year ?? 0, number ?? 1, 0)).toISOString().slice(0, 10);
}
