import { Link } from 'wouter';
import type { Sum } from '../../backend/ledger.ts';
import { group } from '../../i18n/i18n.ts';
import { useSite } from '../site.tsx';

/** Each component once, with all of what is needed of it. */
export function Sums({ form, rows }: { form: string; rows: readonly Sum[] }) {
  const { t } = useSite();
  return (
    <div className="card scroll"><table className="grid">
      <thead><tr><th>{t('structure.component')}</th><th className="number hide-phone">{t('structure.level')}</th><th className="number">{t('structure.total')}</th></tr></thead>
      <tbody>{rows.map((r) => <tr key={r.component.id}><td><Link href={`/forms/${form}/${r.component.id}`}>{r.component.title}</Link>{!r.leaf && <span className="state"> {t('structure.made')}</span>}</td><td className="number hide-phone">{r.low_level_code}</td>
        <td className="number"><strong>{group(r.rounded ?? r.total)}</strong>{r.rounded !== undefined && r.rounded !== r.total && <small className="help block">{t('structure.exactly', { quantity: group(r.total) })}</small>}{r.output && <small className="help block">{t('role.output')} {group(r.output)}</small>}</td></tr>)}</tbody>
    </table></div>
  );
}
