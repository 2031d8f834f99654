import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { api } from '../../backend/client.ts';
import { type Demand, type StructureInfo, getExplosion, getRollUp, getStructure, getSums } from '../../backend/ledger.ts';
import type { RecordInfo, Reference } from '../../backend/types.ts';
import { group } from '../../i18n/i18n.ts';
import { DateInput } from '../../renderer/DateInput.tsx';
import { typed } from '../../renderer/numbers.ts';
import { Tabs } from '../../ui/Tabs.tsx';
import { useSite } from '../site.tsx';
import { Sums } from './Sums.tsx';
import { Tree } from './Tree.tsx';
import { Versions } from './Versions.tsx';
import { WhereUsed } from './WhereUsed.tsx';
import { Choose, Failed, Loading } from './parts.tsx';

type Name = 'explosion' | 'uses' | 'versions';
export interface Asked { readonly structure: StructureInfo; readonly record: Reference; readonly demand: Demand }

/** What something is made of over all levels, what it goes into, and how its versions differ. `?of=` says of which record. */
export function StructurePage({ structure }: { structure: string }) {
  const info = useQuery({ queryKey: ['structure', structure], queryFn: () => getStructure(structure), staleTime: 60_000 });
  if (info.error) return <Failed error={info.error} onRetry={() => void info.refetch()} />;
  return info.data ? <Page structure={info.data} /> : <Loading />;
}

function Page({ structure }: { structure: StructureInfo }) {
  const { t, w, release } = useSite();
  const [, go] = useLocation();
  const search = new URLSearchParams(useSearch());
  const of = search.get('of') ?? '';
  const open = (['uses', 'versions'] as const).find((n) => n === search.get('tab')) ?? 'explosion';
  const named = useQuery({ queryKey: ['record-title', structure.of, of], enabled: of !== '', staleTime: 60_000, queryFn: () => api<RecordInfo>(`/forms/${structure.of}/records/${of}`) });
  const [chosen, setChosen] = useState<Reference | null>(null);
  const [quantity, setQuantity] = useState('1');
  const [on, setOn] = useState('');
  const [parameters, setParameters] = useState<Readonly<Record<string, string>>>({});
  const record = of === '' ? null : chosen?.id === of ? chosen : named.data ? { id: of, title: named.data.title } : null;
  const lead = (next: string, tab: Name): void => go(`/structures/${structure.name}?${new URLSearchParams({ ...(next ? { of: next } : {}), ...(tab === 'explosion' ? {} : { tab }) })}`, { replace: true });
  const asked = record && { structure, record, demand: { record: record.id, quantity: quantity || '1', on, parameters } };
  return (
    <>
      <div className="head"><h1>{w(structure.label)}</h1></div>
      <div className="tools">
        <div className="choose wide"><Choose id="parent" form={structure.of} value={record} label={t('structure.choose', { what: w(release.forms.find((f) => f.name === structure.of)?.label) || structure.of })} onChange={(next) => { setChosen(next); lead(next?.id ?? '', open); }} /></div>
        <label className="with-label">{t('structure.quantity')} <input className="input number short" id="quantity" inputMode="decimal" value={quantity} onChange={(e) => setQuantity(typed(e.target.value))} /></label>
        {structure.dated && <label className="with-label">{t('structure.on')} <DateInput value={on} onValue={setOn} /></label>}
        {structure.parameters.map((p) => (
          <label key={p.name} className="with-label">{w(p.label)} {p.type === 'boolean'
            ? <input type="checkbox" checked={(parameters[p.name] ?? String(p.default ?? false)) === 'true'} onChange={(e) => setParameters({ ...parameters, [p.name]: String(e.target.checked) })} />
            : p.type === 'date' ? <DateInput id={`parameter-${p.name}`} value={parameters[p.name] ?? ''} onValue={(v) => setParameters(without(parameters, p.name, v))} />
            : <input className={`input short${p.type === 'number' ? ' number' : ''}`} id={`parameter-${p.name}`} inputMode={p.type === 'number' ? 'decimal' : 'text'} placeholder={p.default === null ? '' : String(p.default)} value={parameters[p.name] ?? ''} onChange={(e) => setParameters(without(parameters, p.name, p.type === 'number' ? typed(e.target.value) : e.target.value))} />}</label>))}
      </div>
      {named.error && <Failed error={named.error} />}
      {!asked && !named.error && (named.isLoading ? <Loading /> : <div className="card empty">{t('structure.begin')}</div>)}
      {asked && <Tabs<Name> label={w(structure.label)} tabs={[{ name: 'explosion', label: t('structure.explosion') }, { name: 'uses', label: t('structure.uses') }, { name: 'versions', label: t('structure.versions') }]} open={open} onOpen={(tab) => lead(of, tab)}>
        {open === 'explosion' ? <Parts {...asked} /> : open === 'uses' ? <WhereUsed {...asked} /> : <Versions {...asked} />}
      </Tabs>}
    </>
  );
}

const without = (given: Readonly<Record<string, string>>, name: string, value: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries({ ...given, [name]: value }).filter(([, v]) => v !== ''));

function Parts({ structure, record, demand }: Asked) {
  const { t, w } = useSite();
  const [summed, setSummed] = useState(false);
  const levels = useQuery({ queryKey: ['explosion', structure.name, demand], enabled: !summed, placeholderData: (before) => before, queryFn: () => getExplosion(structure.name, demand) });
  const sums = useQuery({ queryKey: ['explosion', structure.name, 'sums', demand], enabled: summed, placeholderData: (before) => before, queryFn: () => getSums(structure.name, demand) });
  const rolled = useQueries({ queries: structure.measures.map((m) => ({ queryKey: ['explosion', structure.name, m.name, demand], retry: false, queryFn: () => getRollUp(structure.name, demand, m.name) })) });
  const answer = summed ? sums : levels;
  if (answer.error) return <Failed error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!answer.data) return <Loading />;
  if (answer.data.rows.length === 0) return <div className="card empty">{t('structure.empty')}</div>;
  return (
    <>
      <div className="tools">
        <button className={`button small${summed ? ' primary' : ''}`} aria-pressed={summed} onClick={() => setSummed(!summed)}>{t('structure.summarised')}</button>
        {structure.measures.map((m, i) => rolled[i]?.data && <span key={m.name} className="fact"><span className="help">{w(m.label)}</span> <strong data-measure={m.name}>{group(rolled[i].data.value)}</strong>{rolled[i].data.missing > 0 && <span className="help"> {t('structure.missing', { count: rolled[i].data.missing })}</span>}</span>)}
      </div>
      {summed ? sums.data && <Sums form={structure.of} rows={sums.data.rows} /> : levels.data && <Tree key={record.id} form={structure.of} rows={levels.data.rows} label={record.title} />}
    </>
  );
}
