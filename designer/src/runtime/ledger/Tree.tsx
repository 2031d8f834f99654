import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { Level } from '../../backend/ledger.ts';
import { group } from '../../i18n/i18n.ts';
import { useSite } from '../site.tsx';

const AT_ONCE = 150;
/** Rows drawn at most: more than anybody reads, and what a phone still draws at once. */
const DRAWN = 400;

/** All levels, indented. Arrows go from row to row, right opens a row, left closes it or goes to what it belongs to. */
export function Tree({ form, rows, label }: { form: string; rows: readonly Level[]; label: string }) {
  const { t } = useSite();
  const parents = useMemo(() => rows.map((r, i) => !!rows[i + 1] && rows[i + 1]!.level > r.level), [rows]);
  const names = useMemo(() => placeNames(rows), [rows]);
  const [toggled, setToggled] = useState<Readonly<Record<string, boolean>>>({});
  const [usual, setUsual] = useState(rows.length <= AT_ONCE);
  const [most, setMost] = useState(DRAWN);
  const [focus, setFocus] = useState(0);
  const table = useRef<HTMLTableElement>(null);
  const isOpen = (at: number): boolean => toggled[names[at]!] ?? usual;
  const visible: number[] = [];
  let hidden = Infinity;
  rows.forEach((r, at) => {
    if (r.level > hidden) return;
    hidden = parents[at] && !isOpen(at) ? r.level : Infinity;
    visible.push(at);
  });
  const drawn = visible.slice(0, most);
  const here = drawn.includes(focus) ? focus : (drawn[0] ?? 0);
  const move = (at: number | undefined): void => {
    if (at === undefined) return;
    setFocus(at);
    table.current?.querySelector<HTMLElement>(`tr[data-at="${at}"]`)?.focus();
  };
  const all = (open: boolean): void => { setToggled({}); setUsual(open); };
  const walk = (e: KeyboardEvent): void => {
    const at = Number((e.target as HTMLElement).closest<HTMLElement>('tr')?.dataset['at'] ?? '-1');
    const step = drawn.indexOf(at);
    if (step < 0) return;
    const open = parents[at] && isOpen(at);
    const todo = {
      ArrowDown: () => move(drawn[step + 1]), ArrowUp: () => move(drawn[step - 1]), Home: () => move(drawn[0]), End: () => move(drawn.at(-1)),
      ArrowRight: () => { if (parents[at] && !open) setToggled({ ...toggled, [names[at]!]: true }); else if (open) move(drawn[step + 1]); },
      ArrowLeft: () => { if (open) setToggled({ ...toggled, [names[at]!]: false }); else move(drawn.slice(0, step).reverse().find((x) => rows[x]!.level < rows[at]!.level)); },
    }[e.key];
    if (!todo) return;
    e.preventDefault();
    todo();
  };
  return (
    <div className="card">
      <div className="card-tools"><span className="help" role="status">{t('structure.rows', { count: rows.length })}</span><span className="grow" />
        {parents.some(Boolean) && <><button className="button small quiet" onClick={() => all(true)}>{t('structure.open_all')}</button><button className="button small quiet" onClick={() => all(false)}>{t('structure.close_all')}</button></>}</div>
      <table className="grid tree" role="treegrid" aria-label={label} ref={table} onKeyDown={walk}>
        <thead><tr><th>{t('structure.component')}</th><th className="number">{t('structure.per')}</th><th className="number">{t('structure.total')}</th></tr></thead>
        <tbody>{drawn.map((at) => { const r = rows[at]!; return (
          <tr key={names[at]} data-at={at} data-level={r.level} aria-level={r.level} aria-expanded={parents[at] ? isOpen(at) : undefined} tabIndex={at === here ? 0 : -1} onFocus={() => setFocus(at)}>
            <td role="gridcell"><div className="node" style={{ paddingLeft: `calc(${r.level - 1} * var(--step))` }}>
              {parents[at] ? <button className="twist" tabIndex={-1} aria-label={t(isOpen(at) ? 'structure.close' : 'structure.open')} onClick={() => setToggled({ ...toggled, [names[at]!]: !isOpen(at) })}><i className={isOpen(at) ? 'open' : ''} aria-hidden="true" /></button> : <span className="twist" />}
              <span><Link tabIndex={-1} href={`/forms/${form}/${r.component.id}`}>{r.component.title}</Link>
                {r.role !== 'part' && <span className="state"> {t(`role.${r.role}`)}{r.share && ` ${group(r.share)} %`}</span>}
                {r.substitutes?.map((s) => <small key={s.component.id} className="help block">{t('structure.instead', { quantity: group(s.total), component: s.component.title })}</small>)}</span>
            </div></td>
            <td role="gridcell" className="number">{group(r.quantity)}</td>
            <td role="gridcell" className="number"><strong>{group(r.rounded ?? r.total)}</strong>{r.rounded !== undefined && r.rounded !== r.total && <small className="help block">{t('structure.exactly', { quantity: group(r.total) })}</small>}</td>
          </tr>); })}</tbody>
      </table>
      {visible.length > most && <div className="more"><button className="button" onClick={() => setMost(most + DRAWN)}>{t('rules.more', { count: visible.length - most })}</button></div>}
    </div>
  );
}

/** A name for each row that stays when quantities change: its way down, and which of its like it is. */
function placeNames(rows: readonly Level[]): readonly string[] {
  const seen = new Map<string, number>();
  return rows.map((r) => { const way = r.path.join('/'); const nth = (seen.get(way) ?? 0) + 1; seen.set(way, nth); return `${way}#${nth}`; });
}
