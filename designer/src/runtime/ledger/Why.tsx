import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { type CostInfo, type MovementRow, explainMovement, keyText } from '../../backend/ledger.ts';
import type { RegisterInfo } from '../../backend/types.ts';
import { type Key, group, showDate, showMoment } from '../../i18n/i18n.ts';
import { useSite } from '../site.tsx';
import { Change, Failed, Loading, shown } from './parts.tsx';

type Side = 'from' | 'to';
const REASONS: Readonly<Record<string, Key>> = { late: 'reason.late', correction: 'reason.correction', variance: 'reason.variance', rounding: 'reason.rounding', settlement: 'reason.settlement', revaluation: 'reason.revaluation' };
/** Steps of one level that are drawn at once. */
const SHOWN_FIRST = 10;

const useMovement = (register: string, movement: string) => useQuery({ queryKey: ['balances', register, 'why', movement], queryFn: () => explainMovement(register, movement) });

/** Why a reason changed a value, in words; one of a later engine by its name. */
export function useReason(): (reason: string) => string {
  const { t } = useSite();
  return (reason) => (REASONS[reason] ? t(REASONS[reason]) : reason);
}

/** What made a movement: its rule in words; and, where goods are valued, how its value was found, where it came from and where it went. */
export function Why({ register, movement }: { register: RegisterInfo; movement: MovementRow }) {
  const { t, w } = useSite();
  const told = useMovement(register.name, movement.id);
  if (told.error) return <Failed error={told.error} onRetry={() => void told.refetch()} />;
  if (!told.data) return <Loading />;
  const { words, cost } = told.data;
  return (
    <div className="why">
      <h4>{t('balance.rule')} <code>{movement.posting}</code></h4>
      {words ? <div className="clauses">{w(words).split('\n').map((clause, at) => <p key={at}>{clause.split('`').map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part))}</p>)}</div> : <p className="help">{t('balance.rule_hidden')}</p>}
      {cost && <CostTold register={register} cost={cost} />}
    </div>
  );
}

function CostTold({ register, cost }: { register: RegisterInfo; cost: CostInfo }) {
  const { t, w } = useSite();
  const reason = useReason();
  const value = register.valuation?.value ?? '';
  return (
    <>
      <h4>{w(register.measures.find((m) => m.name === value)?.label)} {shown(cost.value)} <span className="state">{t(`method.${cost.method}`)}</span></h4>
      <Origin cost={cost} />
      <Steps register={register} cost={cost} side="from" />
      <Steps register={register} cost={cost} side="to" />
      {cost.later.length > 0 && (
        <><h5>{t('cost.later')}</h5>
          <ul className="descent">{cost.later.map((m) => <li key={m.id}><div className="step"><What movement={m} note={reason(m.reason ?? '')} /><strong className="number"><Change amount={m.amounts[value] ?? '0'} /></strong></div></li>)}</ul></>
      )}
    </>
  );
}

/** Where a chain ends: at a value that was given or counted, at what is known by its day alone, or at the cost of what was there. */
function Origin({ cost }: { cost: CostInfo }) {
  const { t, language } = useSite();
  const nameless = cost.pieces.filter((p) => !p.movement);
  return (
    <>
      {cost.given !== null && <p>{t('cost.given', { value: shown(cost.given) })}</p>}
      {cost.counted && <p>{t('cost.counted')}</p>}
      {nameless.map((p, i) => <p key={i}>{t('cost.piece', { quantity: group(p.quantity), value: group(p.value), day: showDate(p.day, language) })}</p>)}
      {cost.given === null && !cost.counted && cost.pieces.length === 0 && cost.from.length === 0 && <p>{t('cost.pool')}</p>}
    </>
  );
}

interface Tie { readonly movement: MovementRow; readonly note: string; readonly value: string }

/** The movements on one side: those it is tied to, and those that brought what it took. Each can be followed further that way. */
function Steps({ register, cost, side, inner = false }: { register: RegisterInfo; cost: CostInfo; side: Side; inner?: boolean }) {
  const { t } = useSite();
  const [all, setAll] = useState(false);
  const tied = cost[side].map((s): Tie => ({ movement: s, note: t(`descent.${side}_${s.kind}`, { quantity: group(s.quantity) }), value: s.value }));
  const taken = side === 'to' ? [] : cost.pieces.flatMap((p): Tie[] => (p.movement ? [{ movement: p.movement, note: t('descent.piece', { quantity: group(p.quantity) }), value: p.value }] : []));
  const found = [...tied, ...taken];
  const steps = all ? found : found.slice(0, SHOWN_FIRST);
  const more = side === 'to' ? cost.more_to : cost.more_from + cost.more_pieces;
  if (steps.length === 0) return null;
  return (
    <>
      {!inner && <h5>{t(`cost.${side}`)}</h5>}
      <ul className="descent" data-side={side}>{steps.map((s, at) => <Step key={at} register={register} step={s} side={side} />)}</ul>
      {steps.length < found.length && <button className="link" onClick={() => setAll(true)}>{t('rules.more', { count: found.length - steps.length })}</button>}
      {steps.length === found.length && more > 0 && <p className="help">{t('cost.more', { count: more })}</p>}
    </>
  );
}

function Step({ register, step: { movement, note, value }, side }: { register: RegisterInfo; step: Tie; side: Side }) {
  const { t } = useSite();
  const [open, setOpen] = useState(false);
  return (
    <li>
      <div className="step">
        <button className="twist" aria-expanded={open} aria-label={t(`cost.follow_${side}`, { what: movement.record.title || keyText(movement.key) })} onClick={() => setOpen(!open)}><i className={open ? 'open' : ''} aria-hidden="true" /></button>
        <What movement={movement} note={note} />
        <strong className="number">{group(value.replace('-', ''))}</strong>
      </div>
      {open && <Further register={register} movement={movement.id} side={side} />}
    </li>
  );
}

function Further({ register, movement, side }: { register: RegisterInfo; movement: string; side: Side }) {
  const { t } = useSite();
  const told = useMovement(register.name, movement);
  if (told.error) return <Failed error={told.error} onRetry={() => void told.refetch()} />;
  if (!told.data) return <Loading />;
  const { cost } = told.data;
  if (!cost || (side === 'to' && cost.to.length === 0)) return <p className="help further">{t('cost.end')}</p>;
  return <div className="further">{side === 'from' && <Origin cost={cost} />}<Steps register={register} cost={cost} side={side} inner /></div>;
}

function What({ movement: m, note }: { movement: MovementRow; note: string }) {
  const { t, w, language, release } = useSite();
  const form = release.forms.find((f) => f.name === m.form);
  return (
    <div className="what">
      <div>{m.record.title && form ? <Link className="record" href={`/forms/${m.form}/${m.record.id}`}>{w(form.label)} {m.record.title}</Link> : <span className="help">{t('balance.hidden_record')}</span>}</div>
      <div className="help">{note} · {keyText(m.key)} · <time dateTime={m.effective}>{showMoment(m.effective, language, release.zone)}</time></div>
    </div>
  );
}
