import { useQuery } from '@tanstack/react-query';
import { api } from '../backend/client.ts';
import type { FormInfo, HistoryEntry } from '../backend/types.ts';
import { showTime } from '../i18n/i18n.ts';
import { useSite } from './site.tsx';

/** Who changed what, newest first. */
export function HistoryPanel({ form, id }: { form: FormInfo; id: string }) {
  const { t, w, language } = useSite();
  const history = useQuery({ queryKey: ['history', form.name, id], queryFn: () => api<{ history: HistoryEntry[] }>(`/forms/${form.name}/records/${id}/history`) });
  const label = (place: string): string => {
    const [outer, , inner] = place.split('/');
    const field = form.fields.find((f) => f.name === outer);
    const column = field?.fields?.find((f) => f.name === inner);
    return [w(field?.label) || place, w(column?.label)].filter(Boolean).join(' · ');
  };
  const action = (name: string): string => w(form.actions.find((a) => a.name === name)?.label) || (name === 'create' ? t('history.created') : name === 'change' ? t('history.changed') : name);
  const show = (v: unknown): string => (v === null || v === undefined ? '–' : typeof v === 'object' ? JSON.stringify(v) : String(v));
  return (
    <section className="card pad history" style={{ marginTop: 12 }} aria-label={t('form.history')}>
      <h2>{t('form.history')}</h2>
      {history.data?.history.map((e, i) => (
        <div className="entry" key={i}>
          <div>{t('history.by', { action: action(e.action), name: e.by })} <small>{showTime(e.at, language)}</small></div>
          {e.action !== 'create' && Object.entries(e.changes).slice(0, 12).map(([place, [before, after]]) => <div key={place}><small>{label(place)}</small> <del>{show(before)}</del> → <ins>{show(after)}</ins></div>)}
        </div>
      ))}
      {history.data?.history.length === 0 && t('history.empty')}
    </section>
  );
}
