import { type KeyboardEvent, type ReactNode, useRef } from 'react';

export interface Tab<Name extends string> { readonly name: Name; readonly label: string }

/** One of several views of the same thing; arrow keys go from one to the next. */
export function Tabs<Name extends string>({ label, tabs, open, onOpen, children }: { label: string; tabs: readonly Tab<Name>[]; open: Name; onOpen: (name: Name) => void; children: ReactNode }) {
  const list = useRef<HTMLDivElement>(null);
  const walk = (e: KeyboardEvent): void => {
    const here = tabs.findIndex((t) => t.name === open);
    const next = { ArrowRight: (here + 1) % tabs.length, ArrowLeft: (here + tabs.length - 1) % tabs.length, Home: 0, End: tabs.length - 1 }[e.key];
    const to = next === undefined ? undefined : tabs[next];
    if (next === undefined || !to) return;
    e.preventDefault();
    onOpen(to.name);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={walk}>
        {tabs.map((t) => <button key={t.name} type="button" role="tab" id={`tab-${t.name}`} aria-selected={t.name === open} aria-controls="tab-panel" tabIndex={t.name === open ? 0 : -1} onClick={() => onOpen(t.name)}>{t.label}</button>)}
      </div>
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${open}`}>{children}</div>
    </>
  );
}
