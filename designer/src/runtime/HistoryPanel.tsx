import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Refusal, api, query } from '../backend/client.ts';
import type { FieldInfo, FiringInfo, FormInfo, HistoryEntry, Wire } from '../backend/types.ts';
import { showTime } from '../i18n/i18n.ts';
import { shown } from '../renderer/Shown.tsx';
import { Deeds } from './Firing.tsx';
import { eventWords } from './ruleWords.ts';
import { useSite } from './site.tsx';
import { type Moment, commentOf, commentator, ruleOf, timeline } from './timeline.ts';

const CHANGES_SHOWN = 12;

/** Who and which rules changed what, newest first. Administrators see every rule that fired, with the values it read. */
export function HistoryPanel({ form, id }: { form: FormInfo; id: string }) {
  const { t, session } = useSite();
  const history = useQuery({ queryKey: ['history', form.name, id], queryFn: () => api<{ history: HistoryEntry[] }>(`/forms/${form.name}/records/${id}/history`) });
  const fired = useQuery({ queryKey: ['history', form.name, id, 'firings'], enabled: session.user.is_admin, queryFn: () => api<{ firings: FiringInfo[] }>(`/rules/firings${query({ record: id })}`) });
  const failed = history.error ?? fired.error;
  const firings = fired.data?.firings ?? [];
  const moments = timeline(history.data?.history ?? [], firings);
  return (
    <section className="card pad history" style={{ marginTop: 12 }} aria-label={t('form.history')} aria-busy={history.isFetching || fired.isFetching}>
      <h2>{t('form.history')}</h2>
      {history.isLoading && <p className="help">{t('list.loading')}</p>}
      {failed && <p className="wrong-text" role="alert">{failed instanceof Refusal && failed.message ? failed.message : t('error.offline')} <button className="button small" onClick={() => { void history.refetch(); if (session.user.is_admin) void fired.refetch(); }}>{t('error.retry')}</button></p>}
      {moments.map((m, i) => <Entry key={i} form={form} moment={m} firings={firings} isFirst={i === moments.length - 1} />)}
      {history.data && moments.length === 0 && t('history.empty')}
    </section>
  );
}

function Entry({ form, moment, firings, isFirst }: { form: FormInfo; moment: Moment; firings: readonly FiringInfo[]; isFirst: boolean }) {
  const { entry } = moment;
  const own = entry ? ruleOf(entry) : null;
  return (
    <div className={`entry${entry === null || own !== null ? ' by-rule' : ''}${entry && commentOf(entry) ? ' comment' : ''}`}>
      {entry && <Done form={form} entry={entry} firings={firings} isFirst={isFirst} />}
      {moment.firings.map((f, i) => (
        <div className={entry && f.rule !== own ? 'fired' : ''} key={i}>
          {f.rule !== own && <Fired firing={f} form={form} alone={entry === null} />}
          <Deeds firing={f} />
        </div>
      ))}
    </div>
  );
}

/** A line of the record's own history: a comment, what a rule did, or what a person did. */
function Done({ form, entry, firings, isFirst }: { form: FormInfo; entry: HistoryEntry; firings: readonly FiringInfo[]; isFirst: boolean }) {
  const { t, w, language } = useSite();
  const time = <time dateTime={entry.at}>{showTime(entry.at, language)}</time>;
  const person = entry.by === 'system' ? null : entry.by;
  const said = commentOf(entry);
  if (said) {
    const rule = commentator(entry, firings);
    return <><div>{rule ? <ByRule action={t('history.comment')} rule={rule} /> : t('history.rule_comment')} <small>{person && <>{t('history.set_off', { name: person })}{' · '}</>}{time}</small></div><blockquote>{w(said)}</blockquote></>;
  }
  const rule = ruleOf(entry);
  const made = isFirst && Object.values(entry.changes).every(([before]) => before === null);
  const taken = w(form.actions.find((a) => a.name === entry.action)?.label);
  const action = made ? [t('history.created'), taken].filter(Boolean).join(' · ') : taken || (entry.action === 'create' ? t('history.created') : entry.action === 'change' || rule !== null ? t('history.changed') : entry.action);
  return (
    <>
      {rule !== null ? <div><ByRule action={action} rule={rule} /> <small>{person && <>{t('history.set_off', { name: person })}{' · '}</>}{time}</small></div>
        : <div>{entry.via === 'rule' ? t('history.by_rules', { action }) : t('history.by', { action, name: entry.by })} <small>{time}</small></div>}
      {entry.action !== 'create' && !made && Object.entries(entry.changes).slice(0, CHANGES_SHOWN).map(([place, [before, after]]) => <Change key={place} form={form} place={place} before={before} after={after} />)}
    </>
  );
}

/** "Changed by rule X": for administrators it leads to the rule. */
function ByRule({ action, rule }: { action: string; rule: string }) {
  const { t, session } = useSite();
  const words = t('history.by_rule', { action, rule });
  return session.user.is_admin ? <Link href={`/rules?rule=${encodeURIComponent(rule)}`}>{words}</Link> : <span>{words}</span>;
}

function Fired({ firing, form, alone }: { firing: FiringInfo; form: FormInfo; alone: boolean }) {
  const { t, w, language } = useSite();
  return (
    <div><Link href={`/rules?rule=${encodeURIComponent(firing.rule)}`}>{t('history.rule_fired', { rule: firing.rule })}</Link>{' '}
      <small>{eventWords(firing.event, t, w, form)}{' · '}{t(firing.phase === 'before' ? 'rules.before' : 'rules.after')}{alone && <>{' · '}<time dateTime={firing.at}>{showTime(firing.at, language)}</time></>}</small></div>
  );
}

function Change({ form, place, before, after }: { form: FormInfo; place: string; before: unknown; after: unknown }) {
  const { t, w, language } = useSite();
  const [outer, , inner] = place.split('/');
  const field = form.fields.find((f) => f.name === outer);
  const column = inner ? field?.fields?.find((f) => f.name === inner) : undefined;
  const label = [place === 'state' ? t('history.state') : w(field?.label) || place, w(column?.label)].filter(Boolean).join(' · ');
  const show = (v: unknown): string => {
    if (v === null || v === undefined) return '–';
    if (place === 'state') return w(form.states.find((s) => s.name === v)?.label) || String(v);
    const of: FieldInfo | undefined = column ?? (field?.fields ? undefined : field);
    return of && typeof v !== 'object' ? shown(of, v as Wire, language, t('form.yes'), t('form.no')) : typeof v === 'object' ? JSON.stringify(v) : String(v);
  };
  return <div><small>{label}</small> {before !== null && before !== undefined && <><del>{show(before)}</del> →{' '}</>}<ins>{show(after)}</ins></div>;
}
