import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../backend/client.ts';
import type { TaskInfo } from '../backend/types.ts';
import { showTime } from '../i18n/i18n.ts';
import { useSite } from './site.tsx';

/** What waits for a decision. The decision is taken on the record itself, where one sees what it is about. */
export function TasksPage() {
  const { t, w, language } = useSite();
  const tasks = useQuery({ queryKey: ['tasks'], queryFn: () => api<{ tasks: TaskInfo[] }>('/tasks') });
  const rows = tasks.data?.tasks ?? [];
  return (
    <>
      <div className="head"><h1>{t('nav.tasks')}</h1></div>
      <div className="card">
        {rows.length === 0 ? <div className="empty">{tasks.isLoading ? t('list.loading') : t('tasks.empty')}</div> : (
          <table className="grid cards"><tbody>{rows.map((task) => (
            <tr key={task.id}><td><Link href={`/forms/${task.form}/${task.record.id}`}>{task.record.title}</Link></td><td>{w(task.label)}</td><td>{w(task.form_label)}</td><td className="help">{t('tasks.since', { time: showTime(task.opened_at, language) })}</td>
              <td style={{ textAlign: 'right' }}><Link className="button small" href={`/forms/${task.form}/${task.record.id}`}>{t('tasks.open')}</Link></td></tr>))}</tbody></table>)}
      </div>
    </>
  );
}
