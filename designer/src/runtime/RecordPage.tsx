import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Refusal, RequestKeys, api, requestKey } from '../backend/client.ts';
import type { ActionInfo, CostsAhead, FormInfo, RecordInfo } from '../backend/types.ts';
import { FormStore } from '../renderer/FormStore.ts';
import { FormView, useStore } from '../renderer/FormView.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { CostsAheadQuestion } from './CostsAhead.tsx';
import { HistoryPanel } from './HistoryPanel.tsx';
import { Told } from './Told.tsx';
import { decisionMayRevalue, mayRevalue, worthTelling } from './revaluing.ts';
import { useSite } from './site.tsx';

export function RecordPage({ form, id }: { form: string; id: string | null }) {
  const { t } = useSite();
  const info = useQuery({ queryKey: ['form', form], queryFn: () => api<FormInfo>(`/forms/${form}`), staleTime: 60_000 });
  const record = useQuery({ queryKey: ['record', form, id], enabled: id !== null, queryFn: () => api<RecordInfo>(`/forms/${form}/records/${id}`), gcTime: 0, staleTime: 0 });
  const failed = info.error ?? record.error;
  if (failed) return <div className="card empty" role="alert">{failed instanceof Refusal && failed.message ? failed.message : t('error.offline')}<button className="button" onClick={() => { void info.refetch(); void record.refetch(); }}>{t('error.retry')}</button></div>;
  if (!info.data || (id !== null && !record.data)) return <div className="card empty" aria-busy="true">{t('list.loading')}</div>;
  return <Editor key={`${id}/${record.data?.revision ?? 0}`} form={info.data} record={record.data ?? null} />;
}

interface Again { readonly words: string; readonly send: (accept: readonly string[]) => void }
interface CostsTold { readonly costs: readonly CostsAhead[]; readonly yes: string; readonly send: () => void }
type Ask = { kind: 'confirm'; action: ActionInfo } | { kind: 'delete' } | { kind: 'stale' } | { kind: 'leave'; to: string } | ({ kind: 'costs' } & CostsTold) | null;

function Editor({ form, record }: { form: FormInfo; record: RecordInfo | null }) {
  const { t, w, session, release } = useSite();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [working, setWorking] = useState(false);
  const [looking, setLooking] = useState(false);
  const [ask, setAsk] = useState<Ask>(null);
  const [history, setHistory] = useState(false);
  const [saved, setSaved] = useState(false);
  const keys = useRef(new RequestKeys());
  // What the last refused request was called, and how to send it again with warnings accepted.
  const [again, setAgain] = useState<Again | null>(null);
  const editable = record ? (record.may?.change ?? false) : form.may.create;
  // The store lives as long as the record is open; the words it uses follow the language.
  const speech = useRef({ t, w });
  speech.current = { t, w };
  const store = useMemo(() => new FormStore(form, record, {
    actor: { id: session.user.id, name: session.user.name, roles: session.user.roles }, today: release.today, editable,
    say: () => speech.current.t('form.required'), words: (text) => speech.current.w(text),
  }), [form, record, editable, session, release.today]);
  const snapshot = useStore(store);
  const state = form.states.find((s) => s.name === (record?.state ?? form.states[0]?.name));
  const actions = form.actions.filter((a) => (record ? record.may?.actions.includes(a.name) : form.may.create && form.may.actions.includes(a.name) && a.from.includes(form.states[0]?.name ?? '') && a.style === 'primary'));

  useEffect(() => {
    const warn = (e: BeforeUnloadEvent): void => { if (store.get().dirty) e.preventDefault(); };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [store]);

  const send = async (action: ActionInfo | null, accept: readonly string[] = [], told = false): Promise<void> => {
    if (editable && store.attempt() !== null) { setAgain(null); focusFirst(); return; }
    setWorking(true);
    try {
      const accepted = accept.length ? { accept } : {};
      const values = editable && (!record || store.get().dirty || !action) ? { values: store.sent() } : {};
      const path = `/forms/${form.name}/records`;
      const request = !record
        ? { to: path, method: 'POST', body: { ...values, ...(action ? { then: action.name } : {}), ...accepted } }
        : action
          ? { to: `${path}/${record.id}/actions/${action.name}`, method: 'POST', body: { ...values, ...accepted }, revision: record.revision }
          : { to: `${path}/${record.id}`, method: 'PATCH', body: { ...values, ...accepted }, revision: record.revision };
      if (!told && mayRevalue({ form, record, action, values: store.get().values }, release.today, release.zone)) {
        setLooking(true);
        const costs = worthTelling((await api<{ costs: readonly CostsAhead[] }>(`${request.to}?preview=1`, request)).costs);
        if (costs.length) { setAsk({ kind: 'costs', costs, yes: action ? w(action.label) : t('form.save'), send: () => void send(action, accept, true) }); return; }
      }
      const answer = await api<RecordInfo>(request.to, { ...request, key: keys.current.of(request) });
      keys.current.answered();
      setSaved(true);
      await refresh(answer.id);
      if (answer.copy) go(`/forms/${answer.copy.form}/${answer.copy.id}`);
    } catch (e) {
      refused(e, { words: action ? w(action.label) : t('form.save'), send: (rules) => void send(action, rules, told) });
    } finally {
      setLooking(false);
      setWorking(false);
    }
  };
  const refresh = async (id: string): Promise<void> => {
    void queries.invalidateQueries({ predicate: (q) => ['list', 'tasks', 'balances', 'dashboard', 'history'].includes(String(q.queryKey[0])) });
    if (!record) go(`/forms/${form.name}/${id}`, { replace: true });
    else await queries.invalidateQueries({ queryKey: ['record', form.name, id] });
  };
  const refused = (e: unknown, next: Again | null = null): void => {
    if (e instanceof Refusal && e.status > 0 && e.status < 500) keys.current.answered();
    setAgain(next);
    if (e instanceof Refusal && e.status === 412) { setAsk({ kind: 'stale' }); return; }
    const problems = e instanceof Refusal && e.status !== 0 ? e.problems : [{ code: 'offline', pointer: '', title: t('error.offline'), hint: '', ways: [] }];
    store.refuse(problems);
    focusFirst();
  };
  const remove = async (accept: readonly string[] = []): Promise<void> => {
    setAsk(null);
    setWorking(true);
    const accepted = accept.length ? `?${new URLSearchParams(accept.map((rule) => ['accept', rule]))}` : '';
    try {
      await api(`/forms/${form.name}/records/${record!.id}${accepted}`, { method: 'DELETE', revision: record!.revision, key: requestKey() });
      await refresh(record!.id).catch(() => undefined);
      go(`/forms/${form.name}`);
    } catch (e) {
      refused(e, { words: t('form.delete'), send: (rules) => void remove(rules) });
    } finally {
      setWorking(false);
    }
  };
  const start = (action: ActionInfo): void => { if (action.confirm) setAsk({ kind: 'confirm', action }); else void send(action); };
  const leave = (to: string): void => { if (snapshot.dirty && !saved) setAsk({ kind: 'leave', to }); else go(to); };
  const wrong = snapshot.tried ? Object.keys(snapshot.problems).length : 0;
  return (
    <>
      <div className="head">
        <a href={`/forms/${form.name}`} onClick={(e) => { e.preventDefault(); leave(`/forms/${form.name}`); }} aria-label={t('form.back')}>‹ {w(form.label)}</a>
        <h1>{record ? record.title : t('form.new', { form: w(form.label) })}</h1>
        {state && <span className={`state${state.editable ? '' : ' on'}`}>{w(state.label)}</span>}
        <div className="grow" />
        {record && release.structures.filter((s) => s.form === form.name).map((s) => { const to = `/structures/${s.name}?of=${record.id}`; return <a key={s.name} className="button small quiet" href={to} onClick={(e) => { e.preventDefault(); leave(to); }}>{w(s.label)}</a>; })}
        {record && <button className="button small quiet" aria-expanded={history} onClick={() => setHistory(!history)}>{t('form.history')}</button>}
      </div>
      <Told store={store} again={again?.words ?? null} working={working} onAgain={(rules) => again?.send(rules)} />
      {record?.tasks?.map((task) => <TaskBar key={task.id} id={task.id} worthAsking={decisionMayRevalue(form, snapshot.values, release.today, release.zone)} onCosts={(told) => setAsk({ kind: 'costs', ...told })} onDone={() => void refresh(record.id)} onRefused={refused} />)}
      <FormView store={store} />
      {history && record && <HistoryPanel form={form} id={record.id} />}
      {(editable || actions.length > 0 || record?.may?.delete) && (
        <div className="bar">
          {record?.may?.delete && <button className="button quiet danger" onClick={() => setAsk({ kind: 'delete' })}>{t('form.delete')}</button>}
          <div className="grow" role="status">{looking ? <span className="help">{t('costs.looking')}</span> : wrong > 0 && <span className="wrong-text">{t('form.problems', { count: wrong })}</span>}</div>
          {actions.filter((a) => a.style !== 'primary').map((a) => <button key={a.name} className={`button ${a.style === 'danger' ? 'danger' : ''}`} disabled={working} onClick={() => start(a)}>{w(a.label)}</button>)}
          {editable && <button className={`button ${actions.some((a) => a.style === 'primary') ? '' : 'primary'}`} disabled={working || (!!record && !snapshot.dirty)} onClick={() => void send(null)}>{working ? t('form.saving') : t('form.save')}</button>}
          {actions.filter((a) => a.style === 'primary').map((a) => <button key={a.name} className="button primary" disabled={working} onClick={() => start(a)}>{w(a.label)}</button>)}
        </div>
      )}
      {ask?.kind === 'confirm' && <Question title={w(ask.action.label)} text={w(ask.action.confirm)} yes={t('form.go_on')} danger={ask.action.style === 'danger'} onNo={() => setAsk(null)} onYes={() => { setAsk(null); void send(ask.action); }} />}
      {ask?.kind === 'delete' && <Question title={t('form.delete')} text={t('form.delete_confirm')} yes={t('form.delete')} danger onNo={() => setAsk(null)} onYes={() => void remove()} />}
      {ask?.kind === 'leave' && <Question title={t('form.leave')} text={t('form.unsaved')} yes={t('form.leave')} danger onNo={() => setAsk(null)} onYes={() => go(ask.to)} />}
      {ask?.kind === 'costs' && <CostsAheadQuestion costs={ask.costs} yes={ask.yes} onNo={() => setAsk(null)} onYes={() => { setAsk(null); ask.send(); }} />}
      {ask?.kind === 'stale' && <Question title={t('form.stale')} text={t('form.reload')} yes={t('form.reload')} onNo={() => setAsk(null)} onYes={() => { setAsk(null); void queries.invalidateQueries({ queryKey: ['record', form.name, record?.id] }); }} />}
    </>
  );
}

function focusFirst(): void { setTimeout(() => document.querySelector<HTMLElement>('.input.wrong, .alert')?.focus(), 30); }

/** A decision, asked about first if what it posts may change what others cost. */
function TaskBar({ id, worthAsking, onCosts, onDone, onRefused }: { id: string; worthAsking: boolean; onCosts: (told: CostsTold) => void; onDone: () => void; onRefused: (e: unknown, again: Again) => void }) {
  const { t } = useSite();
  const [comment, setComment] = useState('');
  const [working, setWorking] = useState(false);
  const decide = async (decision: string, words: string, accept: readonly string[] = [], told = false): Promise<void> => {
    const to = `/tasks/${id}/decision`;
    const body = { decision, comment, ...(accept.length ? { accept } : {}) };
    setWorking(true);
    try {
      const costs = worthAsking && !told ? worthTelling((await api<{ costs: readonly CostsAhead[] }>(`${to}?preview=1`, { method: 'POST', body })).costs) : [];
      if (costs.length) { onCosts({ costs, yes: words, send: () => void decide(decision, words, accept, true) }); return; }
      await api(to, { method: 'POST', body, key: requestKey() });
      onDone();
    } catch (e) {
      onRefused(e, { words, send: (rules) => void decide(decision, words, rules, told) });
    } finally {
      setWorking(false);
    }
  };
  return (
    <div className="alert note"><strong>{t('form.decide')}</strong><input className="input" style={{ maxWidth: 280 }} aria-label={t('form.comment')} placeholder={t('form.comment')} value={comment} onChange={(e) => setComment(e.target.value)} />
      <button className="button primary" disabled={working} onClick={() => void decide('approved', t('form.approve'))}>{t('form.approve')}</button><button className="button danger" disabled={working} onClick={() => void decide('rejected', t('form.reject'))}>{t('form.reject')}</button>
      {worthAsking && working && <span className="help" role="status">{t('costs.looking')}</span>}</div>
  );
}

function Question({ title, text, yes, danger = false, onYes, onNo }: { title: string; text: string; yes: string; danger?: boolean; onYes: () => void; onNo: () => void }) {
  const { t } = useSite();
  return <Dialog title={title} onClose={onNo}><p style={{ margin: 0 }}>{text}</p><div className="actions"><button className="button" onClick={onNo}>{t('form.cancel')}</button><button className={`button ${danger ? 'danger' : 'primary'}`} onClick={onYes} autoFocus>{yes}</button></div></Dialog>;
}
