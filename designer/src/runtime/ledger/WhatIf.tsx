import { type FormEvent, useState } from 'react';
import type { Flow, PlannerInfo, WhatIf as Tried } from '../../backend/ledger.ts';
import type { Reference } from '../../backend/types.ts';
import { group, showDate } from '../../i18n/i18n.ts';
import { DateInput } from '../../renderer/DateInput.tsx';
import { typed } from '../../renderer/numbers.ts';
import { useSite } from '../site.tsx';
import { Choose } from './parts.tsx';

interface Wish { readonly kind: 'demands' | 'supplies'; readonly flow: Flow; readonly words: string }

/** Further demand and supply that are only thought of. It says throughout that nothing of it is kept. */
export function WhatIf({ planner, working, onTry, onLeave }: { planner: PlannerInfo; working: boolean; onTry: (tried: Tried | null) => void; onLeave: () => void }) {
  const { t, w, language, release } = useSite();
  const [wishes, setWishes] = useState<readonly Wish[]>([]);
  const [kind, setKind] = useState<Wish['kind']>('demands');
  const [key, setKey] = useState<Readonly<Record<string, Reference>>>({});
  const [quantity, setQuantity] = useState('');
  const [day, setDay] = useState(release.today);
  const complete = planner.dimensions.every((d) => key[d.name]) && /^\d+(\.\d+)?$/.test(quantity) && day !== '';
  const put = (next: readonly Wish[]): void => {
    setWishes(next);
    const of = (k: Wish['kind']): readonly Flow[] => next.filter((x) => x.kind === k).map((x) => x.flow);
    onTry(next.length ? { demands: of('demands'), supplies: of('supplies') } : null);
  };
  const add = (e: FormEvent): void => {
    e.preventDefault();
    if (!complete) return;
    const flow = { key: Object.fromEntries(Object.entries(key).map(([name, r]) => [name, r.id])), day, quantity };
    put([...wishes, { kind, flow, words: `${t(`tried.${kind}`)} ${group(quantity)} · ${Object.values(key).map((r) => r.title).join(' · ')} · ${showDate(day, language)}` }]);
    setQuantity('');
  };
  return (
    <section className="trial" aria-labelledby="trial">
      <div className="trial-head"><strong id="trial">{t('planner.thrown_away')}</strong><button className="button small" onClick={onLeave}>{t('planner.leave')}</button></div>
      <form className="tools" onSubmit={add}>
        <label className="with-label">{t('tried.what')} <select className="input" value={kind} onChange={(e) => setKind(e.target.value === 'supplies' ? 'supplies' : 'demands')}><option value="demands">{t('tried.demands')}</option><option value="supplies">{t('tried.supplies')}</option></select></label>
        {planner.dimensions.map((d) => d.form && <div key={d.name} className="choose"><Choose id={`try-${d.name}`} form={d.form} value={key[d.name] ?? null} label={w(d.label)} onChange={(v) => setKey(Object.fromEntries([...Object.entries(key).filter(([k]) => k !== d.name), ...(v ? [[d.name, v] as const] : [])]))} /></div>)}
        <label className="with-label">{t('planner.quantity')} <input className="input number short" id="try-quantity" inputMode="decimal" value={quantity} onChange={(e) => setQuantity(typed(e.target.value))} /></label>
        <label className="with-label">{t('forecast.day')} <DateInput id="try-day" min={release.today} value={day} onValue={setDay} /></label>
        <button className="button primary" disabled={!complete || working}>{t('tried.add')}</button>
      </form>
      {wishes.length > 0 && <ul className="chips">{wishes.map((x, i) => <li key={i} className="chip">{x.words}<button aria-label={`${t('tried.remove')} ${x.words}`} onClick={() => put(wishes.filter((_, at) => at !== i))}>×</button></li>)}</ul>}
    </section>
  );
}
