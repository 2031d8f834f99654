import { pieces } from './ruleWords.ts';

/** Rule text as numbered lines that wrap, so that a phone needs no sideways scroll. */
export function RuleText({ text, label }: { text: string; label: string }) {
  return (
    <pre className="code" aria-label={label} role="group">
      {text.trimEnd().split('\n').map((line, i) => <span className="line" key={i}>{pieces(line).map((p, j) => (p.kind === 'plain' ? p.text : <span key={j} className={`code-${p.kind}`}>{p.text}</span>))}{'\n'}</span>)}
    </pre>
  );
}
