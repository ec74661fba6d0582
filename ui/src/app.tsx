// Which page is shown, and whether one may be shown at all.
import { useEffect } from 'preact/hooks';
import { phase } from './api/session';
import { navigate, path } from './live/router';
import { showInTab, startOverview } from './live/overview';
import { startStream } from './live/stream';
import { Frame } from './parts/frame';
import { Empty, Skeleton } from './parts/panel';
import { language, t } from './text/i18n';
import { AlertsPage } from './pages/alerts';
import { LoginDialog, LoginPage } from './pages/login';
import { lazy } from './pages/lazy';
import { OverviewPage } from './pages/overview';

const AlertPage = lazy(() => import('./pages/alert').then((page) => page.AlertPage));
const ExplorePage = lazy(() => import('./pages/explore').then((page) => page.ExplorePage));
const BacktracePage = lazy(() => import('./pages/backtrace').then((page) => page.BacktracePage));
const LogsPage = lazy(() => import('./pages/logs').then((page) => page.LogsPage));
const NodePage = lazy(() => import('./pages/node').then((page) => page.NodePage));

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function Page() {
  const [, first = '', second = '', more] = path.value.split('/');
  if (first === '' || first === 'login') return <OverviewPage />;
  if (first === 'alerts' && second === '') return <AlertsPage />;
  if (first === 'alerts' && more === undefined) return <AlertPage key={second} id={decoded(second)} />;
  if (first === 'explore' && second === '') return <ExplorePage />;
  if (first === 'logs' && second === '') return <LogsPage />;
  if (first === 'backtrace' && second === '') return <BacktracePage />;
  if (first === 'nodes' && second !== '' && more === undefined)
    return <NodePage key={second} host={decoded(second)} />;
  return (
    <Empty>
      {t('not_found')} <a href="/">{t('to_overview')}</a>
    </Empty>
  );
}

function pageTitle(): string {
  const [, first = '', second = ''] = path.value.split('/');
  if (first === 'alerts') return second ? t('alert') : t('alerts');
  if (first === 'explore') return t('metrics');
  if (first === 'logs') return t('logs');
  if (first === 'backtrace') return t('backtrace');
  if (first === 'nodes') return decoded(second);
  return t('overview');
}

function Inside() {
  useEffect(() => {
    startStream();
    startOverview();
    showInTab(pageTitle);
    if (path.peek() === '/login') navigate('/', 'replace');
  }, []);
  return (
    <Frame>
      <Page />
    </Frame>
  );
}

export function App() {
  document.documentElement.lang = language.value;
  switch (phase.value) {
    case 'starting':
      return <Skeleton rows={0} />;
    case 'unreachable':
      return (
        <main class="login-page" role="status">
          <p>{t('server_unreachable')}</p>
        </main>
      );
    case 'out':
      return <LoginPage />;
    case 'in':
    case 'expired':
      return (
        <>
          <Inside />
          {phase.value === 'expired' && <LoginDialog />}
        </>
      );
  }
}
