/** What the engine sends: the shapes of /api/v1. */
import type { Tree } from '../expressions/compile.ts';

export type Language = 'en' | 'zh-CN';
export type Text = Readonly<Record<string, string>>;
export type Rule = Tree | { readonly server: true } | null;
export interface Reference { readonly id: string; readonly title: string; readonly scope?: Readonly<Record<string, Tree>> }
export type Wire = string | number | boolean | null | Reference | readonly Row[] | Readonly<Record<string, unknown>>;
export interface Row { readonly id?: string; readonly [field: string]: Wire | undefined }

export interface FieldInfo {
  readonly name: string; readonly type: string; readonly label: Text; readonly help: Text | null; readonly unique: boolean;
  readonly required: boolean | Rule; readonly readonly: boolean | Rule; readonly visible: Rule; readonly computed: Rule; readonly default: Rule;
  readonly options: Readonly<Record<string, unknown>>; readonly may_write: boolean; readonly fields?: readonly FieldInfo[];
}
export interface ActionInfo { readonly name: string; readonly label: Text; readonly from: readonly string[]; readonly to: string; readonly when: Rule; readonly style: string; readonly confirm: Text | null }
export interface CheckInfo { readonly name: string; readonly that: Rule; readonly at: string; readonly lines: string | null; readonly message: Text }
export interface FormInfo {
  readonly name: string; readonly label: Text; readonly key: string | null; readonly fields: readonly FieldInfo[]; readonly checks: readonly CheckInfo[];
  readonly states: readonly { name: string; label: Text; editable: boolean }[]; readonly actions: readonly ActionInfo[];
  readonly layout: readonly { section?: Text; fields: readonly string[] }[]; readonly list: { columns: readonly string[]; sort: readonly string[] };
  readonly search: readonly string[]; readonly may: { create: boolean; change: boolean; delete: boolean; actions: readonly string[] }; readonly currency: string;
  /** Events whose postings change what others cost, if the date in the field `day` lies before today; null: whatever the day. */
  readonly revalues: readonly { readonly on: string; readonly day: string | null }[];
}
/** What a posting would change of the costs in one register. */
export interface CostsAhead { readonly recosted: string; readonly records: number; readonly changed: string; readonly closed: number; readonly complete: boolean }
export interface RecordInfo {
  readonly id: string; readonly revision: number; readonly state: string | null; readonly title: string; readonly values: Readonly<Record<string, Wire>>;
  readonly created_at: string; readonly changed_at: string; readonly may?: { change: boolean; delete: boolean; actions: readonly string[] };
  readonly tasks?: readonly { id: string; node: string }[];
  readonly copy?: { form: string; id: string };
}
export interface ListAnswer { readonly records: readonly RecordInfo[]; readonly next: string | null; readonly count: { number: number; capped: boolean } | null }
export interface Entry { readonly form?: string; readonly register?: string; readonly dashboard?: string; readonly structure?: string; readonly planner?: string; readonly do?: 'create' | 'list' }
export interface Named { readonly name: string; readonly label: Text }
export interface ReleaseInfo {
  readonly digest: string; readonly pack: { name: string; version: string; label: Text }; readonly currency: string; readonly zone: string; readonly today: string;
  readonly menu: readonly { label: Text; entries: readonly Entry[] }[]; readonly home: readonly Entry[]; readonly forms: readonly Named[];
  readonly registers: readonly Named[]; readonly dashboards: readonly Named[]; readonly structures: readonly (Named & { form: string })[]; readonly planners: readonly Named[]; readonly roles: readonly Named[];
}
export interface SessionInfo { readonly user: { id: string; name: string; login: string; roles: readonly string[]; language: Language; is_admin: boolean }; readonly csrf: string | null }
export interface ProblemInfo { readonly code: string; readonly pointer: string; readonly title: string; readonly hint: string; readonly params?: Readonly<Record<string, unknown>>; readonly ways: readonly string[] }
export interface RegisterInfo {
  readonly name: string; readonly label: Text; readonly dimensions: readonly { name: string; label: Text; type: string; form: string | null; optional: boolean }[];
  readonly measures: readonly Named[]; readonly figures: readonly (Named & { of: Readonly<Record<string, number>> })[];
  readonly planned: string | null; readonly valuation: { readonly quantity: string; readonly value: string; readonly pool: readonly string[] } | null;
}
export interface TaskInfo { readonly id: string; readonly workflow: Text; readonly label: Text; readonly form: string; readonly form_label: Text; readonly record: Reference; readonly opened_at: string }
export interface TileInfo {
  readonly name: string; readonly label: Text; readonly chart: string; readonly wide: number; readonly allowed: boolean; readonly number: string | null;
  readonly figure: { data: Record<string, unknown>[]; layout: Record<string, unknown> } | null; readonly drill: { form?: string; register?: string; filter?: string } | null;
  readonly table: { columns: readonly Named[]; rows: readonly Record<string, string>[] } | null; readonly rows?: readonly { value: string; title: string }[]; readonly x?: string;
}
export interface Candidate { readonly id: string; readonly title: string; readonly key: string | null; readonly scope: Readonly<Record<string, Tree>> }
export interface RuleInfo {
  readonly name: string; readonly order: number; readonly file: string; readonly form: string; readonly label: Text; readonly event: string; readonly phase: 'before' | 'after';
  readonly about: string; readonly text: string; readonly fired: number; readonly last: string | null; readonly next: string | null;
}
export interface StuckInfo { readonly rule: string; readonly error: string; readonly attempts: number; readonly given_up: boolean }
export interface FiringInfo {
  readonly rule: string; readonly form: string; readonly event: string; readonly phase: 'before' | 'after'; readonly record: string | null;
  readonly at: string; readonly by: string; readonly values: Readonly<Record<string, string>>; readonly did: readonly string[];
}
export interface HistoryEntry { readonly action: string; readonly at: string; readonly by: string; readonly via: string; readonly changes: Readonly<Record<string, readonly [unknown, unknown]>> }
