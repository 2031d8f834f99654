/** Runs the engine's cases: reads {scope, cases: [[tree, expected]…]} from standard input, writes [got, wanted] as text for each. */
import { compile, type Tree } from './compile.ts';
import { type Value, isContext, isDecimal, isList, isTemporal, plain } from './values.ts';

function text(v: Value): string {
  if (v === null || v === undefined) return 'null';
  if (isDecimal(v)) return `number ${plain(v)}`;
  if (isTemporal(v)) return `${v.temporal} ${v.amount}`;
  if (isList(v)) return `[${v.map(text).join(', ')}]`;
  if (isContext(v)) return `{${Object.entries(v).map(([k, x]) => `${k}: ${text(x)}`).join(', ')}}`;
  return `${typeof v} ${String(v)}`;
}

let input = '';
process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) input += chunk;
const work = JSON.parse(input) as { scope: Record<string, Tree>; cases: [Tree, Tree][] };
const scope = Object.fromEntries(Object.entries(work.scope).map(([name, tree]) => [name, compile(tree)({})]));
process.stdout.write(JSON.stringify(work.cases.map(([tree, want]) => [text(compile(tree)(scope)), text(compile(want)({}))])));
