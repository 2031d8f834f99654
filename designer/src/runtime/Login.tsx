import { type FormEvent, useState } from 'react';
import { Refusal, api } from '../backend/client.ts';
import type { Language, SessionInfo } from '../backend/types.ts';
import { say } from '../i18n/i18n.ts';
import { Brand } from './Shell.tsx';

export function Login({ language, onLanguage, onSignedIn }: { language: Language; onLanguage: (next: Language) => void; onSignedIn: (session: SessionInfo) => void }) {
  const [problem, setProblem] = useState('');
  const [working, setWorking] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    setWorking(true);
    api<SessionInfo>('/session', { method: 'POST', body: { login: String(given.get('login')).trim(), password: String(given.get('password')) } })
      .then(onSignedIn)
      .catch((e: unknown) => setProblem(e instanceof Refusal && e.problems[0]?.title ? `${e.problems[0].title} ${e.problems[0].hint}` : say(language, 'error.offline')))
      .finally(() => setWorking(false));
  };
  return (
    <main className="login">
      <div className="card">
        <div><Brand name="Dougong 斗拱" /><p className="help" style={{ margin: '0 8px' }}>{say(language, 'app.tagline')}</p></div>
        <h1 style={{ margin: '0 8px' }}>{say(language, 'login.title')}</h1>
        <form onSubmit={submit}>
          <div className="field"><label htmlFor="login">{say(language, 'login.login')}</label><input className="input" id="login" name="login" autoComplete="username" autoCapitalize="none" required autoFocus /></div>
          <div className="field"><label htmlFor="password">{say(language, 'login.password')}</label><input className="input" id="password" name="password" type="password" autoComplete="current-password" required /></div>
          {problem && <p className="wrong-text" role="alert" style={{ margin: 0 }}>{problem}</p>}
          <button className="button primary" disabled={working}>{say(language, working ? 'login.working' : 'login.submit')}</button>
        </form>
        <button className="button quiet" onClick={() => onLanguage(language === 'en' ? 'zh-CN' : 'en')}>{say(language, 'nav.language')}</button>
      </div>
    </main>
  );
}
