import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { Link } from 'wouter';
import { type MovementRow, getLayers, getMovements, ifOffered } from '../../backend/ledger.ts';
import type { Named, RegisterInfo } from '../../backend/types.ts';
import { group, showDate, showMoment } from '../../i18n/i18n.ts';
import { Sheet } from '../../ui/Sheet.tsx';
import { useSite } from '../site.tsx';
import { Why, useReason } from './Why.tsx';
import { Change, Failed, Loading, More, added, isZero, less, shown, times } from './parts.tsx';

export interface Question {
  readonly key: Readonly<Record<string, string>>; readonly title: string; readonly value: string; readonly valued: boolean; readonly at: string | undefined; readonly day: string;
  readonly number: Named & { readonly of: Readonly<Record<string, number>> };
}
interface Line { readonly movement: MovementRow; readonly change: string; readonly after: string }

/** The movements behind a number, latest first, each with the balance after it: it begins with the number asked about and ends at nothing.
 *  What made a movement, and where its value comes from, is told on demand, below it: a row of its own, since the columns are narrow on a phone. */
export function Explain({ register, question, onClose }: { register: RegisterInfo; question: Question; onClose: () => void }) {
  const { t, w, language } = useSite();
  const list = useInfiniteQuery({
    queryKey: ['balances', register.name, 'movements', question.key, question.at], initialPageParam: '',
    queryFn: ({ pageParam }) => getMovements(register.name, question.key, question.at, pageParam), getNextPageParam: (last) => last.next ?? undefined,
  });
  const [told, setTold] = useState('');
  const found = lines(list.data?.pages.flatMap((p) => p.rows) ?? [], question);
  const valuation = question.valued ? register.valuation : null;
  const beside = valuation && question.number.name === valuation.quantity ? valuation.value : valuation && question.number.name === valuation.value ? valuation.quantity : null;
  const visible = found.lines.filter((l) => !isZero(l.change) || (beside !== null && !isZero(l.movement.amounts[beside] ?? '0')));
  const besideLabel = register.measures.find((m) => m.name === beside)?.label;
  return (
    <Sheet title={`${w(question.number.label)} ${shown(question.value)}`} under={[question.title, question.day ? t('balance.until', { day: showDate(question.day, language) }) : t('balance.now')].filter(Boolean).join(' · ')} close={t('balance.close')} onClose={onClose}>
      {list.error && <Failed error={list.error} onRetry={() => void list.refetch()} />}
      {list.isLoading && <Loading />}
      {list.data && visible.length === 0 && !list.hasNextPage && <div className="empty">{t('balance.no_movements')}</div>}
      {visible.length > 0 && (
        <table className="grid movements">
          <thead><tr><th>{t('balance.what')}</th><th className="number">{w(question.number.label)}</th>{beside && <th className="number">{w(besideLabel)}</th>}<th className="number">{t('balance.after')}</th></tr></thead>
          <tbody>
            {visible.map((l) => (
              <Fragment key={l.movement.id}>
                <tr className={l.movement.reason ? 'value-alone' : ''}>
                  <td><What movement={l.movement} open={told === l.movement.id} onTell={() => setTold(told === l.movement.id ? '' : l.movement.id)} /></td>
                  <td className="number"><Change amount={l.change} /></td>
                  {beside && <td className="number"><Change amount={l.movement.amounts[beside] ?? '0'} /></td>}
                  <td className="number after">{shown(l.after)}</td>
                </tr>
                {told === l.movement.id && <tr className="rule-told"><td colSpan={beside ? 4 : 3}><Why register={register} movement={l.movement} /></td></tr>}
              </Fragment>))}
            {!list.hasNextPage && <tr className="opening"><td colSpan={beside ? 3 : 2}>{t('balance.before_first')}</td><td className="number">{shown(found.rest)}</td></tr>}
          </tbody>
        </table>
      )}
      <More list={list} />
      {beside && !question.at && <Layers register={register} question={question} />}
    </Sheet>
  );
}

function lines(movements: readonly MovementRow[], question: Question): { lines: readonly Line[]; rest: string } {
  let after = question.value;
  const made: Line[] = [];
  for (const movement of movements) {
    const change = Object.entries(question.number.of).reduce((sum, [name, factor]) => added(sum, times(movement.amounts[name] ?? '0', factor)), '0');
    made.push({ movement, change, after });
    after = less(after, change);
  }
  return { lines: made, rest: after };
}

function What({ movement: m, open, onTell }: { movement: MovementRow; open: boolean; onTell: () => void }) {
  const { t, w, language, release } = useSite();
  const reason = useReason();
  const form = release.forms.find((f) => f.name === m.form);
  return (
    <>
      <div>{m.record.title && form ? <Link className="record" href={`/forms/${m.form}/${m.record.id}`}>{w(form.label)} {m.record.title}</Link> : <span className="help">{t('balance.hidden_record')}</span>}</div>
      <div className="help"><time dateTime={m.effective}>{showMoment(m.effective, language, release.zone)}</time> <button className="rule-of" aria-expanded={open} aria-label={`${t('planner.why')} ${m.record.title}`} onClick={onTell}>{t('planner.why')}</button>
        {m.reason && <span className="state marked">{t('reason.value_only', { reason: reason(m.reason) })}</span>}
        {m.reverses && <span className="state marked">{t('balance.reversal')}</span>}
        {m.count && <span className="state">{t('balance.count')}</span>}
      </div>
    </>
  );
}

/** What is left of which receipt, where the engine tells it. */
function Layers({ register, question }: { register: RegisterInfo; question: Question }) {
  const { t, w, language, release } = useSite();
  const valuation = register.valuation;
  const where = Object.fromEntries(Object.entries(question.key).filter(([name]) => valuation?.pool.includes(name)));
  const layers = useQuery({ queryKey: ['balances', register.name, 'layers', where], retry: false, queryFn: () => ifOffered(getLayers(register.name, where)) });
  if (!layers.data?.rows.length || !valuation) return null;
  const label = (name: string): string => w(register.measures.find((m) => m.name === name)?.label);
  return (
    <section className="layers"><h3>{t('balance.layers')}</h3>
      <table className="grid"><thead><tr><th>{t('balance.since')}</th><th className="number">{label(valuation.quantity)}</th><th className="number">{label(valuation.value)}</th></tr></thead>
        <tbody>{layers.data.rows.map((l, i) => <tr key={i}><td>{showDate(l.day, language)} <span className="help">{t('balance.age', { count: l.age })}</span>{l.movement.record.title && release.forms.some((f) => f.name === l.movement.form) && <Link className="block record" href={`/forms/${l.movement.form}/${l.movement.record.id}`}>{l.movement.record.title}</Link>}</td><td className="number">{group(l.quantity)}</td><td className="number">{group(l.value)}</td></tr>)}</tbody></table>
    </section>
  );
}
