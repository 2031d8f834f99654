import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useDeferredValue, useEffect, useState } from 'react';
import { useSearch } from 'wouter';
import { Refusal, api } from '../backend/client.ts';
import type { RuleInfo, StuckInfo } from '../backend/types.ts';
import { RuleCard } from './RuleCard.tsx';
import { useSite } from './site.tsx';

interface Answer { readonly rules: readonly RuleInfo[]; readonly stuck: readonly StuckInfo[] }

/** All rules in the order they fire, what they did, and what is stuck. For administrators. */
export function RulesPage() {
  const { t, session } = useSite();
  const allowed = session.user.is_admin;
  const list = useQuery({ queryKey: ['rules'], enabled: allowed, refetchInterval: 30_000, queryFn: () => api<Answer>('/rules') });
  return (
    <>
      <div className="head"><h1>{t('nav.rules')}</h1></div>
      {!allowed && <div className="card empty">{t('rules.admins_only')}</div>}
      {list.isLoading && <div className="card empty" aria-busy="true">{t('list.loading')}</div>}
      {list.error && <div className="card empty" role="alert">{list.error instanceof Refusal && list.error.message ? list.error.message : t('error.offline')}<button className="button" onClick={() => void list.refetch()}>{t('error.retry')}</button></div>}
      {!list.error && list.data && (list.data.rules.length === 0 ? <div className="card empty"><strong>{t('rules.empty')}</strong><span>{t('rules.empty_how')}</span></div> : <Rules {...list.data} />)}
    </>
  );
}

function Rules({ rules, stuck }: Answer) {
  const { t, w } = useSite();
  const linked = new URLSearchParams(useSearch()).get('rule') ?? '';
  const [opened, setOpened] = useState<readonly string[]>(linked ? [linked] : []);
  const [text, setText] = useState('');
  const [form, setForm] = useState('');
  const words = useDeferredValue(text).trim().toLowerCase();
  const forms = [...new Map(rules.map((r) => [r.form, w(r.label)]))].sort((a, b) => a[1].localeCompare(b[1]));
  const found = rules.filter((r) => (!form || r.form === form) && (!words || [r.name, r.about, r.text, w(r.label)].some((x) => x.toLowerCase().includes(words))));
  const toggle = (name: string): void => setOpened(opened.includes(name) ? opened.filter((n) => n !== name) : [...opened, name]);
  const show = (name: string): void => { setText(''); setForm(''); setOpened([...new Set([...opened, name])]); reveal(name); };
  useEffect(() => { if (linked) { setOpened((now) => [...new Set([...now, linked])]); reveal(linked); } }, [linked]);
  return (
    <>
      <Stuck stuck={stuck} onShow={show} />
      <p className="help intro">{t('rules.intro')}</p>
      <div className="tools">
        <input type="search" placeholder={t('list.search')} aria-label={t('list.search')} value={text} onChange={(e) => setText(e.target.value)} />
        <select className="input form-filter" aria-label={t('rules.form')} value={form} onChange={(e) => setForm(e.target.value)}><option value="">{t('rules.all_forms')}</option>{forms.map(([name, label]) => <option key={name} value={name}>{label}</option>)}</select>
        <span className="help" role="status">{found.length < rules.length ? t('rules.count_some', { count: found.length, all: rules.length }) : t('rules.count', { count: rules.length })}</span>
      </div>
      {found.length > 0
        ? <ol className="rules" aria-label={t('nav.rules')} onKeyDown={walk}>{found.map((r) => <RuleCard key={r.name} rule={r} open={opened.includes(r.name)} onToggle={() => toggle(r.name)} />)}</ol>
        : <div className="card empty">{t('rules.none_found')}<button className="button" onClick={() => { setText(''); setForm(''); }}>{t('list.clear')}</button></div>}
    </>
  );
}

/** Rules that could not run by themselves, with the reason. */
function Stuck({ stuck, onShow }: { stuck: readonly StuckInfo[]; onShow: (rule: string) => void }) {
  const { t } = useSite();
  const [all, setAll] = useState(false);
  if (stuck.length === 0) return null;
  const shown = all ? stuck : stuck.slice(0, 3);
  return (
    <section className="alert stuck" aria-labelledby="stuck">
      <h2 id="stuck">{t('rules.stuck', { count: stuck.length })}</h2>
      <ul>{shown.map((s, i) => <li key={i}>
        <button onClick={() => onShow(s.rule)}>{s.rule}</button>{' '}
        <span className="attempts">{t(s.given_up ? 'rules.given_up' : 'rules.tried', { count: s.attempts })}</span>
        <div>{s.error}</div>
      </li>)}</ul>
      {shown.length < stuck.length && <button onClick={() => setAll(true)}>{t('rules.more', { count: stuck.length - shown.length })}</button>}
    </section>
  );
}

const heads = (): readonly HTMLElement[] => [...document.querySelectorAll<HTMLElement>('.rules .rule-head')];

/** Up and down go from rule to rule, Home and End to the first and last. */
function walk(e: KeyboardEvent): void {
  const all = heads();
  const here = all.indexOf(e.target as HTMLElement);
  const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[e.key];
  if (here < 0 || next === undefined) return;
  e.preventDefault();
  all[next]?.focus();
}

function reveal(name: string): void {
  setTimeout(() => {
    const card = [...document.querySelectorAll<HTMLElement>('.rules .rule')].find((x) => x.dataset['rule'] === name);
    card?.scrollIntoView({ block: 'start' });
    card?.querySelector<HTMLElement>('.rule-head')?.focus({ preventScroll: true });
  }, 50);
}
