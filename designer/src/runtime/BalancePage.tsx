import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { Refusal, api, query } from '../backend/client.ts';
import type { BalanceRow, MovementRow, Reference, RegisterInfo } from '../backend/types.ts';
import { group, showTime } from '../i18n/i18n.ts';
import { ReferenceBox } from '../ui/ReferenceBox.tsx';
import { useSite } from './site.tsx';

/** Balances of a register by the dimensions one chooses, now or at a day, each with the movements behind it. */
export function BalancePage({ register }: { register: string }) {
  const { t } = useSite();
  const info = useQuery({ queryKey: ['register', register], queryFn: () => api<RegisterInfo>(`/registers/${register}`), staleTime: 60_000 });
  if (info.error) return <div className="card empty" role="alert">{info.error instanceof Refusal && info.error.message ? info.error.message : t('error.offline')}</div>;
  return info.data ? <Balances register={info.data} /> : <div className="card empty" aria-busy="true">{t('list.loading')}</div>;
}

function Balances({ register }: { register: RegisterInfo }) {
  const { t, w } = useSite();
  const [by, setBy] = useState<readonly string[]>(register.dimensions.slice(0, 2).map((d) => d.name));
  const [only, setOnly] = useState<Readonly<Record<string, Reference>>>({});
  const [at, setAt] = useState('');
  const [opened, setOpened] = useState<string | null>(null);
  const params = { by: by.join(','), at: at || undefined, ...Object.fromEntries(Object.entries(only).map(([k, v]) => [k, v.id])) };
  const list = useInfiniteQuery({
    queryKey: ['balances', register.name, params], initialPageParam: '',
    queryFn: ({ pageParam }) => api<{ rows: BalanceRow[]; next: string | null }>(`/registers/${register.name}/balances${query({ ...params, after: pageParam, limit: 100 })}`),
    getNextPageParam: (last) => last.next ?? undefined, placeholderData: (before) => before,
  });
  const rows = list.data?.pages.flatMap((p) => p.rows) ?? [];
  const dimensions = register.dimensions.filter((d) => by.includes(d.name));
  const toggle = (name: string): void => { const next = by.includes(name) ? by.filter((n) => n !== name) : register.dimensions.map((d) => d.name).filter((n) => by.includes(n) || n === name); if (next.length) setBy(next); };
  const numbers = [...register.measures.map((m) => ({ ...m, of: 'measures' as const })), ...register.figures.map((f) => ({ ...f, of: 'figures' as const }))];
  return (
    <>
      <div className="head"><h1>{w(register.label)}</h1></div>
      <div className="tools">
        <span className="help">{t('balance.by')}</span>
        {register.dimensions.map((d) => <button key={d.name} className={`button small${by.includes(d.name) ? ' primary' : ''}`} aria-pressed={by.includes(d.name)} onClick={() => toggle(d.name)}>{w(d.label)}</button>)}
        <span style={{ width: 8 }} />
        {register.dimensions.filter((d) => d.form).slice(0, 1).map((d) => <div key={d.name} style={{ minWidth: 220, flex: '0 1 280px' }}><ReferenceBox id={`only-${d.name}`} form={d.form!} value={only[d.name] ?? null} wrong={false} disabled={false} label={`${t('balance.filter')} ${w(d.label)}`} words={{ choose: `${t('balance.filter')} ${w(d.label)}…`, nothing: t('form.nothing_found'), clear: t('form.clear') }} onChange={(v) => setOnly(Object.fromEntries([...Object.entries(only).filter(([k]) => k !== d.name), ...(v ? [[d.name, v] as const] : [])]))} /></div>)}
        <label className="help" style={{ display: 'flex', gap: 6, alignItems: 'center' }}>{t('balance.at')} <input className="input" style={{ width: 160 }} type="date" value={at} onChange={(e) => setAt(e.target.value)} /></label>
      </div>
      <div className="card scroll" aria-busy={list.isFetching}>
        {list.error && <div className="empty" role="alert">{list.error instanceof Refusal && list.error.message ? list.error.message : t('error.offline')}</div>}
        {!list.error && rows.length === 0 && <div className="empty">{list.isLoading ? t('list.loading') : t('balance.empty')}</div>}
        {rows.length > 0 && (
          <table className="grid cards">
            <thead><tr>{dimensions.map((d) => <th key={d.name}>{w(d.label)}</th>)}{numbers.map((n) => <th key={n.name} className="number">{w(n.label)}</th>)}<th /></tr></thead>
            <tbody>{rows.map((row) => { const key = JSON.stringify(row.key); return [
              <tr key={key} data-key={Object.values(row.key).map((k) => k?.title ?? '').join(' ')}>
                {dimensions.map((d) => { const k = row.key[d.name]; return <td key={d.name} data-label={w(d.label)}>{k ? (d.form ? <Link href={`/forms/${d.form}/${k.id}`}>{k.title || '–'}</Link> : String(k)) : '–'}</td>; })}
                {numbers.map((n) => { const v = row[n.of][n.name]; return <td key={n.name} className="number" data-label={w(n.label)} data-measure={n.name} style={n.of === 'figures' ? { fontWeight: 600 } : undefined}>{v == null ? '–' : group(v)}</td>; })}
                <td style={{ textAlign: 'right' }}><button className="button small quiet" aria-expanded={opened === key} onClick={() => setOpened(opened === key ? null : key)}>{t('balance.movements')}</button></td>
              </tr>,
              opened === key && <tr key={`${key}m`}><td colSpan={dimensions.length + numbers.length + 1}><Movements register={register} where={Object.fromEntries(Object.entries(row.key).flatMap(([k, v]) => (v ? [[k, v.id]] : [])))} /></td></tr>]; })}</tbody>
          </table>
        )}
      </div>
      {list.hasNextPage && <div style={{ textAlign: 'center', marginTop: 12 }}><button className="button" onClick={() => void list.fetchNextPage()}>{t('list.more')}</button></div>}
    </>
  );
}

function Movements({ register, where }: { register: RegisterInfo; where: Readonly<Record<string, string>> }) {
  const { t, w, language } = useSite();
  const list = useQuery({ queryKey: ['balances', register.name, 'movements', where], queryFn: () => api<{ rows: MovementRow[] }>(`/registers/${register.name}/movements${query({ ...where, limit: 50 })}`) });
  if (!list.data) return <div className="help">{t('list.loading')}</div>;
  return (
    <table className="grid"><thead><tr><th>{t('balance.when')}</th><th>{t('balance.what')}</th>{register.measures.map((m) => <th key={m.name} className="number">{w(m.label)}</th>)}</tr></thead>
      <tbody>{list.data.rows.map((m) => <tr key={m.id}><td>{showTime(m.effective, language)}</td><td>{m.record.title ? <Link href={`/forms/${m.form}/${m.record.id}`}>{m.record.title}</Link> : '–'}</td>{register.measures.map((x) => <td key={x.name} className="number">{(m.amounts[x.name] ?? '0') === '0' ? '' : group(m.amounts[x.name]!)}</td>)}</tr>)}</tbody></table>
  );
}
