import type { FiringInfo } from '../backend/types.ts';
import { useSite } from './site.tsx';

/** What a firing did, and on demand the values it read. */
export function Deeds({ firing }: { firing: FiringInfo }) {
  const { t } = useSite();
  const values = Object.entries(firing.values);
  return (
    <>
      {firing.did.length > 0 ? <ul className="deeds">{firing.did.map((did, i) => <li key={i}><code>{did}</code></li>)}</ul> : <p className="help">{t('rules.did_nothing')}</p>}
      {values.length > 0 && (
        <details className="read-values"><summary>{t('rules.values', { count: values.length })}</summary>
          <dl>{values.map(([name, value]) => <div key={name}><dt>{name}</dt><dd><code>{value}</code></dd></div>)}</dl>
        </details>
      )}
    </>
  );
}
