import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { getUses } from '../../backend/ledger.ts';
import { group } from '../../i18n/i18n.ts';
import { useSite } from '../site.tsx';
import type { Asked } from './StructurePage.tsx';
import { Failed, Loading } from './parts.tsx';

/** What it goes into: directly, or all the way to what is used in nothing else. */
export function WhereUsed({ structure, demand }: Asked) {
  const { t } = useSite();
  const [top, setTop] = useState(false);
  const uses = useQuery({ queryKey: ['explosion', structure.name, 'uses', demand, top], placeholderData: (before) => before, queryFn: () => getUses(structure.name, demand, top) });
  if (uses.error) return <Failed error={uses.error} onRetry={() => void uses.refetch()} />;
  const rows = uses.data?.rows ?? [];
  return (
    <>
      <div className="tools" role="group" aria-label={t('structure.uses')}>
        <button className={`button small${top ? '' : ' primary'}`} aria-pressed={!top} onClick={() => setTop(false)}>{t('structure.direct')}</button>
        <button className={`button small${top ? ' primary' : ''}`} aria-pressed={top} onClick={() => setTop(true)}>{t('structure.to_the_top')}</button>
      </div>
      <div className="card scroll" aria-busy={uses.isFetching}>
        {rows.length === 0 && (uses.isLoading ? <Loading /> : <div className="empty">{t('structure.not_used')}</div>)}
        {rows.length > 0 && (
          <table className="grid tree"><thead><tr><th>{t('structure.used_in')}</th><th className="number">{t('structure.per')}</th><th className="number">{t('structure.contained')}</th></tr></thead>
            <tbody>{rows.map((u, i) => <tr key={i} data-level={u.level}><td><div className="node" style={{ paddingLeft: `calc(${u.level - 1} * var(--step))` }}>{u.level > 1 && <span aria-hidden="true">↳</span>}<span><Link href={`/forms/${structure.of}/${u.parent.id}`}>{u.parent.title}</Link>{u.top && top && <span className="state on"> {t('structure.top')}</span>}</span></div></td><td className="number">{group(u.quantity)}</td><td className="number"><strong>{group(u.total)}</strong></td></tr>)}</tbody></table>
        )}
      </div>
    </>
  );
}
