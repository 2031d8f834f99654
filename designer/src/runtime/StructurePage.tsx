import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { Refusal, api, query } from '../backend/client.ts';
import type { Reference } from '../backend/types.ts';
import { group } from '../i18n/i18n.ts';
import { typed } from '../renderer/numbers.ts';
import { ReferenceBox } from '../ui/ReferenceBox.tsx';
import { useSite } from './site.tsx';

interface Level { level: number; component: Reference; quantity: string; total: string; path: string[] }

/** All levels of what something is made of, multiplied out. */
export function StructurePage({ structure }: { structure: string }) {
  const { t, w, release } = useSite();
  const named = release.structures.find((s) => s.name === structure);
  const [parent, setParent] = useState<Reference | null>(null);
  const [quantity, setQuantity] = useState('1');
  const answer = useQuery({ queryKey: ['explosion', structure, parent?.id, quantity], enabled: !!parent && !!quantity, placeholderData: (before) => before, queryFn: () => api<{ rows: Level[] }>(`/structures/${structure}/explosion${query({ parent: parent!.id, quantity })}`) });
  return (
    <>
      <div className="head"><h1>{w(named?.label)}</h1></div>
      <div className="tools">
        <div style={{ flex: '0 1 340px', minWidth: 220 }}><ReferenceBox id="parent" form={named?.form ?? ''} value={parent} wrong={false} disabled={false} label={t('structure.choose')} words={{ choose: t('structure.choose'), nothing: t('form.nothing_found'), clear: t('form.clear') }} onChange={setParent} /></div>
        <label className="help" style={{ display: 'flex', gap: 6, alignItems: 'center' }}>{t('structure.quantity')} <input className="input number" style={{ width: 110 }} inputMode="decimal" value={quantity} onChange={(e) => setQuantity(typed(e.target.value))} /></label>
      </div>
      <div className="card scroll">
        {!parent && <div className="empty">{t('structure.choose')}</div>}
        {answer.error && <div className="empty" role="alert">{answer.error instanceof Refusal && answer.error.message ? answer.error.message : t('error.offline')}</div>}
        {parent && answer.data?.rows.length === 0 && <div className="empty">{t('structure.empty')}</div>}
        {parent && !!answer.data?.rows.length && (
          <table className="grid"><thead><tr><th>{t('structure.component')}</th><th className="number">{t('structure.per')}</th><th className="number">{t('structure.total')}</th></tr></thead>
            <tbody>{answer.data.rows.map((r, i) => <tr key={i}><td><span className="indent" style={{ width: (r.level - 1) * 22 }} />{r.level > 1 ? '└ ' : ''}<Link href={`/forms/${named?.form ?? ''}/${r.component.id}`}>{r.component.title}</Link></td><td className="number">{group(r.quantity)}</td><td className="number">{group(r.total)}</td></tr>)}</tbody></table>)}
      </div>
    </>
  );
}
