import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../backend/client.ts';
import type { TaskInfo } from '../backend/types.ts';
import { entryOf, useSite } from './site.tsx';

/** Big tiles for what the person does all day, then everything else. */
export function Home() {
  const { t, w, release, session } = useSite();
  const tasks = useQuery({ queryKey: ['tasks'], queryFn: () => api<{ tasks: TaskInfo[] }>('/tasks') });
  const waiting = tasks.data?.tasks.length ?? 0;
  return (
    <>
      <div className="head"><h1>{t('home.hello', { name: session.user.name })}</h1></div>
      <div className="tiles">
        <Link href="/tasks" className="tile">{t('nav.tasks')}<small>{waiting > 0 ? t('home.open_tasks', { count: waiting }) : t('home.no_tasks')}</small></Link>
        {release.home.map((e, i) => { const found = entryOf(e, release); return found && <Link key={i} href={found.to} className={`tile${e.do === 'create' ? ' new' : ''}`}>{w(found.label)}<small>{e.do === 'create' ? `＋ ${t('home.new')}` : ''}</small></Link>; })}
      </div>
      <h2 style={{ margin: '28px 0 12px' }}>{t('home.everything')}</h2>
      <div className="tiles">
        {release.menu.map((group, i) => (
          <div key={i} className="card pad"><h2 style={{ marginBottom: 8 }}>{w(group.label)}</h2>
            {group.entries.map((e) => { const found = entryOf(e, release); return found && <div key={found.to}><Link href={found.to} className="entry-link">{w(found.label)}</Link></div>; })}
          </div>
        ))}
        {session.user.is_admin && <div className="card pad"><h2 style={{ marginBottom: 8 }}>{t('nav.administration')}</h2><div><Link href="/rules" className="entry-link">{t('nav.rules')}</Link></div></div>}
      </div>
    </>
  );
}
