import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { Refusal, RequestKeys } from '../../backend/client.ts';
import { type PlannerInfo, type RunInfo, type WhatIf as Tried, askForRun, getPlanner, getRequirements, stopRun } from '../../backend/ledger.ts';
import { Tabs } from '../../ui/Tabs.tsx';
import { useSite } from '../site.tsx';
import { Buckets } from './Buckets.tsx';
import { Alerts, Suggestions } from './Suggestions.tsx';
import { WhatIf } from './WhatIf.tsx';
import { Failed, Loading } from './parts.tsx';

/** What must be bought or made, and when; why; and what would be if. */
export function PlannerPage({ planner }: { planner: string }) {
  const info = useQuery({ queryKey: ['planner', planner], queryFn: () => getPlanner(planner), refetchInterval: (q) => (q.state.data?.last_run?.is_running ? 700 : false) });
  if (info.error && !info.data) return <Failed error={info.error} onRetry={() => void info.refetch()} />;
  return info.data ? <Page planner={info.data} /> : <Loading />;
}

function Page({ planner }: { planner: PlannerInfo }) {
  const { t, w } = useSite();
  const queries = useQueryClient();
  const [open, setOpen] = useState<'suggestions' | 'buckets'>('suggestions');
  const [trying, setTrying] = useState(false);
  const [tried, setTried] = useState<Tried | null>(null);
  const running = planner.last_run?.is_running ?? false;
  const was = useRef(running);
  useEffect(() => {
    if (was.current && !running) void queries.invalidateQueries({ predicate: (q) => ['requirements', 'list', 'balances'].includes(String(q.queryKey[0])) });
    was.current = running;
  }, [running, queries]);
  const real = useQuery({ queryKey: ['requirements', planner.name], queryFn: () => getRequirements(planner.name, [], null) });
  const other = useQuery({ queryKey: ['requirements', planner.name, 'what if', tried], enabled: tried !== null, placeholderData: (before) => before, queryFn: () => getRequirements(planner.name, [], tried) });
  const shown = trying && tried ? other : real;
  const told = shown.data;
  return (
    <>
      <div className="head"><h1>{w(planner.label)}</h1><div className="grow" />
        <button className={`button${trying ? ' primary' : ''}`} aria-pressed={trying} onClick={() => { setTrying(!trying); setTried(null); }}>{t('planner.what_if')}</button></div>
      {trying ? <WhatIf planner={planner} working={other.isFetching} onTry={setTried} onLeave={() => { setTrying(false); setTried(null); }} /> : <Running planner={planner} />}
      {shown.error && <Failed error={shown.error} onRetry={() => void shown.refetch()} />}
      {!shown.error && !told && <div className="card"><Loading /></div>}
      {!shown.error && told && (
        <div className={trying ? 'trying' : ''}>
          <Alerts planner={planner} told={told} />
          <Tabs label={w(planner.label)} tabs={[{ name: 'suggestions', label: t('planner.suggestions', { count: told.counts.suggestions }) }, { name: 'buckets', label: t('planner.buckets') }]} open={open} onOpen={setOpen}>
            {open === 'suggestions' ? <Suggestions planner={planner} told={told} real={trying && tried ? (real.data ?? null) : null} whatIf={trying ? tried : null} /> : <Buckets planner={planner} told={told} whatIf={trying ? tried : null} />}
          </Tabs>
          <p className="help">{t('planner.horizon', { days: planner.horizon_days })} <Link href={`/forms/${planner.suggestions}`}>{t('planner.open_list')}</Link></p>
        </div>
      )}
    </>
  );
}

/** The run that writes suggestions: asked for, watched, stopped. */
function Running({ planner }: { planner: PlannerInfo }) {
  const { t } = useSite();
  const queries = useQueryClient();
  const keys = useRef(new RequestKeys());
  const [refused, setRefused] = useState('');
  const [working, setWorking] = useState(false);
  const run = planner.last_run;
  const send = (what: 'run' | 'stop'): void => {
    setWorking(true);
    (what === 'run' ? askForRun : stopRun)(planner.name, keys.current.of(what))
      .then(() => { keys.current.answered(); setRefused(''); }, (e: unknown) => { if (e instanceof Refusal && e.status > 0) keys.current.answered(); setRefused(e instanceof Refusal && e.message ? e.message : t('error.offline')); })
      .finally(() => { setWorking(false); void queries.invalidateQueries({ queryKey: ['planner', planner.name] }); });
  };
  return (
    <div className="card pad running" aria-live="polite">
      {run?.is_running ? (
        <>
          <label htmlFor="progress">{run.state === 'waiting' || run.total === 0 ? t('planner.waiting') : t('planner.progress', { done: run.done, total: run.total })}</label>
          {run.total > 0 ? <progress id="progress" max={run.total} value={run.done} /> : <progress id="progress" />}
          {planner.may.run && <button className="button" disabled={working} onClick={() => send('stop')}>{t('planner.stop')}</button>}
        </>
      ) : (
        <>
          {planner.may.run && <button className="button primary big-button" disabled={working} onClick={() => send('run')}>{t('planner.run')}</button>}
          <Last run={run} />
        </>
      )}
      {refused && <div className="wrong-text" role="alert">{refused}</div>}
    </div>
  );
}

function Last({ run }: { run: RunInfo | null }) {
  const { t } = useSite();
  if (!run) return <span className="help">{t('planner.never')}</span>;
  if (run.state === 'done') return <span role="status">{t('planner.done', { created: run.created ?? 0, changed: run.changed ?? 0, withdrawn: run.withdrawn ?? 0, kept: run.kept ?? 0 })}{!!run.faults?.length && <span className="wrong-text block">{t('planner.faults', { count: run.faults.length })}</span>}</span>;
  return <span role="status" className={run.state === 'failed' ? 'wrong-text' : ''}>{run.state === 'stopped' ? t('planner.stopped') : run.state === 'failed' ? t('planner.failed', { problem: run.problem ?? '' }) : t('planner.silent')}</span>;
}
