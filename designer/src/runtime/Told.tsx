import { type FormStore, isWarning } from '../renderer/FormStore.ts';
import { useStore } from '../renderer/FormView.tsx';
import { Held } from './Held.tsx';
import { useSite } from './site.tsx';

/** What the server refused, in one place; each leads to its field. Warnings of rules may be overridden, where that is all there is. */
export function Told({ store, again, working, onAgain }: { store: FormStore; again: string | null; working: boolean; onAgain: (rules: readonly string[]) => void }) {
  const { t } = useSite();
  const { server, overridable } = useStore(store);
  if (server.length === 0) return null;
  const warned = server.every(isWarning);
  const hints = [...new Set(server.map((p) => p.hint))];
  const jump = (pointer: string): void => { const id = `f${pointer.replaceAll('/', '-')}`; (document.getElementById(id) ?? document.querySelector<HTMLElement>(`[data-line="${pointer.split('/')[2]}"] input`))?.focus(); };
  return (
    <div className={`alert${warned ? ' warned' : ''}`} role="alert" tabIndex={-1}>
      {warned && <strong>{t('form.warned')}</strong>}
      <ul>{server.map((p, i) => (
        <li key={i}>{p.pointer ? <button className="jump" onClick={() => jump(p.pointer)}>{p.title}</button> : p.title} {warned ? <small>{t('form.of_rule', { rule: String(p.params?.['rule'] ?? '') })}</small> : p.hint}<Held problem={p} /></li>))}</ul>
      {warned && <p>{hints.join(' ')}</p>}
      {warned && (
        <div className="answers">
          {overridable.length > 0 && again !== null && <button className="button primary" disabled={working} onClick={() => onAgain(overridable)}>{t('form.all_the_same', { action: again })}</button>}
          <button className="button" disabled={working} onClick={() => { store.dismiss(); jump(server.find((p) => p.pointer)?.pointer ?? ''); }}>{t('form.keep_editing')}</button>
        </div>
      )}
    </div>
  );
}
