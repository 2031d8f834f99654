/** Whether a posting may change what others cost: only then is the server asked to tell before, since its preview writes all of it and takes it back. */
import type { ActionInfo, CostsAhead, FormInfo, RecordInfo } from '../backend/types.ts';
import type { Values } from '../renderer/FormStore.ts';

interface Sent { readonly form: FormInfo; readonly record: RecordInfo | null; readonly action: ActionInfo | null; readonly values: Values }

/**
 * A button "What would change" was the other way. It tells only those who know that they should ask, and who books for last month because the
 * paper came late does not; a question that comes by itself, and only where it matters, is read. What a rule posts, or a workflow that the
 * posting starts, is asked about by the day alone: nobody here knows whether it will happen.
 */
export function mayRevalue({ form, record, action, values }: Sent, today: string, zone: string): boolean {
  const events = [...(record ? [] : ['created', `state:${form.states[0]?.name}`]), ...(action ? [`state:${action.to}`] : [])];
  if (events.length === 0) return false;
  return form.revalues.some(({ on, day }) => (events.includes(on) || on.startsWith('rule:')) && (day === null || isBefore(values[day], today, zone)));
}

/** The same of a decision. Which actions it leads to is the workflow's business, so any event at which something is posted counts. */
export function decisionMayRevalue(form: FormInfo, values: Values, today: string, zone: string): boolean {
  return form.revalues.some(({ on, day }) => on !== 'created' && (day === null || isBefore(values[day], today, zone)));
}

/** A date, or an instant whose day in the site's time zone, lies before today. */
function isBefore(value: unknown, today: string, zone: string): boolean {
  if (typeof value !== 'string' || value === '') return false;
  if (value.length === today.length) return value < today;
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(value)) < today;
}

export const worthTelling = (costs: readonly CostsAhead[]): readonly CostsAhead[] => costs.filter((c) => c.records > 0 || !c.complete);
