/** The typed client of /api/v1: session cookie with CSRF token, problem details as errors, request keys for every change. */
import type { Language, ProblemInfo, SessionInfo } from './types.ts';

/** The engine's refusal: everything that is wrong, each at its place. */
export class Refusal extends Error {
  readonly status: number;
  readonly problems: readonly ProblemInfo[];
  constructor(status: number, title: string, problems: readonly ProblemInfo[]) {
    super(title);
    this.status = status;
    this.problems = problems;
  }
}

let csrf: string | null = null;
let language: Language = 'en';
export const useSession = (session: SessionInfo | null): void => { csrf = session?.csrf ?? null; };
export const speak = (next: Language): void => { language = next; };

/** A key that makes a repeated request recognisable; `crypto.randomUUID` is missing on plain http. */
export const requestKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

/** The keys of what one screen sends: a request that got no answer is sent again under its own key, and another body is another request. */
export class RequestKeys {
  private kept: { readonly request: string; readonly key: string } | null = null;

  of(request: unknown): string {
    const text = JSON.stringify(request);
    if (this.kept?.request !== text) this.kept = { request: text, key: requestKey() };
    return this.kept.key;
  }

  /** The answer came, or a refusal: the same words sent again are meant anew. */
  answered(): void { this.kept = null; }
}

interface Ask { method?: string; body?: unknown; revision?: number; key?: string }

export async function api<T>(path: string, ask: Ask = {}): Promise<T> {
  const headers: Record<string, string> = { 'Accept-Language': language };
  if (ask.body !== undefined) headers['Content-Type'] = 'application/json';
  if (ask.method && csrf) headers['X-CSRF-Token'] = csrf;
  if (ask.revision !== undefined) headers['If-Match'] = `"${ask.revision}"`;
  if (ask.key) headers['Idempotency-Key'] = ask.key;
  let answer: Response;
  try {
    answer = await fetch(`/api/v1${path}`, { method: ask.method ?? 'GET', headers, body: ask.body === undefined ? null : JSON.stringify(ask.body) });
  } catch {
    throw new Refusal(0, '', [{ code: 'offline', pointer: '', title: '', hint: '', ways: [] }]);
  }
  if (answer.status === 204) return undefined as T;
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) {
    const details = body as { title?: string; problems?: ProblemInfo[] } | null;
    throw new Refusal(answer.status, details?.title ?? answer.statusText, details?.problems ?? []);
  }
  return body as T;
}

export const query = (params: Record<string, string | number | undefined>): string => {
  const given = Object.entries(params).filter(([, v]) => v !== undefined && v !== '');
  return given.length ? `?${new URLSearchParams(given.map(([k, v]) => [k, String(v)]))}` : '';
};
