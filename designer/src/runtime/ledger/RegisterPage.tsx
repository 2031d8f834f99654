import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { getRegister, getTurnover, ifOffered } from '../../backend/ledger.ts';
import type { Reference, RegisterInfo } from '../../backend/types.ts';
import { Tabs } from '../../ui/Tabs.tsx';
import { useSite } from '../site.tsx';
import { Balances } from './Balances.tsx';
import { Forecast } from './Forecast.tsx';
import { Periods } from './Periods.tsx';
import { Turnover } from './Turnover.tsx';
import { Choose, Failed, Loading } from './parts.tsx';

export interface View { readonly register: RegisterInfo; readonly by: readonly string[]; readonly only: Readonly<Record<string, Reference>>; readonly where: Readonly<Record<string, string>>; readonly onBy: (by: readonly string[]) => void }
const VIEWS = ['balances', 'forecast', 'turnover', 'periods'] as const;
type Name = (typeof VIEWS)[number];

/** A register by the dimensions one chooses: what is there, what will be, what came and went, and until when it is closed. Every number can be asked for its reasons. */
export function RegisterPage({ register }: { register: string }) {
  const info = useQuery({ queryKey: ['register', register], queryFn: () => getRegister(register), staleTime: 60_000 });
  if (info.error) return <Failed error={info.error} onRetry={() => void info.refetch()} />;
  return info.data ? <Views register={info.data} /> : <Loading />;
}

function Views({ register }: { register: RegisterInfo }) {
  const { t, w } = useSite();
  const [, go] = useLocation();
  const asked = new URLSearchParams(useSearch()).get('tab');
  const [by, setBy] = useState<readonly string[]>(register.dimensions.slice(0, 2).map((d) => d.name));
  const [only, setOnly] = useState<Readonly<Record<string, Reference>>>({});
  // An engine without turnovers answers 404: then there is no such tab.
  const turnover = useQuery({ queryKey: ['turnover-offered', register.name], staleTime: Infinity, retry: false, queryFn: () => ifOffered(getTurnover(register.name, by.slice(0, 1), {}, '', '', '', 1)).then((page) => page !== null, () => true) });
  const offered: readonly Name[] = VIEWS.filter((v) => v === 'balances' || v === 'periods' || (v === 'forecast' ? register.planned !== null : turnover.data === true));
  const open = offered.find((v) => v === asked) ?? 'balances';
  const view: View = { register, by, only, onBy: setBy, where: Object.fromEntries(Object.entries(only).map(([name, value]) => [name, value.id])) };
  const shown = { balances: <Balances {...view} />, forecast: <Forecast {...view} />, turnover: <Turnover {...view} />, periods: <Periods register={register} /> }[open];
  return (
    <>
      <div className="head"><h1>{w(register.label)}</h1></div>
      {open !== 'periods' && <Dimensions register={register} by={by} onBy={setBy} />}
      {open !== 'periods' && <Filters register={register} only={only} onOnly={setOnly} />}
      <Tabs label={w(register.label)} tabs={offered.map((name) => ({ name, label: t(`balance.${name}`) }))} open={open} onOpen={(name) => go(`/registers/${register.name}${name === 'balances' ? '' : `?tab=${name}`}`, { replace: true })}>{shown}</Tabs>
    </>
  );
}

function Dimensions({ register, by, onBy }: { register: RegisterInfo; by: readonly string[]; onBy: (by: readonly string[]) => void }) {
  const { t, w } = useSite();
  const toggle = (name: string): void => {
    const next = by.includes(name) ? by.filter((n) => n !== name) : register.dimensions.map((d) => d.name).filter((n) => by.includes(n) || n === name);
    if (next.length) onBy(next);
  };
  return (
    <div className="tools" role="group" aria-label={t('balance.by')}>
      <span className="help">{t('balance.by')}</span>
      {register.dimensions.map((d) => <button key={d.name} className={`button small${by.includes(d.name) ? ' primary' : ''}`} aria-pressed={by.includes(d.name)} onClick={() => toggle(d.name)}>{w(d.label)}</button>)}
    </div>
  );
}

/** The first dimension that refers to records can be chosen at once, the others on demand: on a phone they would fill the screen. */
function Filters({ register, only, onOnly }: { register: RegisterInfo; only: Readonly<Record<string, Reference>>; onOnly: (only: Readonly<Record<string, Reference>>) => void }) {
  const { t, w } = useSite();
  const [all, setAll] = useState(false);
  const choices = register.dimensions.filter((d) => d.form);
  const shown = all ? choices : choices.slice(0, 1);
  const set = (name: string, value: Reference | null): void => onOnly(Object.fromEntries([...Object.entries(only).filter(([k]) => k !== name), ...(value ? [[name, value] as const] : [])]));
  if (choices.length === 0) return null;
  return (
    <div className="tools">
      {shown.map((d) => <div key={d.name} className="choose"><Choose id={`only-${d.name}`} form={d.form!} value={only[d.name] ?? null} label={t('balance.filter', { what: w(d.label) })} onChange={(v) => set(d.name, v)} /></div>)}
      {choices.length > 1 && !all && <button className="button small quiet" aria-expanded={false} onClick={() => setAll(true)}>{t('balance.more_filters')}</button>}
    </div>
  );
}
