/** The typed client of registers, structures and planners: every path, parameter and name of theirs that the screens use stands here. */
import { Refusal, api, query } from './client.ts';
import type { Named, Reference, RegisterInfo, Text } from './types.ts';

export type Part = Reference | string | null;
export type KeyOf = Readonly<Record<string, Part>>;
/** A value that is not kept by these dimensions is null. */
export type Amounts = Readonly<Record<string, string | null>>;
export interface Page<Row> { readonly rows: readonly Row[]; readonly next: string | null }

export const partText = (part: Part | undefined): string => (part === null || part === undefined ? '' : typeof part === 'string' ? part : part.title);
export const keyText = (key: KeyOf): string => Object.values(key).map(partText).filter((text) => text !== '').join(' · ');

/** A key as parameters; a part that is none is sent as empty text. */
export const keyParams = (key: KeyOf): Record<string, string> =>
  Object.fromEntries(Object.entries(key).map(([name, part]) => [name, part === null ? '' : typeof part === 'string' ? part : part.id]));

function withKey(path: string, key: Readonly<Record<string, string>>, more: Record<string, string | number | undefined>): string {
  const text = query(more);
  const keys = new URLSearchParams(key).toString();
  return `${path}${text || (keys && '?')}${text && keys && '&'}${keys}`;
}

// Registers

export interface BalanceRow { readonly key: KeyOf; readonly measures: Amounts; readonly figures: Amounts }
export interface MovementRow {
  readonly id: string; readonly effective: string; readonly posted_at: string; readonly posting: string; readonly form: string; readonly record: Reference;
  readonly key: KeyOf; readonly amounts: Amounts; readonly reverses: string | null; readonly count: boolean; readonly reason: string | null;
}
/** One step of a descent: the movement, what it is worth by now, how much of it, and in which way: `value`: it went into what was made; `along`: it moved. */
export interface DescentRow extends MovementRow { readonly quantity: string; readonly value: string; readonly kind: 'value' | 'along' | 'back' | 'undo' }
/** What was taken of what came in together, with the movement that first brought it. */
export interface PieceRow { readonly day: string; readonly quantity: string; readonly value: string; readonly movement: MovementRow | null }
export interface CostInfo {
  readonly method: 'average' | 'fifo' | 'lot' | 'standard' | 'zero'; readonly value: string; readonly given: string | null; readonly counted: boolean;
  readonly pieces: readonly PieceRow[]; readonly more_pieces: number; readonly from: readonly DescentRow[]; readonly more_from: number; readonly to: readonly DescentRow[]; readonly more_to: number;
  readonly later: readonly MovementRow[];
}
export interface ForecastRow { readonly key: KeyOf; readonly day: string; readonly coming: string; readonly going: string; readonly balance: string; readonly promise: string; readonly short: boolean }
export interface TurnoverRow { readonly key: KeyOf; readonly since: string; readonly until: string; readonly measures: Readonly<Record<string, Readonly<Record<'opening' | 'in' | 'out' | 'closing', string | null>>>> }
export interface LayerRow { readonly key: KeyOf; readonly quantity: string; readonly value: string; readonly day: string; readonly age: number; readonly movement: { readonly form: string; readonly record: Reference } }

export const getRegister = (register: string): Promise<RegisterInfo> => api(`/registers/${register}`);
export const getBalances = (register: string, by: readonly string[], where: Readonly<Record<string, string>>, at: string | undefined, after: string): Promise<Page<BalanceRow>> =>
  api(withKey(`/registers/${register}/balances`, where, { by: by.join(','), at, after, limit: 100 }));
export const getMovements = (register: string, where: Readonly<Record<string, string>>, at: string | undefined, after: string): Promise<Page<MovementRow>> =>
  api(withKey(`/registers/${register}/movements`, where, { order: 'day', at, after, limit: 100 }));
/** A movement as the posting rule behind it says (one clause a line, expressions between backticks), and what it cost, where goods are valued. */
export const explainMovement = (register: string, movement: string): Promise<{ readonly words: Text | null; readonly cost: CostInfo | null }> => api(`/registers/${register}/movements/${movement}`);
export const getForecast = (register: string, by: readonly string[], where: Readonly<Record<string, string>>, until: string, after: string): Promise<Page<ForecastRow>> =>
  api(withKey(`/registers/${register}/forecast`, where, { by: by.join(','), until, after, limit: 200 }));
export const getTurnover = (register: string, by: readonly string[], where: Readonly<Record<string, string>>, since: string, until: string, after: string, limit = 200): Promise<Page<TurnoverRow>> =>
  api(withKey(`/registers/${register}/balance-and-turnover`, where, { by: by.join(','), since, until, period: 'month', after, limit }));
export const getLayers = (register: string, where: Readonly<Record<string, string>>): Promise<Page<LayerRow>> =>
  api(withKey(`/registers/${register}/layers`, where, { limit: 100 }));

export interface Closing { readonly what: 'close' | 'reopen'; readonly until: string | null; readonly reason: string; readonly name: string; readonly at: string }
export interface PeriodsInfo {
  readonly until: string | null; readonly history: readonly Closing[]; readonly waiting: number;
  readonly may: { readonly close: boolean; readonly reopen: boolean; readonly back: number; readonly ahead: number };
}
export interface PeriodMove { readonly do: 'close' | 'reopen'; readonly until: string | null; readonly reason: string }
/** So many days may be dated back by who may date back as far as they like. */
export const ANY_DAYS = 36_600;
export const getPeriods = (register: string): Promise<PeriodsInfo> => api(`/registers/${register}/periods`);
export const movePeriod = (register: string, move: PeriodMove, key: string): Promise<unknown> =>
  api(`/registers/${register}/periods`, { method: 'POST', body: { do: move.do, reason: move.reason, ...(move.until ? { until: move.until } : {}) }, key });

/** What an engine that does not offer it (yet) answers with 404 is null, not an error. */
export const ifOffered = <T>(asked: Promise<T>): Promise<T | null> =>
  asked.catch((e: unknown) => { if (e instanceof Refusal && e.status === 404) return null; throw e; });

// Structures

export interface Parameter { readonly name: string; readonly type: string; readonly label: Text; readonly sample: unknown; readonly default: unknown }
export interface StructureInfo {
  readonly name: string; readonly label: Text; readonly form: string; readonly of: string; readonly parent: string; readonly lines: string; readonly dated: boolean;
  readonly parameters: readonly Parameter[]; readonly measures: readonly Named[];
}
export interface Level {
  readonly level: number; readonly component: Reference; readonly quantity: string; readonly total: string; readonly path: readonly string[];
  readonly role: 'part' | 'phantom' | 'output'; readonly leaf: boolean; readonly rounded?: string; readonly share?: string;
  readonly substitutes?: readonly { readonly component: Reference; readonly quantity: string; readonly total: string }[];
}
export interface Sum { readonly component: Reference; readonly total: string; readonly level: number; readonly low_level_code: number; readonly leaf: boolean; readonly rounded?: string; readonly phantom?: string; readonly output?: string }
export interface Explosion<Row> { readonly parent: Reference; readonly quantity: string; readonly versions: readonly string[]; readonly rows: readonly Row[] }
export interface Use { readonly level: number; readonly parent: Reference; readonly quantity: string; readonly total: string; readonly path: readonly string[]; readonly as: string; readonly top: boolean }
export interface Comparison {
  readonly lines: readonly { readonly change: 'added' | 'removed' | 'changed'; readonly component: Reference; readonly fields: Readonly<Record<string, readonly [unknown, unknown]>> }[];
  readonly totals: readonly { readonly component: Reference; readonly before: string | null; readonly after: string | null }[];
}
export interface Demand { readonly record: string; readonly quantity: string; readonly on: string; readonly parameters: Readonly<Record<string, string>> }

const demand = (of: 'parent' | 'component', d: Demand): Record<string, string> => ({ [of]: d.record, quantity: d.quantity, on: d.on, ...parameters(d) });
const parameters = (d: Demand): Record<string, string> => Object.fromEntries(Object.entries(d.parameters).map(([name, value]) => [`parameter.${name}`, value]));

export const getStructure = (structure: string): Promise<StructureInfo> => api(`/structures/${structure}`);
export const getExplosion = (structure: string, d: Demand): Promise<Explosion<Level>> => api(`/structures/${structure}/explosion${query(demand('parent', d))}`);
export const getSums = (structure: string, d: Demand): Promise<Explosion<Sum>> => api(`/structures/${structure}/explosion${query({ ...demand('parent', d), summarised: 'true' })}`);
export const getUses = (structure: string, d: Demand, top: boolean): Promise<{ readonly component: Reference; readonly rows: readonly Use[] }> =>
  api(`/structures/${structure}/where-used${query({ ...demand('component', d), top: String(top) })}`);
export const getRollUp = (structure: string, d: Demand, measure: string): Promise<{ readonly value: string; readonly missing: number }> =>
  api(`/structures/${structure}/roll-up${query({ ...demand('parent', d), measure })}`);
export const getComparison = (structure: string, d: Demand, version: string, other: string): Promise<Comparison> =>
  api(`/structures/${structure}/comparison${query({ version, with: other, quantity: d.quantity, on: d.on, ...parameters(d) })}`);

// Planners

export interface RunInfo {
  readonly run: string; readonly state: 'waiting' | 'running' | 'done' | 'stopped' | 'failed'; readonly done: number; readonly total: number; readonly is_running: boolean;
  readonly keys?: number; readonly alerts?: number; readonly created?: number; readonly changed?: number; readonly withdrawn?: number; readonly kept?: number;
  readonly problem?: string; readonly faults?: readonly unknown[];
}
export interface PlannerInfo {
  readonly name: string; readonly label: Text; readonly register: string; readonly dimensions: readonly { readonly name: string; readonly label: Text; readonly form: string | null }[];
  readonly suggestions: string; readonly horizon_days: number; readonly bucket: string; readonly last_run: RunInfo | null; readonly may: { readonly run: boolean };
}
export interface Suggested {
  readonly key: KeyOf; readonly quantity: string; readonly kind: 'buy' | 'make'; readonly start: string; readonly due: string; readonly needed: string; readonly late: boolean;
  readonly reason: 'minimum' | 'demand' | 'dependent' | 'safety';
}
export interface Side { readonly kind: string; readonly day: string | null; readonly quantity: string; readonly key?: KeyOf; readonly record?: Reference & { readonly form: string }; readonly what_if?: boolean }
export interface PegStep { readonly level: number; readonly key: KeyOf; readonly quantity: string; readonly supply: Side | null; readonly demand: Side | null }
export interface Bucket { readonly day: string; readonly demand: string; readonly dependent: string; readonly supply: string; readonly suggested: string; readonly left: string }
export interface PlannedKey {
  readonly key: KeyOf; readonly level: number; readonly on_hand: string; readonly rows: readonly Bucket[];
  readonly parameters: Readonly<Record<string, string | number | boolean | null>>; readonly traces: readonly { readonly suggestion: Suggested; readonly up: readonly PegStep[]; readonly down: readonly PegStep[] }[];
}
export interface Requirements {
  readonly today: string; readonly until: string; readonly counts: { readonly keys: number; readonly suggestions: number; readonly alerts: number; readonly faults: number };
  readonly suggestions: readonly Suggested[]; readonly alerts: readonly { readonly kind: 'over_maximum' | 'late' | 'short'; readonly key: KeyOf; readonly day: string; readonly quantity: string }[];
  readonly faults: readonly { readonly key: KeyOf; readonly codes: readonly string[] }[]; readonly keys: readonly PlannedKey[];
}
export interface Flow { readonly key: Readonly<Record<string, string>>; readonly day: string; readonly quantity: string }
export interface WhatIf { readonly demands: readonly Flow[]; readonly supplies: readonly Flow[] }

export const getPlanner = (planner: string): Promise<PlannerInfo> => api(`/planners/${planner}`);
export const getRequirements = (planner: string, items: readonly string[], whatIf: WhatIf | null): Promise<Requirements> =>
  whatIf
    ? api(`/planners/${planner}/requirements`, { method: 'POST', body: { items, what_if: whatIf } })
    : api(`/planners/${planner}/requirements${query({ items: items.join(','), limit: 200 })}`);
export const askForRun = (planner: string, key: string): Promise<unknown> => api(`/planners/${planner}/runs`, { method: 'POST', body: {}, key });
export const stopRun = (planner: string, key: string): Promise<unknown> => api(`/planners/${planner}/runs`, { method: 'DELETE', key });

// Refusals

/** `title` and `id` are null where the reader may not see the record, then `ask` are the roles that may; `quantity` is null for who may not see the register. */
export interface Holder { readonly form: string; readonly label: Text; readonly id: string | null; readonly title: string | null; readonly quantity: string | null; readonly ask: readonly Text[] }
export type Advice =
  | { readonly kind: 'other_key'; readonly key: KeyOf; readonly available: string } | ({ readonly kind: 'holder' } & Omit<Holder, 'quantity'>)
  | { readonly kind: 'expected'; readonly day: string; readonly quantity: string } | { readonly kind: 'count'; readonly form: string; readonly label: Text; readonly link: string };

/** Who holds what a posting wanted, and the ways out, where the engine tells them. */
export function heldBy(params: Readonly<Record<string, unknown>> | undefined): { holders: readonly Holder[]; advice: readonly Advice[] } {
  const list = <T>(given: unknown): readonly T[] => (Array.isArray(given) ? (given as readonly T[]).filter((x) => typeof x === 'object' && x !== null) : []);
  return { holders: list<Holder>(params?.['holders']), advice: list<Advice>(params?.['advice']) };
}
