import type { InputHTMLAttributes } from 'react';
import { showDate, showMonth, showTime } from '../i18n/i18n.ts';
import { useSite } from '../runtime/site.tsx';

type Kind = 'date' | 'month' | 'datetime-local';
const SHOW = { date: showDate, month: showMonth, 'datetime-local': showTime } as const;

/**
 * A day, month or time to choose, in the reader's language. A browser writes it in its own language, whatever the page's is; so its text is
 * covered with the reader's words as long as nobody types into it, and on a touch screen, where it is never typed into, always.
 */
export function DateInput({ kind = 'date', value, onValue, className = 'input', ...rest }: { kind?: Kind; value: string; onValue: (value: string) => void } & Omit<InputHTMLAttributes<HTMLInputElement>, 'type' | 'value' | 'onChange'>) {
  const { t, language } = useSite();
  return (
    <span className="date">
      <input {...rest} className={className} type={kind} value={value} onChange={(e) => onValue(e.target.value)} />
      <span className={value ? 'date-words' : 'date-words none'} aria-hidden="true">{value ? SHOW[kind](value, language) : t(kind === 'month' ? 'date.no_month' : 'date.none')}</span>
    </span>
  );
}
