import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ANY_DAYS, type Closing, type PeriodsInfo, getPeriods } from '../../backend/ledger.ts';
import type { RegisterInfo } from '../../backend/types.ts';
import { daysLater, showDate, showMoment } from '../../i18n/i18n.ts';
import { useSite } from '../site.tsx';
import { CloseDialog, ReopenDialog } from './PeriodDialogs.tsx';
import { Failed, Loading } from './parts.tsx';

const SHOWN_FIRST = 10;

/** Until when a register is closed, for which days one may post oneself, who closed and reopened it and why; and both, for those who may. */
export function Periods({ register }: { register: RegisterInfo }) {
  const periods = useQuery({ queryKey: ['periods', register.name], queryFn: () => getPeriods(register.name) });
  if (periods.error) return <Failed error={periods.error} onRetry={() => void periods.refetch()} />;
  if (!periods.data) return <div className="card"><Loading /></div>;
  return <><Now register={register.name} periods={periods.data} /><History entries={periods.data.history} /></>;
}

function Now({ register, periods }: { register: string; periods: PeriodsInfo }) {
  const { t, language, release } = useSite();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<'close' | 'reopen' | null>(null);
  const { until, may, waiting } = periods;
  const left = !until || until < daysLater(release.today, -1);
  const done = (): void => { setAsked(null); void queries.invalidateQueries({ queryKey: ['periods', register] }); };
  return (
    <section className="card pad period" data-until={until ?? ''}>
      <h2><span className={`lock${until ? ' shut' : ''}`} aria-hidden="true" />{until ? t('period.closed_until', { day: showDate(until, language) }) : t('period.all_open')}</h2>
      <p>{until ? t('period.closed_means', { day: showDate(daysLater(until, 1), language) }) : t('period.open_means')}</p>
      <p><YourDays periods={periods} /></p>
      {waiting > 0 && <p className="state marked">{t('period.waiting', { count: waiting })}</p>}
      {may.close || may.reopen ? (
        <div className="answers">
          {may.close && left && <button className="button primary big-button" onClick={() => setAsked('close')}>{t('period.close')}</button>}
          {may.reopen && until && <button className="button big-button" onClick={() => setAsked('reopen')}>{t('period.reopen')}</button>}
        </div>
      ) : <p className="help">{t('period.no_right')}</p>}
      {asked === 'close' && <CloseDialog register={register} until={until} onDone={done} onClose={() => setAsked(null)} />}
      {asked === 'reopen' && until && <ReopenDialog register={register} until={until} onDone={done} onClose={() => setAsked(null)} />}
    </section>
  );
}

/** The days that the rights and the closing together leave to the reader. */
function YourDays({ periods: { until, may } }: { periods: PeriodsInfo }) {
  const { t, language, release: { today } } = useSite();
  if (may.back === 0 && may.ahead === 0) return <>{t('period.today_only')}</>;
  if (may.back >= ANY_DAYS && may.ahead >= ANY_DAYS) return <>{t('period.any_day')}</>;
  const open = until ? daysLater(until, 1) : '';
  const back = daysLater(today, -may.back);
  return <>{t('period.your_days', { from: showDate(back > open ? back : open, language), to: showDate(daysLater(today, may.ahead), language) })}</>;
}

function History({ entries }: { entries: readonly Closing[] }) {
  const { t, language, release } = useSite();
  const [all, setAll] = useState(false);
  const shown = all ? entries : entries.slice(0, SHOWN_FIRST);
  const said = (e: Closing): string => {
    if (e.what === 'close') return t('period.did_close', { day: showDate(e.until!, language) });
    return e.until ? t('period.did_reopen', { day: showDate(daysLater(e.until, 1), language) }) : t('period.did_reopen_all');
  };
  return (
    <>
      <h2 className="above">{t('period.history')}</h2>
      {entries.length === 0 && <div className="card empty">{t('period.never')}</div>}
      {shown.length > 0 && (
        <ol className="card pad history closings">{shown.map((e) => (
          <li key={e.at + e.what} className={`entry ${e.what}`}>
            <div><strong>{said(e)}</strong></div>
            <small>{e.name} · <time dateTime={e.at}>{showMoment(e.at, language, release.zone)}</time></small>
            {e.reason && <blockquote>{e.reason}</blockquote>}
          </li>))}</ol>
      )}
      {entries.length > shown.length && <div className="more"><button className="button" onClick={() => setAll(true)}>{t('period.earlier', { count: entries.length - shown.length })}</button></div>}
    </>
  );
}
