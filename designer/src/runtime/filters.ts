/** Filter chips → FEEL, the one condition language. Pure. */
import type { FieldInfo } from '../backend/types.ts';

export interface Chip { readonly field: string; readonly operator: Operator; readonly value: string }
export type Operator = 'is' | 'is_not' | 'contains' | 'more' | 'less' | 'empty' | 'filled';

export function operatorsOf(f: FieldInfo): readonly Operator[] {
  if (f.type === 'reference') return ['empty', 'filled'];
  if (f.type === 'choice' || f.type === 'boolean') return ['is', 'is_not', 'empty'];
  if (f.type === 'text' || f.type === 'sequence') return ['contains', 'is', 'is_not', 'empty', 'filled'];
  return ['is', 'more', 'less', 'empty', 'filled'];
}

const name = (n: string): string => (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(n) ? n : `\`${n}\``);
const text = (v: string): string => `"${v.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

function literal(f: FieldInfo | null, value: string): string | null {
  switch (f?.type) {
    case 'integer': case 'quantity': case 'money': return /^-?\d+(\.\d+)?$/.test(value) ? value : null;
    case 'date': return /^\d{4}-\d{2}-\d{2}$/.test(value) ? `@"${value}"` : null;
    case 'boolean': return value === 'true' ? 'true' : 'false';
    default: return text(value);
  }
}

/** One chip as a condition, or null while it is not complete. */
export function condition(chip: Chip, fields: readonly FieldInfo[]): string | null {
  const f = fields.find((x) => x.name === chip.field) ?? null;
  const field = name(chip.field);
  if (chip.operator === 'empty') return `${field} = null`;
  if (chip.operator === 'filled') return `${field} != null`;
  const value = chip.value === '' ? null : literal(f, chip.value);
  if (value === null) return null;
  switch (chip.operator) {
    case 'is': return `${field} = ${value}`;
    case 'is_not': return `${field} != ${value}`;
    case 'contains': return `contains(${field}, ${value})`;
    case 'more': return `${field} > ${value}`;
    case 'less': return `${field} < ${value}`;
  }
}

export const filterText = (chips: readonly Chip[], fields: readonly FieldInfo[], more = ''): string =>
  [...chips.map((c) => condition(c, fields)).filter((c) => c !== null), ...(more ? [`(${more})`] : [])].join(' and ');
