/** What every screen needs: the session, the release, the language. */
import { createContext, use } from 'react';
import type { Language, Named, ReleaseInfo, SessionInfo, Text } from '../backend/types.ts';
import { type Key, say, words } from '../i18n/i18n.ts';

export interface Site { readonly session: SessionInfo; readonly release: ReleaseInfo; readonly language: Language; readonly setLanguage: (next: Language) => void; readonly signOut: () => void }
export const SiteContext = createContext<Site | null>(null);

export function useSite(): Site & { t: (key: Key, params?: Readonly<Record<string, string | number>>) => string; w: (text: Text | null | undefined) => string } {
  const site = use(SiteContext);
  if (!site) throw new Error('no site around this screen');
  return { ...site, t: (key, params) => say(site.language, key, params), w: (text) => words(text, site.language) };
}

/** Where an entry of the menu leads and what it is called. */
export function entryOf(entry: { form?: string; register?: string; dashboard?: string; structure?: string; planner?: string; do?: string }, release: ReleaseInfo): { to: string; label: Text } | null {
  const find = (all: readonly Named[], name: string | undefined): Text | undefined => all.find((n) => n.name === name)?.label;
  const choices: [string | undefined, readonly Named[], string][] = [
    [entry.form, release.forms, entry.do === 'create' ? `/forms/${entry.form}/new` : `/forms/${entry.form}`],
    [entry.register, release.registers, `/registers/${entry.register}`], [entry.dashboard, release.dashboards, `/dashboards/${entry.dashboard}`], [entry.structure, release.structures, `/structures/${entry.structure}`],
    [entry.planner, release.planners, `/planners/${entry.planner}`]];
  for (const [name, all, to] of choices) { const label = find(all, name); if (name && label) return { to, label }; }
  return null;
}
