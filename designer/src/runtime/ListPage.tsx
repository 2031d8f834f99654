import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { Refusal, api, query } from '../backend/client.ts';
import type { FieldInfo, FormInfo, ListAnswer } from '../backend/types.ts';
import { group, showTime } from '../i18n/i18n.ts';
import { DateInput } from '../renderer/DateInput.tsx';
import { isNumber, shown } from '../renderer/Shown.tsx';
import { Popover } from '../ui/Popover.tsx';
import { type Chip, type Operator, condition, filterText, operatorsOf } from './filters.ts';
import { useSite } from './site.tsx';

/** A form's records: search, filter chips, sort by header, columns by choice, keyset paging. */
export function ListPage({ form }: { form: string }) {
  const { t } = useSite();
  const info = useQuery({ queryKey: ['form', form], queryFn: () => api<FormInfo>(`/forms/${form}`), staleTime: 60_000 });
  if (info.error) return <div className="card empty" role="alert">{info.error instanceof Refusal && info.error.message ? info.error.message : t('error.offline')}</div>;
  return info.data ? <Records form={info.data} /> : <div className="card empty" aria-busy="true">{t('list.loading')}</div>;
}

function Records({ form }: { form: FormInfo }) {
  const { t, w, language } = useSite();
  const [, go] = useLocation();
  const drill = new URLSearchParams(useSearch()).get('filter') ?? '';
  const kept = `dougong.columns.${form.name}`;
  const header = form.fields.filter((f) => f.type !== 'lines');
  const [columns, setColumns] = useState<readonly string[]>(() => (JSON.parse(localStorage.getItem(kept) ?? 'null') as string[] | null) ?? form.list.columns);
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<string>(form.list.sort[0] ?? '-created_at');
  const [chips, setChips] = useState<readonly Chip[]>([]);
  const words = useDeferredValue(search);
  const filter = filterText(chips, header, drill);
  const list = useInfiniteQuery({
    queryKey: ['list', form.name, words, sort, filter, columns], initialPageParam: '',
    queryFn: ({ pageParam }) => api<ListAnswer>(`/forms/${form.name}/records${query({ search: words, sort, filter, after: pageParam, columns: columns.join(','), limit: 50, count: pageParam ? undefined : '1' })}`),
    getNextPageParam: (last) => last.next ?? undefined, placeholderData: (before) => before,
  });
  const rows = list.data?.pages.flatMap((p) => p.records) ?? [];
  const count = list.data?.pages[0]?.count;
  const shownColumns = columns.flatMap((c) => { const f = header.find((x) => x.name === c); return f ? [f] : c === 'state' && form.states.length ? [STATE] : c === 'created_at' ? [CREATED] : []; });
  const choose = (name: string): void => { const next = columns.includes(name) ? columns.filter((c) => c !== name) : [...columns, name]; setColumns(next); localStorage.setItem(kept, JSON.stringify(next)); };
  const sortBy = (name: string): void => setSort(sort === name ? `-${name}` : name);
  const label = (f: FieldInfo): string => w(f.label);
  const filtering = !!(search || chips.length || drill);
  return (
    <>
      <div className="head"><h1>{w(form.label)}</h1>{count && <span className="help">{t(count.capped ? 'list.count_capped' : 'list.count', { count: group(String(count.number)) })}</span>}<div className="grow" />
        {form.may.create && <Link href={`/forms/${form.name}/new`} className="button primary">＋ {t('list.new', { form: w(form.label) })}</Link>}</div>
      <div className="tools">
        <input type="search" placeholder={t('list.search')} aria-label={t('list.search')} value={search} onChange={(e) => setSearch(e.target.value)} />
        <Popover className="button" label={`＋ ${t('list.filter')}`}><AddFilter fields={header} form={form} onAdd={(chip) => setChips([...chips, chip])} /></Popover>
        <Popover className="button hide-phone" label={t('list.columns')}><div className="menu">{[...header, ...(form.states.length ? [STATE] : []), CREATED].map((f) => <label key={f.name}><input type="checkbox" checked={columns.includes(f.name)} onChange={() => choose(f.name)} />{label(f)}</label>)}</div></Popover>
        {chips.map((chip, i) => { const f = [...header, STATE].find((x) => x.name === chip.field); return <span className="chip" key={i}>{f ? label(f) : chip.field} {t(`op.${chip.operator}`)} {f?.name === 'state' ? w(form.states.find((s) => s.name === chip.value)?.label) : f ? shown(f, chip.value, language, t('form.yes'), t('form.no')) : chip.value}<button aria-label={t('list.remove_filter')} onClick={() => setChips(chips.filter((_, x) => x !== i))}>×</button></span>; })}
        {drill && <span className="chip">{drill}<button aria-label={t('list.remove_filter')} onClick={() => go(`/forms/${form.name}`)}>×</button></span>}
      </div>
      <div className="card scroll" aria-busy={list.isFetching}>
        {list.error && <div className="empty" role="alert">{list.error instanceof Refusal && list.error.message ? list.error.message : t('error.offline')}<button className="button" onClick={() => void list.refetch()}>{t('error.retry')}</button></div>}
        {!list.error && rows.length > 0 && (
          <table className="grid cards">
            <thead><tr>{shownColumns.map((f) => <th key={f.name} className={isNumber(f) ? 'number' : ''} aria-sort={sort === f.name ? 'ascending' : sort === `-${f.name}` ? 'descending' : 'none'}><button onClick={() => sortBy(f.name)} aria-label={t('list.sort_by', { field: label(f) })}>{label(f)} {sort === f.name ? '↑' : sort === `-${f.name}` ? '↓' : ''}</button></th>)}</tr></thead>
            <tbody>{rows.map((r) => (
              <tr key={r.id} className="link" onClick={() => go(`/forms/${form.name}/${r.id}`)}>
                {shownColumns.map((f, i) => <td key={f.name} data-label={label(f)} className={isNumber(f) ? 'number' : ''}>
                  {f.name === 'state' ? <span className={`state${form.states.find((s) => s.name === r.state)?.editable ? '' : ' on'}`}>{w(form.states.find((s) => s.name === r.state)?.label)}</span>
                    : i === 0 ? <Link href={`/forms/${form.name}/${r.id}`} onClick={(e) => e.stopPropagation()}>{shown(f, r.values[f.name], language, t('form.yes'), t('form.no')) || r.title}</Link>
                      : f.name === 'created_at' ? showTime(r.created_at, language) : shown(f, r.values[f.name], language, t('form.yes'), t('form.no'))}
                </td>)}
              </tr>))}
            </tbody>
          </table>
        )}
        {!list.error && rows.length === 0 && (list.isLoading ? <div className="empty">{t('list.loading')}</div> : <div className="empty">{filtering ? <>{t('list.none_found')}<button className="button" onClick={() => { setSearch(''); setChips([]); if (drill) go(`/forms/${form.name}`); }}>{t('list.clear')}</button></> : <>{t('list.empty', { form: w(form.label) })}{form.may.create && <Link href={`/forms/${form.name}/new`} className="button primary">＋ {t('list.new', { form: w(form.label) })}</Link>}</>}</div>)}
      </div>
      {list.hasNextPage && <div style={{ textAlign: 'center', marginTop: 12 }}><button className="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{list.isFetchingNextPage ? t('list.loading') : t('list.more')}</button></div>}
    </>
  );
}

const pseudo = (name: string, type: string, en: string, zh: string): FieldInfo => ({ name, type, label: { en, 'zh-CN': zh }, help: null, unique: false, required: false, readonly: true, visible: null, computed: null, default: null, options: {}, may_write: false });
const STATE = pseudo('state', 'text', 'State', '状态');
const CREATED = pseudo('created_at', 'datetime', 'Created', '创建时间');

function AddFilter({ fields, form, onAdd }: { fields: readonly FieldInfo[]; form: FormInfo; onAdd: (chip: Chip) => void }) {
  const { t, w } = useSite();
  const all = [...fields, ...(form.states.length ? [{ ...STATE, type: 'choice', options: { choices: form.states.map((s) => ({ value: s.name, label: s.label })) } }] : [])];
  const [field, setField] = useState(all[0]?.name ?? '');
  const f = all.find((x) => x.name === field) ?? all[0]!;
  const [operator, setOperator] = useState<Operator>(operatorsOf(f)[0]!);
  const [value, setValue] = useState('');
  const chip: Chip = { field, operator, value };
  const ready = condition(chip, all) !== null;
  const pick = (name: string): void => { setField(name); setValue(''); setOperator(operatorsOf(all.find((x) => x.name === name)!)[0]!); };
  const needs = operator !== 'empty' && operator !== 'filled';
  return (
    <form className="menu" style={{ gap: 8, width: 240 }} onSubmit={(e) => { e.preventDefault(); if (ready) { onAdd(chip); setValue(''); } }}>
      <select className="input" aria-label={t('list.filter')} value={field} onChange={(e) => pick(e.target.value)}>{all.map((x) => <option key={x.name} value={x.name}>{w(x.label)}</option>)}</select>
      <select className="input" aria-label={t('list.filter')} value={operator} onChange={(e) => setOperator(e.target.value as Operator)}>{operatorsOf(f).map((o) => <option key={o} value={o}>{t(`op.${o}`)}</option>)}</select>
      {needs && (f.type === 'choice' ? <select className="input" aria-label={w(f.label)} value={value} onChange={(e) => setValue(e.target.value)}><option value="" />{(f.options['choices'] as { value: string; label: Record<string, string> }[]).map((c) => <option key={c.value} value={c.value}>{w(c.label)}</option>)}</select>
        : f.type === 'boolean' ? <select className="input" aria-label={w(f.label)} value={value} onChange={(e) => setValue(e.target.value)}><option value="" /><option value="true">{t('form.yes')}</option><option value="false">{t('form.no')}</option></select>
          : f.type === 'date' ? <DateInput aria-label={w(f.label)} value={value} onValue={setValue} />
            : <input className="input" aria-label={w(f.label)} value={value} onChange={(e) => setValue(e.target.value)} />)}
      <button className="button primary" disabled={!ready}>{t('list.add_filter')}</button>
    </form>
  );
}
