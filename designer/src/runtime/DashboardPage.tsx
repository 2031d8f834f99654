import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { Refusal, api } from '../backend/client.ts';
import type { Text, TileInfo } from '../backend/types.ts';
import { group, showTime } from '../i18n/i18n.ts';
import { useSite } from './site.tsx';

const NUMBER = /^-?\d+(\.\d+)?$/;

/** Tiles of numbers, charts and tables; a click goes to the records behind. */
export function DashboardPage({ dashboard }: { dashboard: string }) {
  const { t, w, language } = useSite();
  const board = useQuery({ queryKey: ['dashboard', dashboard, language], queryFn: () => api<{ label: Text; at: string; tiles: TileInfo[] }>(`/dashboards/${dashboard}`), refetchInterval: 60_000 });
  if (board.error) return <div className="card empty" role="alert">{board.error instanceof Refusal && board.error.message ? board.error.message : t('error.offline')}</div>;
  if (!board.data) return <div className="card empty" aria-busy="true">{t('list.loading')}</div>;
  return (
    <>
      <div className="head"><h1>{w(board.data.label)}</h1><span className="help">{t('board.as_of', { time: showTime(board.data.at, language) })}</span></div>
      <div className="board">{board.data.tiles.map((tile) => <section key={tile.name} className="card tile-card" style={{ ['--wide' as string]: tile.wide }} data-tile={tile.name}><h2>{w(tile.label)}</h2><Tile tile={tile} /></section>)}</div>
    </>
  );
}

const drillTo = (tile: TileInfo, at?: number): string | null => {
  if (!tile.drill) return null;
  if (tile.drill.register) return `/registers/${tile.drill.register}`;
  const row = at === undefined ? undefined : tile.rows?.[at];
  const own = row && tile.x === 'state' ? `state = "${row.value}"` : '';
  const filter = [tile.drill.filter, own].filter(Boolean).join(' and ');
  return `/forms/${tile.drill.form}${filter ? `?filter=${encodeURIComponent(filter)}` : ''}`;
};

function Tile({ tile }: { tile: TileInfo }) {
  const { t, w } = useSite();
  if (!tile.allowed) return <div className="empty">{t('board.not_allowed')}</div>;
  if (tile.chart === 'number') { const to = drillTo(tile); return to ? <Link href={to} className="big">{group(tile.number ?? '0')}</Link> : <span className="big">{group(tile.number ?? '0')}</span>; }
  if (tile.table) return tile.table.rows.length === 0 ? <div className="empty">{t('board.empty')}</div> : (
    <div className="scroll"><table className="grid"><thead><tr>{tile.table.columns.map((c) => <th key={c.name} className={NUMBER.test(tile.table!.rows[0]?.[c.name] ?? '') ? 'number' : ''}>{w(c.label)}</th>)}</tr></thead>
      <tbody>{tile.table.rows.map((row, i) => <tr key={i}>{tile.table!.columns.map((c) => { const v = row[c.name] ?? ''; return <td key={c.name} className={NUMBER.test(v) ? 'number' : ''}>{NUMBER.test(v) ? group(v) : v}</td>; })}</tr>)}</tbody></table></div>);
  return tile.figure && (tile.rows?.length ?? 0) > 0 ? <Plot tile={tile} /> : <div className="empty">{t('board.empty')}</div>;
}

function Plot({ tile }: { tile: TileInfo }) {
  const { w } = useSite();
  const box = useRef<HTMLDivElement>(null);
  const [, go] = useLocation();
  useEffect(() => {
    const target = box.current;
    if (!target || !tile.figure) return;
    let gone = false;
    void import('plotly.js-cartesian-dist-min').then(async ({ default: Plotly }) => {
      if (gone) return;
      const ink = getComputedStyle(document.body).color;
      const layout = { ...tile.figure!.layout, font: { ...(tile.figure!.layout['font'] as object), color: ink }, autosize: true, height: 280 };
      await Plotly.newPlot(target, tile.figure!.data, layout, { displayModeBar: false, responsive: true });
      (target as unknown as { on: (event: string, f: (e: { points: { customdata: number | number[] }[] }) => void) => void }).on('plotly_click', (e) => {
        const at = e.points[0]?.customdata;
        const to = drillTo(tile, Array.isArray(at) ? at[0] : at);
        if (to) go(to);
      });
    });
    return () => { gone = true; };
  }, [tile, go]);
  return <div ref={box} className="plot" role="img" aria-label={w(tile.label)} />;
}
