/**
 * The state of one form under a person's hands: values, what is worked out from them, and problems by place. No DOM, no framework.
 *
 * Every change makes a new snapshot. A rule whose answer is not known here (undefined) decides nothing: the server will.
 */
import type { CheckInfo, FieldInfo, FormInfo, ProblemInfo, RecordInfo, Reference, Row, Rule, Wire } from '../backend/types.ts';
import { type Compiled, type Scope, type Tree, compile } from '../expressions/compile.ts';
import { Decimal, type Value, date, datetime, isContext, isDecimal, isTemporal, plain, show } from '../expressions/values.ts';
import { roundTo } from './numbers.ts';

export type Values = Readonly<Record<string, Wire>>;
export interface FieldState { readonly visible: boolean; readonly required: boolean; readonly readonly: boolean }
export interface Snapshot {
  readonly values: Values;
  /** By place: "" for the header ("/quantity"), "/lines/0/quantity" for a column. */
  readonly states: Readonly<Record<string, FieldState>>;
  readonly problems: Readonly<Record<string, string>>;
  readonly dirty: boolean;
  readonly tried: boolean;
  readonly touched: Readonly<Record<string, boolean>>;
  readonly server: readonly ProblemInfo[];
  /** Rules whose warnings are all that stands in the way, as long as nothing was changed since they were read. */
  readonly overridable: readonly string[];
}
interface Rules { readonly visible?: Compiled; readonly required: boolean | Compiled; readonly readonly: boolean | Compiled; readonly computed?: Compiled; readonly fallback?: Compiled }

const isTree = (rule: Rule | boolean): rule is Tree => Array.isArray(rule);
const one = (rule: Rule): Compiled | undefined => (isTree(rule) ? compile(rule) : undefined);
const fact = (rule: boolean | Rule): boolean | Compiled => (typeof rule === 'boolean' ? rule : (one(rule) ?? false));

export interface Surroundings { readonly actor: Scope; readonly today: string; readonly editable: boolean; readonly say: (field: FieldInfo) => string; readonly words: (text: CheckInfo['message']) => string }

export class FormStore {
  private readonly listeners = new Set<() => void>();
  private readonly rules = new Map<string, Rules>();
  private readonly checks: readonly { check: CheckInfo; run: Compiled }[];
  private snapshot: Snapshot;
  readonly form: FormInfo;
  private readonly around: Surroundings;
  private readonly state: string | null;

  constructor(form: FormInfo, record: RecordInfo | null, around: Surroundings) {
    this.form = form;
    this.around = around;
    this.state = record?.state ?? form.states[0]?.name ?? null;
    for (const f of form.fields) {
      this.rules.set(f.name, this.compileField(f));
      for (const inner of f.fields ?? []) this.rules.set(`${f.name}.${inner.name}`, this.compileField(inner));
    }
    this.checks = form.checks.flatMap((check) => { const run = one(check.that); return run ? [{ check, run }] : []; });
    const blank: Snapshot = { values: {}, states: {}, problems: {}, dirty: false, tried: false, touched: {}, server: [], overridable: [] };
    this.snapshot = this.derive({ ...blank, values: record ? record.values : this.start() });
  }

  private compileField(f: FieldInfo): Rules {
    const [visible, computed, fallback] = [one(f.visible), one(f.computed), one(f.default)];
    return { required: fact(f.required), readonly: fact(f.readonly), ...(visible && { visible }), ...(computed && { computed }), ...(fallback && { fallback }) };
  }

  /** A new record: defaults, and one empty line where lines must be. */
  private start(): Values {
    const values: Record<string, Wire> = {};
    for (const f of this.form.fields) values[f.name] = f.type === 'lines' ? (Number(f.options['min'] ?? 0) > 0 ? [{}] : []) : null;
    for (const f of this.form.fields) {
      const run = this.rules.get(f.name)?.fallback;
      const value = run?.(this.scope(values));
      if (value !== null && value !== undefined) values[f.name] = toWire(f, value);
    }
    return values;
  }

  subscribe = (listener: () => void): (() => void) => { this.listeners.add(listener); return () => this.listeners.delete(listener); };
  get = (): Snapshot => this.snapshot;

  private put(next: Snapshot): void { this.snapshot = this.derive(next); for (const l of this.listeners) l(); }

  /** Change one value; `place` is "/field" or "/lines/0/field". */
  set(place: string, value: Wire): void {
    const [, outer, at, inner] = place.split('/') as [string, string, string?, string?];
    const { values } = this.snapshot;
    let next: Wire = value;
    if (inner !== undefined) {
      const rows = [...((values[outer] as readonly Row[] | undefined) ?? [])];
      rows[Number(at)] = this.withDefaults(outer, { ...rows[Number(at)], [inner]: value }, inner);
      next = rows;
    }
    const server = this.snapshot.server.filter((p) => p.pointer !== place && !(inner && p.pointer === `/${outer}/${at}`));
    this.put({ ...this.snapshot, values: { ...values, [outer]: next }, dirty: true, touched: { ...this.snapshot.touched, [place]: true }, server, overridable: [] });
  }

  /** A default of a column may look at the line, e.g. the price of the item just chosen; what was typed stays. */
  private withDefaults(lines: string, row: Row, changed: string): Row {
    let next = row;
    for (const f of this.form.fields.find((x) => x.name === lines)?.fields ?? []) {
      const run = this.rules.get(`${lines}.${f.name}`)?.fallback;
      if (!run || f.name === changed || (next[f.name] !== null && next[f.name] !== undefined && next[f.name] !== '' && !isReference(row[changed]))) continue;
      const value = run(this.lineScope(lines, next, this.scope(this.snapshot.values)));
      if (value !== null && value !== undefined) next = { ...next, [f.name]: toWire(f, value) };
    }
    return next;
  }

  addLine(lines: string): number {
    const rows = [...((this.snapshot.values[lines] as readonly Row[] | undefined) ?? []), this.withDefaults(lines, {}, '')];
    this.put({ ...this.snapshot, values: { ...this.snapshot.values, [lines]: rows }, dirty: true, overridable: [] });
    return rows.length - 1;
  }

  removeLine(lines: string, at: number): void {
    const rows = ((this.snapshot.values[lines] as readonly Row[] | undefined) ?? []).filter((_, i) => i !== at);
    this.put({ ...this.snapshot, values: { ...this.snapshot.values, [lines]: rows }, dirty: true, server: [], overridable: [] });
  }

  /** The person pressed Save: from now on everything that is wrong is shown. Returns the first wrong place. */
  attempt(): string | null { this.put({ ...this.snapshot, tried: true }); return Object.keys(this.snapshot.problems)[0] ?? null; }

  refuse(problems: readonly ProblemInfo[]): void { this.put({ ...this.snapshot, tried: true, server: problems, overridable: overridable(problems) }); }

  /** The person has read what the server said and goes on editing. */
  dismiss(): void { this.put({ ...this.snapshot, server: [], overridable: [] }); }


  /** What is wrong at a place, if it should be told yet. */
  problemAt(place: string): string | null {
    const told = this.snapshot.server.find((p) => p.pointer === place);
    if (told) return told.hint && !isWarning(told) ? `${told.title} ${told.hint}` : told.title;
    return this.snapshot.tried || this.snapshot.touched[place] ? (this.snapshot.problems[place] ?? null) : null;
  }

  /** Is what stands at this place only a warning? */
  warnsAt(place: string): boolean { const told = this.snapshot.server.find((p) => p.pointer === place); return !!told && isWarning(told); }

  /** Values as they are sent: only fields that may be written, references by id, lines with the id of their row. */
  sent(): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (const f of this.form.fields) {
      if (!f.may_write) continue;
      const value = this.snapshot.values[f.name];
      out[f.name] = f.type === 'lines'
        ? ((value as readonly Row[] | undefined) ?? []).filter((row) => !this.isBlank(row)).map((row) => ({
            ...(row.id ? { id: row.id } : {}), ...Object.fromEntries((f.fields ?? []).filter((i) => i.may_write).map((i) => [i.name, bare(row[i.name])])) }))
        : bare(value);
    }
    return out;
  }

  private isBlank(row: Row): boolean { return !row.id && Object.entries(row).every(([, v]) => v === null || v === undefined || v === ''); }

  private derive(s: Snapshot): Snapshot {
    const values: Record<string, Wire> = { ...s.values };
    const header = this.scope(values);
    for (const f of this.form.fields) if (f.fields) values[f.name] = ((values[f.name] as readonly Row[] | undefined) ?? []).map((row) => this.computeLine(f, row, header));
    let scope = this.scope(values);
    for (const f of this.form.fields) {
      const value = this.rules.get(f.name)?.computed?.(scope);
      if (value !== undefined && this.rules.get(f.name)?.computed) { values[f.name] = toWire(f, value); scope = this.scope(values); }
    }
    const states: Record<string, FieldState> = {};
    const problems: Record<string, string> = {};
    for (const f of this.form.fields) {
      this.judge(f, f.name, `/${f.name}`, values[f.name], scope, states, problems);
      ((f.fields && (values[f.name] as readonly Row[])) || []).forEach((row, at) => {
        if (this.isBlank(row)) return;
        const inner = this.lineScope(f.name, row, scope);
        for (const i of f.fields ?? []) this.judge(i, `${f.name}.${i.name}`, `/${f.name}/${at}/${i.name}`, row[i.name], inner, states, problems);
      });
    }
    this.runChecks(values, scope, problems);
    return { ...s, values, states, problems };
  }

  private computeLine(f: FieldInfo, row: Row, header: Scope): Row {
    let next = row;
    for (const i of f.fields ?? []) {
      const run = this.rules.get(`${f.name}.${i.name}`)?.computed;
      const value = run?.(this.lineScope(f.name, next, header));
      if (run && value !== undefined) next = { ...next, [i.name]: toWire(i, value) };
    }
    return next;
  }

  private judge(f: FieldInfo, path: string, place: string, value: Wire | undefined, scope: Scope, states: Record<string, FieldState>, problems: Record<string, string>): void {
    const rules = this.rules.get(path)!;
    const holds = (rule: boolean | Compiled): boolean => (typeof rule === 'boolean' ? rule : rule(scope) === true);
    const visible = rules.visible ? rules.visible(scope) !== false : true;
    const required = holds(rules.required) && f.may_write;
    states[place] = { visible, required, readonly: !this.around.editable || !f.may_write || holds(rules.readonly) };
    if (required && this.around.editable && !f.fields && (value === null || value === undefined || value === '')) problems[place] = this.around.say(f);
  }

  private runChecks(values: Values, scope: Scope, problems: Record<string, string>): void {
    for (const { check, run } of this.checks) {
      if (check.lines === null) { if (run(scope) === false) problems[check.at ? `/${check.at}` : ''] ??= this.around.words(check.message); continue; }
      ((values[check.lines] as readonly Row[] | undefined) ?? []).forEach((row, at) => {
        if (!this.isBlank(row) && run(this.lineScope(check.lines!, row, scope)) === false) problems[`/${check.lines}/${at}/${check.at}`] ??= this.around.words(check.message);
      });
    }
  }

  private scope(values: Values): Scope {
    const scope: Record<string, Value> = { actor: this.around.actor, state: this.state, $today: date(this.around.today), id: null };
    for (const f of this.form.fields)
      scope[f.name] = f.fields
        ? ((values[f.name] as readonly Row[] | undefined) ?? []).filter((row) => !this.isBlank(row)).map((row) => Object.fromEntries(f.fields!.map((i) => [i.name, fromWire(i, row[i.name])])))
        : fromWire(f, values[f.name]);
    return scope;
  }

  private lineScope(lines: string, row: Row, header: Scope): Scope {
    const f = this.form.fields.find((x) => x.name === lines);
    return { ...Object.fromEntries((f?.fields ?? []).map((i) => [i.name, fromWire(i, row[i.name])])), record: header, actor: this.around.actor, $today: header['$today'] };
  }
}

/** A rule warns: somebody with the right may go on all the same. */
export const isWarning = (p: ProblemInfo): boolean => p.code === 'actions.rule_warns' || p.code === 'actions.rule_warns_all';

/** The rules to accept, if accepting their warnings is all it takes. */
export function overridable(problems: readonly ProblemInfo[]): readonly string[] {
  const rules = problems.flatMap((p) => (p.code === 'actions.rule_warns' && p.ways.includes('accept') && typeof p.params?.['rule'] === 'string' ? [p.params['rule']] : []));
  return rules.length === problems.length ? [...new Set(rules)] : [];
}

export const isReference = (v: unknown): v is Reference => typeof v === 'object' && v !== null && 'id' in v && 'title' in v;
const bare = (v: Wire | undefined): unknown => (isReference(v) ? v.id : v === '' || v === undefined ? null : v);

/** A wire value as expressions see it. Text that is no number (half typed) is null. */
export function fromWire(f: FieldInfo, v: Wire | undefined): Value {
  if (v === null || v === undefined || v === '') return null;
  if (isReference(v)) return { id: v.id, ...(v.scope ? Object.fromEntries(Object.entries(v.scope).map(([k, tree]) => [k, compile(tree)({})])) : {}) };
  switch (f.type) {
    case 'integer': case 'quantity': case 'money': {
      const text = typeof v === 'object' ? String((v as Record<string, unknown>)['base'] ?? (v as Record<string, unknown>)['amount'] ?? '') : String(v);
      return /^-?(\d+\.?\d*|\.\d+)$/.test(text) ? new Decimal(text) : null;
    }
    case 'date': return /^\d{4}-\d{2}-\d{2}$/.test(String(v)) ? date(String(v)) : null;
    case 'datetime': return datetime(String(v));
    default: return v as Value;
  }
}

/** What an expression came to as a wire value, rounded to the digits of the field. */
export function toWire(f: FieldInfo, v: Value): Wire {
  if (v === null || v === undefined) return null;
  if (isDecimal(v)) return plain(roundTo(v, f.type === 'integer' ? 0 : Number(f.options['decimals'] ?? (f.type === 'money' ? 2 : 0))));
  if (isTemporal(v)) return show(v);
  if (isContext(v)) return 'id' in v ? { id: String(v['id']), title: '' } : null;
  return v as Wire;
}
