import type { FieldInfo, Row } from '../backend/types.ts';
import { useSite } from '../runtime/site.tsx';
import { FieldInput } from './FieldInput.tsx';
import { FieldBox } from './FormView.tsx';
import type { FormStore } from './FormStore.ts';
import { isNumber } from './Shown.tsx';

/** A sub-table: a table at a desk, cards on a phone. */
export function LinesView({ store, field, rows }: { store: FormStore; field: FieldInfo; rows: readonly Row[] }) {
  const { t, w } = useSite();
  const { states } = store.get();
  const columns = field.fields ?? [];
  const readonly = states[`/${field.name}`]?.readonly ?? false;
  const add = (): void => {
    const at = store.addLine(field.name);
    setTimeout(() => document.querySelector<HTMLElement>(`${matchMedia('(max-width: 860px)').matches ? '.line-cards' : '.lines-table'} [id="f-${field.name}-${at}-${columns[0]?.name}"]`)?.focus(), 30);
  };
  const whole = store.problemAt(`/${field.name}`);
  const phone = matchMedia('(max-width: 860px)').matches;
  return (
    <section className="section" data-field={field.name}>
      <h2>{w(field.label)}</h2>
      {whole && <p className={store.warnsAt(`/${field.name}`) ? 'wrong-text warned' : 'wrong-text'}>{whole}</p>}
      {phone ? (
        <div className="line-cards">
          {rows.map((row, at) => (
            <div className="line-card" key={row.id ?? at} data-line={at}>
              <header><span>{t('form.line', { number: at + 1 })}</span>{!readonly && <button type="button" className="button quiet small" aria-label={t('form.remove_line', { number: at + 1 })} onClick={() => store.removeLine(field.name, at)}>×</button>}</header>
              {store.problemAt(`/${field.name}/${at}`) && <span className={store.warnsAt(`/${field.name}/${at}`) ? 'wrong-text warned' : 'wrong-text'}>{store.problemAt(`/${field.name}/${at}`)}</span>}
              {columns.map((c) => <FieldBox key={c.name} store={store} field={c} place={`/${field.name}/${at}/${c.name}`} value={row[c.name]} stepper />)}
            </div>
          ))}
          {rows.length === 0 && <p className="help">{t('form.no_lines')}</p>}
        </div>
      ) : (
        <div className="lines-table scroll">
          <table className="lines">
            <colgroup><col className="narrow" />{columns.map((c) => <col key={c.name} style={{ width: isNumber(c) ? 130 : undefined }} />)}<col className="narrow" /></colgroup>
            <thead><tr><th /><>{columns.map((c) => <th key={c.name} className={isNumber(c) ? 'number' : ''}>{w(c.label)}{c.required === true && <span className="star" style={{ color: 'var(--bad)' }}>*</span>}</th>)}</><th /></tr></thead>
            <tbody>
              {rows.map((row, at) => <LineRow key={row.id ?? at} store={store} field={field} row={row} at={at} readonly={readonly} onAdd={at === rows.length - 1 ? add : null} />)}
            </tbody>
          </table>
          {rows.length === 0 && <p className="help">{t('form.no_lines')}</p>}
        </div>
      )}
      {!readonly && <button type="button" className="button small" style={{ marginTop: 8 }} onClick={add}>＋ {t('form.add_line')}</button>}
    </section>
  );
}

function LineRow({ store, field, row, at, readonly, onAdd }: { store: FormStore; field: FieldInfo; row: Row; at: number; readonly: boolean; onAdd: (() => void) | null }) {
  const { t } = useSite();
  const { states } = store.get();
  const whole = store.problemAt(`/${field.name}/${at}`);
  const columns = field.fields ?? [];
  return (
    <>
      <tr data-line={at} onKeyDown={(e) => { if (e.key === 'Enter' && onAdd && (e.target as HTMLElement).matches('input:not([role=combobox])')) { e.preventDefault(); onAdd(); } }}>
        <td className="at">{at + 1}</td>
        {columns.map((c) => {
          const place = `/${field.name}/${at}/${c.name}`;
          const problem = store.problemAt(place);
          return <td key={c.name} className={store.warnsAt(place) ? 'warned' : undefined}><FieldInput field={c} place={place} value={row[c.name]} readonly={readonly || (states[place]?.readonly ?? !c.may_write)} problem={problem} onChange={(next) => store.set(place, next)} />{problem && <span className="wrong-text" id={`f${place.replaceAll('/', '-')}-problem`}>{problem}</span>}</td>;
        })}
        <td>{!readonly && <button type="button" className="button quiet icon" aria-label={t('form.remove_line', { number: at + 1 })} onClick={() => store.removeLine(field.name, at)}>×</button>}</td>
      </tr>
      {whole && <tr><td /><td colSpan={columns.length + 1}><span className={store.warnsAt(`/${field.name}/${at}`) ? 'wrong-text warned' : 'wrong-text'} role="alert">{whole}</span></td></tr>}
    </>
  );
}
