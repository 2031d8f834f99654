import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type BalanceRow, getBalances, keyParams, keyText } from '../../backend/ledger.ts';
import type { Named } from '../../backend/types.ts';
import { DateInput } from '../../renderer/DateInput.tsx';
import { useSite } from '../site.tsx';
import { Explain, type Question } from './Explain.tsx';
import type { View } from './RegisterPage.tsx';
import { Failed, KeyPart, Loading, More, shown } from './parts.tsx';

/** Balances now or at the end of a day; a click on a number asks what it is made of. */
export function Balances({ register, by, where, onBy }: View) {
  const { t, w } = useSite();
  const [day, setDay] = useState('');
  const [question, setQuestion] = useState<Question | null>(null);
  const at = day || undefined;
  const list = useInfiniteQuery({
    queryKey: ['balances', register.name, by, where, at], initialPageParam: '',
    queryFn: ({ pageParam }) => getBalances(register.name, by, where, at, pageParam),
    getNextPageParam: (last) => last.next ?? undefined, placeholderData: (before) => before,
  });
  const rows = list.data?.pages.flatMap((p) => p.rows) ?? [];
  const dimensions = register.dimensions.filter((d) => by.includes(d.name));
  const numbers = [...register.measures.map((m) => ({ ...m, of: { [m.name]: 1 } })), ...register.figures];
  const value = (row: BalanceRow, name: string): string | null => (name in row.measures ? row.measures[name] : row.figures[name]) ?? null;
  const valued = (row: BalanceRow): boolean => register.valuation !== null && value(row, register.valuation.value) !== null;
  const kept = register.valuation?.value;
  const pool = register.dimensions.filter((d) => register.valuation?.pool.includes(d.name));
  const ask = (row: BalanceRow, number: Named & { of: Readonly<Record<string, number>> }, of: string): void =>
    setQuestion({ key: { ...where, ...keyParams(row.key) }, title: keyText(row.key), number, value: of, valued: valued(row), at, day });
  return (
    <>
      <div className="tools"><label className="with-label">{t('balance.at')} <DateInput value={day} onValue={setDay} /></label>
        {day && <button className="button small quiet" onClick={() => setDay('')}>{t('balance.now')}</button>}
      </div>
      {list.error && <Failed error={list.error} onRetry={() => void list.refetch()} />}
      {!list.error && <div className="card scroll" aria-busy={list.isFetching}>
        {rows.length === 0 && (list.isLoading ? <Loading /> : <div className="empty">{t('balance.empty')}</div>)}
        {rows.length > 0 && (
          <table className="grid cards figures">
            <thead><tr>{dimensions.map((d) => <th key={d.name}>{w(d.label)}</th>)}{numbers.map((n) => <th key={n.name} className="number">{w(n.label)}</th>)}</tr></thead>
            <tbody>{rows.map((row) => (
              <tr key={JSON.stringify(row.key)} data-key={keyText(row.key)}>
                {dimensions.map((d) => <td key={d.name} data-label={w(d.label)}><KeyPart part={row.key[d.name]} form={d.form} /></td>)}
                {numbers.map((n) => { const v = value(row, n.name); return (
                  <td key={n.name} className="number" data-label={w(n.label)}>
                    {v === null ? <span className="nothing" title={t('balance.no_value')}>–</span> : <button className={`explain${v.startsWith('-') ? ' below' : ''}`} data-measure={n.name} aria-label={t('balance.explain', { number: w(n.label), value: shown(v), of: keyText(row.key) })} onClick={() => ask(row, n, v)}>{shown(v)}</button>}
                  </td>); })}
              </tr>))}</tbody>
          </table>
        )}
      </div>}
      <More list={list} />
      {kept && rows.some((row) => value(row, kept) === null) && <p className="help">{t('balance.kept_by', { number: w(register.measures.find((m) => m.name === kept)?.label), what: pool.map((d) => w(d.label)).join(t('list.and')) })} <button className="link" onClick={() => onBy(pool.map((d) => d.name))}>{t('balance.show_so')}</button></p>}
      {question && <Explain register={register} question={question} onClose={() => setQuestion(null)} />}
    </>
  );
}
