// Which page is shown, and whether one may be shown at all.
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { phase } from './api/session';
import { navigate, path } from './live/router';
import { showInTab, startOverview } from './live/overview';
import { startStream } from './live/stream';
import { Frame } from './parts/frame';
import { Empty, Skeleton } from './parts/panel';
import { language, t, type MessageKey } from './text/i18n';
import { LoginDialog, LoginPage } from './pages/login';
import { lazy } from './pages/lazy';
import { OverviewPage } from './pages/overview';

const people = () => import('./pages/manage/people');
const boards = () => import('./pages/metrics/boards');
const settings = () => import('./pages/manage/settings');
const resources = () => import('./pages/cloud/resources');
const services = () => import('./pages/cloud/services');

/** Pages without anything in their path. */
const kPages: Readonly<Record<string, ComponentType>> = {
  '/': OverviewPage,
  '/login': OverviewPage,
  '/alerts': lazy(() => import('./pages/alerts/alerts').then((page) => page.AlertsPage)),
  '/services': lazy(() => services().then((page) => page.ServicesPage)),
  '/nodes': lazy(() => import('./pages/cloud/nodes').then((page) => page.NodesPage)),
  '/nodes/add': lazy(() => import('./pages/cloud/add_node').then((page) => page.AddNodePage)),
  '/explore': lazy(() => import('./pages/metrics/explore').then((page) => page.ExplorePage)),
  '/logs': lazy(() => import('./pages/logs/logs').then((page) => page.LogsPage)),
  '/backtrace': lazy(() => import('./pages/logs/backtrace').then((page) => page.BacktracePage)),
  '/resources': lazy(() => resources().then((page) => page.ResourcesPage)),
  '/status': lazy(() => import('./pages/cloud/status').then((page) => page.StatusPage)),
  '/changes': lazy(() => import('./pages/manage/changes').then((page) => page.ChangesPage)),
  '/boards': lazy(() => boards().then((page) => page.BoardsPage)),
  '/rules': lazy(() => import('./pages/manage/rules').then((page) => page.RulesPage)),
  '/rules/husbandry': lazy(() => import('./pages/manage/husbandry').then((page) => page.HusbandryPage)),
  '/silences': lazy(() => import('./pages/alerts/silences').then((page) => page.SilencesPage)),
  '/channels': lazy(() => import('./pages/manage/channels').then((page) => page.ChannelsPage)),
  '/settings': lazy(() => settings().then((page) => page.SettingsPage)),
  '/settings/sessions': lazy(() => settings().then((page) => page.SessionsPage)),
  '/settings/audit': lazy(() => settings().then((page) => page.AuditPage)),
  '/settings/teams': lazy(() => import('./pages/manage/teams').then((page) => page.TeamsPage)),
  '/settings/usage': lazy(() => import('./pages/manage/usage').then((page) => page.UsagePage)),
  '/settings/users': lazy(() => people().then((page) => page.PeoplePage)),
  '/settings/keys': lazy(() => people().then((page) => page.KeysPage)),
};

/** Pages of one thing, by the first part of their path. */
const kThings: Readonly<Record<string, ComponentType<{ id: string }>>> = {
  alerts: lazy(() => import('./pages/alerts/alert').then((page) => page.AlertPage)),
  boards: lazy(() => boards().then((page) => page.BoardPage)),
  instances: lazy(() => import('./pages/cloud/instance').then((page) => page.InstancePage)),
  nodes: lazy(() => import('./pages/cloud/node').then((page) => page.NodePage)),
  resources: lazy(() => resources().then((page) => page.ResourcePage)),
  rules: lazy(() => import('./pages/manage/rule').then((page) => page.RulePage)),
  s: lazy(() => import('./pages/short_link').then((page) => page.ShortLinkPage)),
  services: lazy(() => services().then((page) => page.ServicePage)),
};

/** Shown to whoever has its address: nothing of it is asked with anybody's login. */
const PublicPage = lazy(() => import('./pages/cloud/public_status').then((page) => page.PublicStatusPage));
const kPublic = '/public/';
export const isPublic = (at: string): boolean => at.startsWith(kPublic);

const kTitles: Readonly<Record<string, MessageKey>> = {
  alerts: 'alerts',
  boards: 'boards',
  backtrace: 'backtrace',
  changes: 'changes',
  channels: 'channels',
  explore: 'metrics',
  logs: 'logs',
  nodes: 'nodes',
  instances: 'resources',
  resources: 'resources',
  rules: 'rules',
  services: 'services',
  settings: 'settings',
  silences: 'silences',
  status: 'status_page',
};

const own = <T,>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function Page() {
  const Whole = own(kPages, path.value);
  if (Whole) return <Whole />;
  const [, first = '', second = '', more] = path.value.split('/');
  const Thing = more === undefined && second !== '' ? own(kThings, first) : undefined;
  if (Thing) return <Thing key={path.value} id={decoded(second)} />;
  return (
    <Empty>
      {t('not_found')} <a href="/">{t('to_overview')}</a>
    </Empty>
  );
}

function pageTitle(): string {
  const [, first = '', second = ''] = path.value.split('/');
  if (first === 'alerts' && second) return t('alert');
  if ((first === 'nodes' || first === 'services') && second) return decoded(second);
  return t(own(kTitles, first) ?? 'overview');
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
  if (isPublic(path.value)) return <PublicPage id={decoded(path.value.slice(kPublic.length))} />;
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
