import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { Refusal, api, query } from '../backend/client.ts';
import type { Candidate, FiringInfo, FormInfo, RuleInfo } from '../backend/types.ts';
import { group, showTime } from '../i18n/i18n.ts';
import { Deeds } from './Firing.tsx';
import { RuleText } from './RuleText.tsx';
import { BY_ITSELF, eventWords } from './ruleWords.ts';
import { useSite } from './site.tsx';

const FIRST = 10;

/** One rule: a line that opens to its text and what it did lately. */
export function RuleCard({ rule, open, onToggle }: { rule: RuleInfo; open: boolean; onToggle: () => void }) {
  const { t, w, language } = useSite();
  const id = `rule-${rule.order}`;
  return (
    <li className={`card rule${open ? ' open' : ''}`} data-rule={rule.name}>
      <h2><button className="rule-head" id={id} aria-expanded={open} aria-controls={`${id}-more`} onClick={onToggle}>
        <span className="order" aria-hidden="true">{rule.order}</span>
        <span className="rule-name">{rule.name}</span>
        <span className="rule-facts">
          <span className="state">{w(rule.label)}</span>
          <span className="help">{t(`event.${rule.event}` as 'event.created')}</span>
          {!BY_ITSELF.includes(rule.event) && <span className="help">{t(rule.phase === 'before' ? 'rules.before' : 'rules.after')}</span>}
        </span>
        <span className="rule-counts help">
          <span>{rule.fired > 0 ? t('rules.fired', { count: group(String(rule.fired)) }) : t('rules.never')}</span>
          {rule.last && <span>{t('rules.last', { time: showTime(rule.last, language) })}</span>}
          {rule.next && <span>{t('rules.next', { time: showTime(rule.next, language) })}</span>}
        </span>
        <span className="chevron" aria-hidden="true" />
      </button></h2>
      {open && (
        <div className="rule-more" id={`${id}-more`} role="region" aria-labelledby={id}>
          {rule.about && <p>{rule.about}</p>}
          <RuleText text={rule.text} label={t('rules.text')} />
          <p className="help">{t('rules.file', { file: rule.file.replace(/\.\w+$/, '') })}</p>
          <Firings rule={rule} />
        </div>
      )}
    </li>
  );
}

function Firings({ rule }: { rule: RuleInfo }) {
  const { t } = useSite();
  const [all, setAll] = useState(false);
  const list = useQuery({ queryKey: ['firings', 'rule', rule.name], queryFn: () => api<{ firings: FiringInfo[] }>(`/rules/firings${query({ rule: rule.name })}`) });
  const shown = (list.data?.firings ?? []).slice(0, all ? undefined : FIRST);
  const rest = (list.data?.firings.length ?? 0) - shown.length;
  const titles = useTitles(shown);
  return (
    <section aria-busy={list.isFetching}>
      <h3>{t('rules.firings')}</h3>
      {list.isLoading && <p className="help">{t('list.loading')}</p>}
      {list.error && <p className="wrong-text" role="alert">{list.error instanceof Refusal && list.error.message ? list.error.message : t('error.offline')} <button className="button small" onClick={() => void list.refetch()}>{t('error.retry')}</button></p>}
      {list.data?.firings.length === 0 && <p className="help">{t('rules.no_firings')}</p>}
      {shown.length > 0 && <ol className="firings">{shown.map((f, i) => <FiringRow key={i} firing={f} title={titles.get(f.record ?? '')} />)}</ol>}
      {rest > 0 && <button className="button small" onClick={() => setAll(true)}>{t('rules.more', { count: rest })}</button>}
    </section>
  );
}

function FiringRow({ firing, title }: { firing: FiringInfo; title: string | undefined }) {
  const { t, w, release, language } = useSite();
  const form = useQuery({ queryKey: ['form', firing.form], enabled: firing.record !== null, queryFn: () => api<FormInfo>(`/forms/${firing.form}`), staleTime: 60_000, retry: false });
  const label = w(release.forms.find((f) => f.name === firing.form)?.label);
  return (
    <li>
      <div className="firing-head">
        <time dateTime={firing.at}>{showTime(firing.at, language)}</time>
        {firing.record && (title === '' ? <span className="help">{t('rules.record_gone', { form: label })}</span> : <Link href={`/forms/${firing.form}/${firing.record}`}>{title ?? label}</Link>)}
        <small>{eventWords(firing.event, t, w, form.data)}{' · '}{firing.by === 'system' ? t('rules.by_itself') : t('rules.by', { name: firing.by })}</small>
      </div>
      <Deeds firing={firing} />
    </li>
  );
}

/** Titles of the records that firings are about; "" for one that is no longer there. */
function useTitles(firings: readonly FiringInfo[]): ReadonlyMap<string, string> {
  const wanted = [...new Map(firings.flatMap((f) => (f.record ? [[f.record, f.form] as const] : [])))];
  return useQueries({
    queries: wanted.map(([id, form]) => ({ queryKey: ['title', form, id], staleTime: 60_000, retry: false, queryFn: () => api<{ found: Candidate[] }>(`/forms/${form}/lookup${query({ id })}`) })),
    combine: (answers) => new Map(answers.flatMap((a, i) => (a.data ? [[wanted[i]![0], a.data.found[0]?.title ?? ''] as const] : []))),
  });
}
