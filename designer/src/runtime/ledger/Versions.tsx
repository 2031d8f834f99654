import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, query } from '../../backend/client.ts';
import { getComparison } from '../../backend/ledger.ts';
import type { FormInfo, ListAnswer, Wire } from '../../backend/types.ts';
import { group } from '../../i18n/i18n.ts';
import { shown } from '../../renderer/Shown.tsx';
import { useSite } from '../site.tsx';
import type { Asked } from './StructurePage.tsx';
import { Change, Failed, Loading, less } from './parts.tsx';

/** Two versions of the same thing: which lines differ, and what that comes to over all levels. */
export function Versions({ structure, record, demand }: Asked) {
  const { t, w, language } = useSite();
  const form = useQuery({ queryKey: ['form', structure.form], queryFn: () => api<FormInfo>(`/forms/${structure.form}`), staleTime: 60_000 });
  const versions = useQuery({ queryKey: ['list', structure.form, 'versions', record.id], queryFn: () => api<ListAnswer>(`/forms/${structure.form}/records${query({ filter: `${structure.parent}.id = "${record.id}"`, limit: 100 })}`) });
  const found = [...(versions.data?.records ?? [])].reverse();
  const [before, setBefore] = useState('');
  const [after, setAfter] = useState('');
  const from = before || found.at(-2)?.id || '';
  const to = after || found.at(-1)?.id || '';
  const comparison = useQuery({ queryKey: ['explosion', structure.name, 'comparison', demand, from, to], enabled: from !== '' && from !== to, placeholderData: (kept) => kept, queryFn: () => getComparison(structure.name, demand, from, to) });
  const failed = versions.error ?? form.error ?? comparison.error;
  if (failed) return <Failed error={failed} />;
  if (!versions.data || !form.data) return <Loading />;
  if (found.length < 2) return <div className="card empty">{t('versions.too_few', { count: found.length })}{found[0] && <Link href={`/forms/${structure.form}/${found[0].id}`}>{found[0].title}</Link>}</div>;
  const fields = form.data.fields.find((f) => f.name === structure.lines)?.fields ?? [];
  const label = (name: string): string => w(fields.find((f) => f.name === name)?.label) || name;
  const show = (name: string, value: unknown): string => { const f = fields.find((x) => x.name === name); return (f ? shown(f, value as Wire, language, t('form.yes'), t('form.no')) : String(value ?? '')) || '–'; };
  const choice = (id: string, value: string, set: (id: string) => void) => <select className="input" id={id} value={value} onChange={(e) => set(e.target.value)}>{found.map((v) => <option key={v.id} value={v.id}>{v.title}</option>)}</select>;
  return (
    <>
      <div className="tools"><label className="with-label">{t('versions.from')} {choice('version-from', from, setBefore)}</label><label className="with-label">{t('versions.to')} {choice('version-to', to, setAfter)}</label></div>
      {from === to && <div className="card empty">{t('versions.same')}</div>}
      {from !== to && !comparison.data && <Loading />}
      {from !== to && comparison.data && (
        <>
          <h2 className="above">{t('versions.lines')}</h2>
          <div className="card scroll">{comparison.data.lines.length === 0 ? <div className="empty">{t('versions.no_difference')}</div> : <table className="grid"><tbody>{comparison.data.lines.map((l, i) => (
            <tr key={i} data-change={l.change}><td><span className={`state ${l.change === 'added' ? 'on' : l.change === 'removed' ? 'bad' : ''}`}>{t(`versions.${l.change}`)}</span></td><td><Link href={`/forms/${structure.of}/${l.component.id}`}>{l.component.title}</Link></td>
              <td>{Object.entries(l.fields).map(([name, [a, b]]) => <div key={name}><span className="help">{label(name)}</span> {l.change !== 'added' && <del>{show(name, a)}</del>} {l.change === 'changed' && '→'} {l.change !== 'removed' && <ins>{show(name, b)}</ins>}</div>)}</td></tr>))}</tbody></table>}</div>
          <h2 className="above">{t('versions.totals')}</h2>
          <div className="card scroll">{comparison.data.totals.length === 0 ? <div className="empty">{t('versions.no_difference')}</div> : <table className="grid"><thead><tr><th>{t('structure.component')}</th><th className="number">{t('versions.before')}</th><th className="number">{t('versions.after')}</th><th className="number hide-phone">{t('versions.difference')}</th></tr></thead>
            <tbody>{comparison.data.totals.map((x) => { const change = less(x.after ?? '0', x.before ?? '0'); return <tr key={x.component.id}><td>{x.component.title}</td><td className="number">{x.before === null ? '–' : group(x.before)}</td><td className="number"><strong>{x.after === null ? '–' : group(x.after)}</strong></td><td className="number hide-phone"><Change amount={change} /></td></tr>; })}</tbody></table>}</div>
        </>
      )}
    </>
  );
}
