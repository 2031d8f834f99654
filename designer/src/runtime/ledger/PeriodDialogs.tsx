import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { Refusal, RequestKeys } from '../../backend/client.ts';
import { type PeriodMove, movePeriod } from '../../backend/ledger.ts';
import type { ProblemInfo } from '../../backend/types.ts';
import { daysLater, showDate } from '../../i18n/i18n.ts';
import { DateInput } from '../../renderer/DateInput.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useSite } from '../site.tsx';

interface Shared { readonly register: string; readonly onDone: () => void; readonly onClose: () => void }

/** Close up to a day. The end of last month is what is closed nearly always; so it stands there at the start, unless it is closed already. */
export function CloseDialog({ register, until, onDone, onClose }: Shared & { until: string | null }) {
  const { t, language, release: { today } } = useSite();
  const yesterday = daysLater(today, -1);
  const monthEnd = daysLater(`${today.slice(0, 7)}-01`, -1);
  const first = until ? daysLater(until, 1) : '';
  const [day, setDay] = useState(monthEnd >= first ? monthEnd : yesterday);
  const [note, setNote] = useState('');
  const quick = [{ words: t('period.month_end'), to: monthEnd }, { words: t('period.yesterday'), to: yesterday }].filter((q) => q.to >= first);
  return (
    <Move title={t('period.close_title')} register={register} move={{ do: 'close', until: day, reason: note }} ready={day !== ''} yes={day ? t('period.close_now', { day: showDate(day, language) }) : t('period.close_which')} onDone={onDone} onClose={onClose}>
      <div className="field"><label htmlFor="close-until">{t('period.last_day')}</label>
        <DateInput id="close-until" min={first} max={yesterday} value={day} onValue={setDay} />
        <div className="answers">{quick.map((q) => <button key={q.words} type="button" className="button small" aria-pressed={day === q.to} onClick={() => setDay(q.to)}>{q.words}</button>)}</div>
      </div>
      <div className="field"><label htmlFor="close-note">{t('period.note')}</label><input className="input" id="close-note" maxLength={500} value={note} onChange={(e) => setNote(e.target.value)} /></div>
      {day && <p className="help">{t('period.closed_means', { day: showDate(daysLater(day, 1), language) })}</p>}
    </Move>
  );
}

/** Open again from a day on, or everything; with a reason. The month that was closed last is what is asked for most. */
export function ReopenDialog({ register, until, onDone, onClose }: Shared & { until: string }) {
  const { t, language } = useSite();
  const [from, setFrom] = useState(`${until.slice(0, 7)}-01`);
  const [all, setAll] = useState(false);
  const [reason, setReason] = useState('');
  const stays = all || !from ? null : daysLater(from, -1);
  return (
    <Move title={t('period.reopen_title')} register={register} move={{ do: 'reopen', until: stays, reason }} ready={all || from !== ''} yes={stays ? t('period.reopen_now', { day: showDate(from, language) }) : t('period.reopen_everything')} onDone={onDone} onClose={onClose}>
      <div className="field"><label htmlFor="reopen-from">{t('period.reopen_from')}</label>
        <DateInput id="reopen-from" max={until} disabled={all} value={from} onValue={setFrom} />
        <label className="check"><input type="checkbox" checked={all} onChange={(e) => setAll(e.target.checked)} /> {t('period.reopen_all')}</label>
        {stays && <span className="help">{t('period.still_closed', { day: showDate(stays, language) })}</span>}
      </div>
      <div className="field"><label htmlFor="reopen-reason">{t('period.reason')}<span className="star">*</span></label>
        <textarea className="input" id="reopen-reason" aria-describedby="reopen-help" aria-required="true" maxLength={500} value={reason} onChange={(e) => setReason(e.target.value)} /><span className="help" id="reopen-help">{t('period.reason_help')}</span></div>
    </Move>
  );
}

/** The question, its answers, and what the server says against it: it alone decides, so nothing is checked twice here. */
function Move({ title, register, move, ready, yes, children, onDone, onClose }: Shared & { title: string; move: PeriodMove; ready: boolean; yes: string; children: ReactNode }) {
  const { t } = useSite();
  const [working, setWorking] = useState(false);
  const [refused, setRefused] = useState<readonly ProblemInfo[]>([]);
  const keys = useRef(new RequestKeys());
  const send = (e: FormEvent): void => {
    e.preventDefault();
    setWorking(true);
    movePeriod(register, move, keys.current.of(move)).then(onDone).catch((problem: unknown) => {
      const answered = problem instanceof Refusal && problem.status > 0 && problem.status < 500;
      if (answered) keys.current.answered();
      setRefused(answered && problem.problems.length ? problem.problems : [{ code: 'offline', pointer: '', title: t('error.offline'), hint: '', ways: [] }]);
    }).finally(() => setWorking(false));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="asked" onSubmit={send}>
        {children}
        {refused.length > 0 && <div className="alert" role="alert">{refused.map((p) => <div key={p.code + p.title}><strong>{p.title}</strong> {p.hint}</div>)}</div>}
        <div className="actions"><button type="button" className="button" onClick={onClose}>{t('form.cancel')}</button><button className="button primary" disabled={working || !ready}>{yes}</button></div>
      </form>
    </Dialog>
  );
}
