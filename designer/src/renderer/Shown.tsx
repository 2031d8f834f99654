import type { FieldInfo, Language, Wire } from '../backend/types.ts';
import { group, showDate, showTime, words } from '../i18n/i18n.ts';
import { isReference } from './FormStore.ts';

/** A value in words, for lists and for fields that cannot be changed. */
export function shown(f: FieldInfo, value: Wire | undefined, language: Language, yes: string, no: string): string {
  if (value === null || value === undefined || value === '') return '';
  if (isReference(value)) return value.title;
  switch (f.type) {
    case 'boolean': return value ? yes : no;
    case 'choice': return words((f.options['choices'] as { value: string; label: Record<string, string> }[]).find((c) => c.value === value)?.label, language) || String(value);
    case 'date': return showDate(String(value), language);
    case 'datetime': return showTime(String(value), language);
    case 'integer': case 'quantity': case 'money': {
      if (typeof value !== 'object') return group(String(value));
      const parts = value as Record<string, unknown>;
      return group(String(parts['value'] ?? parts['amount'] ?? '')) + (parts['currency'] ? ` ${String(parts['currency'])}` : '');
    }
    default: return String(value);
  }
}
export const isNumber = (f: FieldInfo): boolean => ['integer', 'quantity', 'money'].includes(f.type);
