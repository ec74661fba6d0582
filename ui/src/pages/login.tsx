// Getting in: name and password, or a one-time link (/login#TOKEN). As a page before the first login, as a dialog over
// the page when a login has ended.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/error';
import { login, loginByLink, user } from '../api/session';
import { now } from '../live/clock';
import { navigate } from '../live/router';
import { Logo } from '../parts/icon';
import { Text } from '../parts/text';
import { t } from '../text/i18n';

function words(error: unknown, secondsLeft: number): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 0) return t('server_unreachable');
  if (error.status === 429) return secondsLeft > 0 ? t('login_wait', { n: secondsLeft }) : '';
  if (error.status === 401) return t('login_failed');
  return error.message;
}

function LoginForm({ first }: { first?: unknown }) {
  const [error, setError] = useState<unknown>(first ?? null);
  const [busy, setBusy] = useState(false);
  const [waitUntil, setWaitUntil] = useState(0);
  const secondsLeft = waitUntil > 0 ? Math.max(0, Math.ceil((waitUntil - now.value) / 1000)) : 0;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setError(null);
    try {
      await login(String(data.get('name')), String(data.get('password')));
      if (location.pathname === '/login') navigate('/', 'replace');
    } catch (cause) {
      setError(cause);
      if (cause instanceof ApiError && cause.status === 429)
        setWaitUntil(now.peek() + (cause.retryAfter || 1) * 1000);
    } finally {
      setBusy(false);
    }
  };
  const text = typeof error === 'string' ? error : error === null ? '' : words(error, secondsLeft);
  return (
    <form class="login" onSubmit={(event) => void submit(event)}>
      <label>
        {t('name')}
        <input
          name="name"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          autofocus
          defaultValue={user.peek()?.name ?? ''}
        />
      </label>
      <label>
        {t('password')}
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <p class="error" role="alert">
        <Text value={text} />
      </p>
      <button type="submit" class="primary" disabled={busy || secondsLeft > 0}>
        {busy ? t('login_busy') : t('login')}
      </button>
    </form>
  );
}

export function LoginPage() {
  const [link] = useState(() => (location.pathname === '/login' ? location.hash.slice(1) : ''));
  const [trying, setTrying] = useState(link !== '');
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    document.title = `Apollo – ${t('login')}`;
    if (!link) return;
    // The secret leaves the address bar and the history at once.
    navigate('/login', 'replace');
    loginByLink(link)
      .then(() => navigate('/', 'replace'))
      .catch((error: unknown) => {
        setProblem(error instanceof ApiError && error.status === 0 ? error : t('login_link_failed'));
        setTrying(false);
      });
  }, []);
  return (
    <main class="login-page">
      <div class="card">
        <h1>
          <Logo />
          {t('login_title')}
        </h1>
        {trying ? <p role="status">{t('login_link_busy')}</p> : <LoginForm first={problem} />}
      </div>
      <p class="muted">Sentinella</p>
    </main>
  );
}

export function LoginDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="login-dialog"
      aria-labelledby="login-again"
      onCancel={(event) => event.preventDefault()}
    >
      <p id="login-again">{t('login_again')}</p>
      <LoginForm />
    </dialog>
  );
}
