import type { CostsAhead } from '../backend/types.ts';
import { group } from '../i18n/i18n.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { useSite } from './site.tsx';

/** What a posting that is dated back would change of what others cost, told before it is done. */
export function CostsAheadQuestion({ costs, yes, onYes, onNo }: { costs: readonly CostsAhead[]; yes: string; onYes: () => void; onNo: () => void }) {
  const { t, w, release } = useSite();
  return (
    <Dialog title={t('costs.title')} onClose={onNo}>
      {costs.map((c) => (
        <div key={c.recosted} className="costs-ahead">
          {costs.length > 1 && <strong>{t('costs.of', { register: w(release.registers.find((r) => r.name === c.recosted)?.label) })}</strong>}
          <p>{t(c.records === 1 ? 'costs.one' : 'costs.many', { records: group(String(c.records)), changed: group(c.changed) })}</p>
          {c.closed > 0 && <p className="state marked">{t('costs.closed', { closed: group(String(c.closed)) })}</p>}
          {!c.complete && <p>{t('costs.incomplete')}</p>}
        </div>))}
      <div className="actions"><button className="button" onClick={onNo}>{t('form.cancel')}</button><button className="button primary" onClick={onYes} autoFocus>{t('form.all_the_same', { action: yes })}</button></div>
    </Dialog>
  );
}
