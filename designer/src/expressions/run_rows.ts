/** Runs expressions over rows: reads {rows: [{name: tree}…], trees: [tree…]}, writes for each tree its value over each row, as text. */
import { compile, type Tree } from './compile.ts';
import { type Value, isContext, isDecimal, isList, isRange, isTemporal, plain } from './values.ts';

function text(v: Value): string {
  if (v === undefined) return 'unknown';
  if (v === null) return 'null';
  if (isDecimal(v)) return `number ${plain(v)}`;
  if (isTemporal(v)) return `${v.temporal} ${v.amount}`;
  if (isList(v)) return `[${v.map(text).join(', ')}]`;
  if (isRange(v)) return `range ${v.lowIn} ${text(v.low)} ${text(v.high)} ${v.highIn}`;
  if (isContext(v)) return `{${Object.entries(v).map(([k, x]) => `${k}: ${text(x)}`).join(', ')}}`;
  return `${typeof v} ${String(v)}`;
}

let input = '';
process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) input += chunk;
const work = JSON.parse(input) as { rows: Record<string, Tree>[]; trees: Tree[] };
const rows = work.rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, tree]) => [name, compile(tree)({})])));
process.stdout.write(JSON.stringify(work.trees.map((tree) => { const run = compile(tree); return rows.map((row) => text(run(row))); })));
