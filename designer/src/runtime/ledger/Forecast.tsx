import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type ForecastRow, getForecast, keyText } from '../../backend/ledger.ts';
import { group, showDate, showDay } from '../../i18n/i18n.ts';
import { DateInput } from '../../renderer/DateInput.tsx';
import { useSite } from '../site.tsx';
import type { View } from './RegisterPage.tsx';
import { Failed, KeyPart, Loading, More, isZero, shown } from './parts.tsx';

/** What balances will be, day by day, by what is expected to come and go; a shortage is said in words. */
export function Forecast({ register, by, where }: View) {
  const { t, language, release } = useSite();
  const [until, setUntil] = useState('');
  const list = useInfiniteQuery({
    queryKey: ['balances', register.name, 'forecast', by, where, until], initialPageParam: '',
    queryFn: ({ pageParam }) => getForecast(register.name, by, where, until, pageParam), getNextPageParam: (last) => last.next ?? undefined, placeholderData: (before) => before,
  });
  const keys = byKey(list.data?.pages.flatMap((p) => p.rows) ?? []);
  const dimensions = register.dimensions.filter((d) => by.includes(d.name));
  return (
    <>
      <div className="tools"><label className="with-label">{t('forecast.until')} <DateInput min={release.today} value={until} onValue={setUntil} /></label></div>
      {list.error && <Failed error={list.error} onRetry={() => void list.refetch()} />}
      {!list.error && keys.length === 0 && <div className="card">{list.isLoading ? <Loading /> : <div className="empty">{t('forecast.empty')}</div>}</div>}
      {!list.error && keys.map((days) => {
        const first = days[0]!;
        const short = days.find((d) => d.short);
        return (
          <section key={JSON.stringify(first.key)} className="card forecast" data-key={keyText(first.key)}>
            <header><h2>{dimensions.map((d, i) => <span key={d.name}>{i > 0 && ' · '}<KeyPart part={first.key[d.name]} form={d.form} /></span>)}</h2>
              {short ? <strong className="state bad"><span aria-hidden="true">▲ </span>{t('forecast.short_from', { day: showDate(short.day, language), missing: group(short.balance.replace('-', '')) })}</strong> : <span className="state on">{t('forecast.enough')}</span>}</header>
            <table className="grid days">
              <thead><tr><th>{t('forecast.day')}</th><th className="number">{t('forecast.coming')}</th><th className="number">{t('forecast.going')}</th><th className="number">{t('forecast.balance')}</th><th className="number" title={t('forecast.promise_help')}>{t('forecast.promise')}</th></tr></thead>
              <tbody>{days.map((d) => (
                <tr key={d.day} className={d.short ? 'short' : ''}>
                  <td>{d.day === release.today ? t('forecast.today') : showDay(d.day, language, release.today)}</td>
                  <td className="number">{isZero(d.coming) ? <span className="nothing">–</span> : `+${group(d.coming)}`}</td><td className="number">{isZero(d.going) ? <span className="nothing">–</span> : `−${group(d.going)}`}</td>
                  <td className="number"><strong>{shown(d.balance)}</strong>{d.short && <span className="wrong-text block">{t('forecast.short')}</span>}</td><td className="number">{group(d.promise)}</td>
                </tr>))}</tbody>
            </table>
          </section>); })}
      <More list={list} />
    </>
  );
}

function byKey(rows: readonly ForecastRow[]): readonly (readonly ForecastRow[])[] {
  const found = new Map<string, ForecastRow[]>();
  for (const row of rows) { const key = JSON.stringify(row.key); found.set(key, [...(found.get(key) ?? []), row]); }
  return [...found.values()];
}
