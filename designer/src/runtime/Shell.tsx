import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api } from '../backend/client.ts';
import type { TaskInfo, Text } from '../backend/types.ts';
import { showTime } from '../i18n/i18n.ts';
import { Popover } from '../ui/Popover.tsx';
import { entryOf, useSite } from './site.tsx';

export function Brand({ name }: { name: string }) {
  return <Link href="/" className="brand"><span className="mark" aria-hidden="true"><i /><i /><i /></span>{name}</Link>;
}

export function Shell({ children }: { children: ReactNode }) {
  const { t, w, release, session, language, setLanguage, signOut } = useSite();
  const [open, setOpen] = useState(false);
  const [here] = useLocation();
  useEffect(() => setOpen(false), [here]);
  const tasks = useQuery({ queryKey: ['tasks'], queryFn: () => api<{ tasks: TaskInfo[] }>('/tasks'), refetchInterval: 30_000 });
  const waiting = tasks.data?.tasks.length ?? 0;
  const at = (to: string): string => (here === to || here.startsWith(`${to}/`) ? 'here' : '');
  return (
    <div className="frame">
      <a className="skip" href="#main">{t('nav.skip')}</a>
      {open && <div className="backdrop" style={{ zIndex: 19 }} onClick={() => setOpen(false)} />}
      <aside className={`side${open ? ' open' : ''}`} id="menu">
        <Brand name={w(release.pack.label)} />
        <nav aria-label={t('nav.menu')}>
          <Link href="/" className={here === '/' ? 'here' : ''}>{t('nav.home')}</Link>
          <Link href="/tasks" className={at('/tasks')}>{t('nav.tasks')}{waiting > 0 && <span className="badge">{waiting}</span>}</Link>
          {release.menu.map((group, i) => (
            <div key={i}>
              <h2>{w(group.label)}</h2>
              {group.entries.map((e) => { const found = entryOf(e, release); return found && <Link key={found.to} href={found.to} className={at(found.to)}>{w(found.label)}</Link>; })}
            </div>
          ))}
          {session.user.is_admin && <div><h2>{t('nav.administration')}</h2><Link href="/rules" className={at('/rules')}>{t('nav.rules')}</Link></div>}
        </nav>
      </aside>
      <div style={{ minWidth: 0 }}>
        <header className="top">
          <button className="button icon only-phone" aria-label={t('nav.menu')} aria-expanded={open} aria-controls="menu" onClick={() => setOpen(!open)}>☰</button>
          <div className="grow" />
          <Notifications />
          <button className="button quiet" lang={language === 'en' ? 'zh-CN' : 'en'} onClick={() => setLanguage(language === 'en' ? 'zh-CN' : 'en')}>{t('nav.language')}</button>
          <Popover className="button" label={session.user.name}><div className="menu"><div style={{ padding: '4px 8px' }} className="help">{session.user.login}</div><button className="button quiet" onClick={signOut}>{t('nav.signout')}</button></div></Popover>
        </header>
        <main className="page" id="main" tabIndex={-1}>{children}</main>
      </div>
    </div>
  );
}

interface Told { id: string; text: Text; link: string; at: string; is_read: boolean }
function Notifications() {
  const { t, w, language } = useSite();
  const queries = useQueryClient();
  const told = useQuery({ queryKey: ['notifications'], queryFn: () => api<{ notifications: Told[]; unread: number }>('/notifications'), refetchInterval: 30_000 });
  const read = (): void => { if (told.data?.unread) void api('/notifications/read', { method: 'POST', body: {} }).then(() => queries.invalidateQueries({ queryKey: ['notifications'] })); };
  return (
    <span onClick={read}>
      <Popover className="button quiet" title={t('nav.notifications')} label={<><svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true"><path d="M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 20a2 2 0 0 0 4 0" /></svg>{!!told.data?.unread && <span className="badge">{told.data.unread}</span>}</>}>
        <div className="menu" style={{ maxWidth: 320 }}>
          {told.data?.notifications.length ? told.data.notifications.slice(0, 12).map((n) => <Link key={n.id} href={n.link || '/'} className="option"><span>{w(n.text)}</span><small>{showTime(n.at, language)}</small></Link>) : <div className="option">{t('nav.nothing_new')}</div>}
        </div>
      </Popover>
    </span>
  );
}
