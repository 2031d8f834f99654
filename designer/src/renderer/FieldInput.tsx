import type { FieldInfo, Reference, Wire } from '../backend/types.ts';
import { useSite } from '../runtime/site.tsx';
import { ReferenceBox } from '../ui/ReferenceBox.tsx';
import { DateInput } from './DateInput.tsx';
import { isReference } from './FormStore.ts';
import { isNumber, shown } from './Shown.tsx';
import { step, typed } from './numbers.ts';

interface Props { field: FieldInfo; place: string; value: Wire | undefined; readonly: boolean; problem: string | null; onChange: (value: Wire) => void; stepper?: boolean }

/** One field under a person's hands. Native inputs; a reference is a combobox. */
export function FieldInput({ field, place, value, readonly, problem, onChange, stepper = false }: Props) {
  const { t, w, language } = useSite();
  const id = `f${place.replaceAll('/', '-')}`;
  const common = { id, className: `input${problem ? ' wrong' : ''}${isNumber(field) ? ' number' : ''}`, 'aria-invalid': !!problem, 'aria-describedby': problem ? `${id}-problem` : undefined, 'aria-label': w(field.label), 'data-place': place };
  if (readonly || field.computed) return <div className={`read${isNumber(field) ? ' number' : ''}`} data-place={place} id={id}>{shown(field, value, language, t('form.yes'), t('form.no')) || '–'}</div>;
  const text = value === null || value === undefined ? '' : typeof value === 'object' ? String((value as Record<string, unknown>)['value'] ?? (value as Record<string, unknown>)['amount'] ?? '') : String(value);
  switch (field.type) {
    case 'reference':
      return <ReferenceBox id={id} form={String(field.options['form'])} value={isReference(value) ? value : null} wrong={!!problem} disabled={false} label={w(field.label)} describedBy={problem ? `${id}-problem` : undefined}
        words={{ choose: t('form.choose'), nothing: t('form.nothing_found'), clear: t('form.clear') }} onChange={(next: Reference | null) => onChange(next)} />;
    case 'boolean':
      return <label style={{ display: 'flex', minHeight: 36, alignItems: 'center', gap: 8 }}><input {...common} className="" type="checkbox" checked={value === true} onChange={(e) => onChange(e.target.checked)} />{value === true ? t('form.yes') : t('form.no')}</label>;
    case 'choice':
      return <select {...common} value={text} onChange={(e) => onChange(e.target.value || null)}><option value="">{t('form.choose')}</option>{(field.options['choices'] as { value: string; label: Record<string, string> }[]).map((c) => <option key={c.value} value={c.value}>{w(c.label)}</option>)}</select>;
    case 'date':
      return <DateInput {...common} value={text} onValue={(next) => onChange(next || null)} />;
    case 'datetime':
      return <DateInput {...common} kind="datetime-local" value={text ? localTime(text) : ''} onValue={(next) => onChange(next ? new Date(next).toISOString() : null)} />;
    case 'integer': case 'quantity': case 'money': {
      const input = <input {...common} inputMode="decimal" autoComplete="off" value={text} onChange={(e) => onChange(typed(e.target.value) || null)} onFocus={(e) => e.target.select()} />;
      return stepper && field.type === 'quantity'
        ? <div className="stepper"><button type="button" className="button" aria-label={t('form.fewer')} onClick={() => onChange(step(text, -1))}>−</button>{input}<button type="button" className="button" aria-label={t('form.more')} onClick={() => onChange(step(text, 1))}>＋</button></div>
        : input;
    }
    default:
      return field.options['multiline'] ? <textarea {...common} value={text} onChange={(e) => onChange(e.target.value || null)} /> : <input {...common} value={text} autoComplete="off" onChange={(e) => onChange(e.target.value || null)} />;
  }
}

const localTime = (iso: string): string => { const d = new Date(iso); return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16); };
