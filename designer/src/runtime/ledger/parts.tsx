/** What the screens of registers, structures and planners share. */
import { Link } from 'wouter';
import { Refusal } from '../../backend/client.ts';
import { type Part, partText } from '../../backend/ledger.ts';
import type { Reference } from '../../backend/types.ts';
import { Decimal, plain } from '../../expressions/values.ts';
import { group } from '../../i18n/i18n.ts';
import { ReferenceBox } from '../../ui/ReferenceBox.tsx';
import { useSite } from '../site.tsx';
import '../../ui/ledger.css';

export function Failed({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t } = useSite();
  return <div className="card empty" role="alert">{error instanceof Refusal && error.message ? error.message : t('error.offline')}{onRetry && <button className="button" onClick={onRetry}>{t('error.retry')}</button>}</div>;
}

export function Loading() {
  const { t } = useSite();
  return <div className="empty" aria-busy="true" role="status">{t('list.loading')}</div>;
}

/** One part of a key: a link to its record where there is one. */
export function KeyPart({ part, form }: { part: Part | undefined; form: string | null }) {
  if (!part) return <>–</>;
  if (typeof part === 'string' || !form) return <>{partText(part) || '–'}</>;
  return <Link href={`/forms/${form}/${part.id}`}>{part.title || '–'}</Link>;
}

/** A change: what comes has a plus, what goes a minus; nothing is drawn small. */
export function Change({ amount }: { amount: string }) {
  if (new Decimal(amount).isZero()) return <span className="nothing">–</span>;
  return <>{amount.startsWith('-') ? shown(amount) : `+${group(amount)}`}</>;
}

/** A number as people read it, with a real minus sign. */
export const shown = (amount: string): string => group(amount).replace('-', '−');

export const added = (a: string, b: string): string => plain(new Decimal(a).plus(new Decimal(b)));
export const less = (a: string, b: string): string => plain(new Decimal(a).minus(new Decimal(b)));
export const times = (a: string, factor: number): string => plain(new Decimal(a).times(factor));
export const isZero = (a: string): boolean => new Decimal(a).isZero();

/** A box to choose a record, in the words of this site. */
export function Choose({ id, form, value, label, onChange }: { id: string; form: string; value: Reference | null; label: string; onChange: (value: Reference | null) => void }) {
  const { t } = useSite();
  return <ReferenceBox id={id} form={form} value={value} wrong={false} disabled={false} label={label} words={{ choose: `${label}…`, nothing: t('form.nothing_found'), clear: t('form.clear') }} onChange={onChange} />;
}

export function More({ list }: { list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  const { t } = useSite();
  return list.hasNextPage ? <div className="more"><button className="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('list.more')}</button></div> : null;
}
