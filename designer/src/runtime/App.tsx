import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Suspense, lazy, useEffect, useMemo, useState } from 'react';
import { Route, Switch } from 'wouter';
import { Refusal, api, speak, useSession } from '../backend/client.ts';
import type { Language, ReleaseInfo, SessionInfo } from '../backend/types.ts';
import { say } from '../i18n/i18n.ts';
import { Home } from './Home.tsx';
import { ListPage } from './ListPage.tsx';
import { Login } from './Login.tsx';
import { RecordPage } from './RecordPage.tsx';
import { Shell } from './Shell.tsx';
import { TasksPage } from './TasksPage.tsx';
import { type Site, SiteContext } from './site.tsx';

const DashboardPage = lazy(() => import('./DashboardPage.tsx').then((m) => ({ default: m.DashboardPage })));
const RegisterPage = lazy(() => import('./ledger/RegisterPage.tsx').then((m) => ({ default: m.RegisterPage })));
const StructurePage = lazy(() => import('./ledger/StructurePage.tsx').then((m) => ({ default: m.StructurePage })));
const PlannerPage = lazy(() => import('./ledger/PlannerPage.tsx').then((m) => ({ default: m.PlannerPage })));
const RulesPage = lazy(() => import('./RulesPage.tsx').then((m) => ({ default: m.RulesPage })));
const Designer = lazy(() => import('../shell/Designer.tsx').then((m) => ({ default: m.Designer })));

const firstLanguage = (): Language => {
  const kept = localStorage.getItem('dougong.language');
  return kept === 'en' || kept === 'zh-CN' ? kept : navigator.language.startsWith('zh') ? 'zh-CN' : 'en';
};

/** Some of what the server sends is in the language of the account: it follows the one on this screen. */
async function agree(session: SessionInfo, language: Language): Promise<SessionInfo> {
  useSession(session);
  if (session.user.language === language || session.csrf === null) return session;
  const told = await api('/session', { method: 'PATCH', body: { language } }).then(() => true, () => false);
  return told ? { ...session, user: { ...session.user, language } } : session;
}

export function App() {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const queries = useQueryClient();
  speak(language);
  useEffect(() => { document.documentElement.lang = language; localStorage.setItem('dougong.language', language); }, [language]);
  const session = useQuery({ queryKey: ['session'], retry: false, staleTime: Infinity, queryFn: () => api<SessionInfo>('/session').then((s) => agree(s, language)).catch((e: unknown) => { if (e instanceof Refusal && e.status === 401) return null; throw e; }) });
  useSession(session.data ?? null);
  const release = useQuery({ queryKey: ['release', session.data?.user.id], enabled: !!session.data, queryFn: () => api<ReleaseInfo>('/release'), staleTime: 60_000 });
  const site = useMemo<Site | null>(() => (session.data && release.data ? {
    session: session.data, release: release.data, language,
    setLanguage: (next) => { speak(next); setLanguage(next); void api('/session', { method: 'PATCH', body: { language: next } }).then(() => queries.invalidateQueries({ predicate: (q) => ['dashboard', 'rules'].includes(String(q.queryKey[0])) })); },
    signOut: () => { void api('/session', { method: 'DELETE' }).finally(() => { queries.clear(); location.assign('/'); }); },
  } : null), [session.data, release.data, language, queries]);
  if (session.isError || release.isError) return <div className="empty" role="alert"><p>{say(language, 'error.offline')}</p><button className="button" onClick={() => { void session.refetch(); void release.refetch(); }}>{say(language, 'error.retry')}</button></div>;
  if (session.data === null) return <Login language={language} onLanguage={setLanguage} onSignedIn={(s) => void agree(s, language).then((agreed) => queries.setQueryData(['session'], agreed))} />;
  if (!site) return <div className="empty" aria-busy="true">{say(language, 'list.loading')}</div>;
  return (
    <SiteContext value={site}>
      <Shell>
        <Suspense fallback={<div className="empty" aria-busy="true">{say(language, 'list.loading')}</div>}>
          <Switch>
            <Route path="/"><Home /></Route>
            <Route path="/tasks"><TasksPage /></Route>
            <Route path="/rules"><RulesPage /></Route>
            <Route path="/designer"><Designer /></Route>
            <Route path="/forms/:form">{({ form }) => <ListPage key={form} form={form} />}</Route>
            <Route path="/forms/:form/new">{({ form }) => <RecordPage key={`${form}/new`} form={form} id={null} />}</Route>
            <Route path="/forms/:form/:id">{({ form, id }) => <RecordPage key={`${form}/${id}`} form={form} id={id} />}</Route>
            <Route path="/registers/:register">{({ register }) => <RegisterPage key={register} register={register} />}</Route>
            <Route path="/dashboards/:dashboard">{({ dashboard }) => <DashboardPage key={dashboard} dashboard={dashboard} />}</Route>
            <Route path="/structures/:structure">{({ structure }) => <StructurePage key={structure} structure={structure} />}</Route>
            <Route path="/planners/:planner">{({ planner }) => <PlannerPage key={planner} planner={planner} />}</Route>
            <Route><div className="empty">{say(language, 'error.not_found')}</div></Route>
          </Switch>
        </Suspense>
      </Shell>
    </SiteContext>
  );
}
