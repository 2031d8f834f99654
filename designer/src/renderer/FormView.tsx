import { useSyncExternalStore } from 'react';
import type { FieldInfo, Row } from '../backend/types.ts';
import { useSite } from '../runtime/site.tsx';
import { FieldInput } from './FieldInput.tsx';
import type { FormStore, Snapshot } from './FormStore.ts';
import { LinesView } from './LinesView.tsx';

export const useStore = (store: FormStore): Snapshot => useSyncExternalStore(store.subscribe, store.get);

/** A form as its definition lays it out: sections of fields, then sub-tables. The canvas of the designer will draw this very component. */
export function FormView({ store }: { store: FormStore }) {
  const { t, w } = useSite();
  const { states, values } = useStore(store);
  const header = store.form.fields.filter((f) => f.type !== 'lines');
  const laid = store.form.layout.map((part) => ({ title: w(part.section), fields: part.fields.flatMap((n) => header.filter((f) => f.name === n)) }));
  const placed = new Set(laid.flatMap((part) => part.fields));
  const rest = header.filter((f) => !placed.has(f));
  const long = (f: FieldInfo): boolean => f.options['multiline'] === true;
  const sections = [...laid, ...(rest.length ? [{ title: laid.length ? t('form.basics') : '', fields: [...rest.filter((f) => !long(f)), ...rest.filter(long)] }] : [])];
  return (
    <div className="card">
      {sections.slice(0, 1).map((s, i) => <Section key={i} store={store} title={s.title} fields={s.fields.filter((f) => states[`/${f.name}`]?.visible)} values={values} />)}
      {store.form.fields.filter((f) => f.type === 'lines' && states[`/${f.name}`]?.visible).map((f) => <LinesView key={f.name} store={store} field={f} rows={(values[f.name] as readonly Row[]) ?? []} />)}
      {sections.slice(1).map((s, i) => <Section key={i} store={store} title={s.title} fields={s.fields.filter((f) => states[`/${f.name}`]?.visible)} values={values} />)}
    </div>
  );
}

function Section({ store, title, fields, values }: { store: FormStore; title: string; fields: readonly FieldInfo[]; values: Snapshot['values'] }) {
  if (fields.length === 0) return null;
  return (
    <section className="section">
      {title && <h2>{title}</h2>}
      <div className="fields">{fields.map((f) => <FieldBox key={f.name} store={store} field={f} place={`/${f.name}`} value={values[f.name]} />)}</div>
    </section>
  );
}

/** Label, input, help and what is wrong. */
export function FieldBox({ store, field, place, value, stepper = false }: { store: FormStore; field: FieldInfo; place: string; value: Parameters<typeof FieldInput>[0]['value']; stepper?: boolean }) {
  const { t, w } = useSite();
  const state = store.get().states[place] ?? { visible: true, required: false, readonly: false };
  const problem = store.problemAt(place);
  const id = `f${place.replaceAll('/', '-')}`;
  return (
    <div className={`field${field.options['multiline'] ? ' wide' : ''}${store.warnsAt(place) ? ' warned' : ''}`} data-field={field.name}>
      <label htmlFor={id}>{w(field.label)}{state.required && <span className="star" title={t('form.required')}>*</span>}</label>
      <FieldInput field={field} place={place} value={value} readonly={state.readonly} problem={problem} stepper={stepper} onChange={(next) => store.set(place, next)} />
      {problem && <span className="wrong-text" id={`${id}-problem`}>{problem}</span>}
      {field.help && !problem && <span className="help">{w(field.help)}</span>}
    </div>
  );
}
