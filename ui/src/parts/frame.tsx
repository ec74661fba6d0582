// What is around every page: the bar on top, the rail (a bottom bar on phones), notices, help, login dialog.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { deleteSample, sample } from '../api/sample';
import { navigate, path, query } from '../live/router';
import { clouds } from '../live/cloud';
import { openCount, overview, staleFor } from '../live/overview';
import { notice, spoken, undoLast } from '../live/notice';
import { useKeys } from '../live/keys';
import { now } from '../live/clock';
import { switchZone } from '../live/zone';
import { clockTime, zone, zoneName } from '../text/time';
import { namedZone } from '../text/zones';
import { t, word, type MessageKey } from '../text/i18n';
import { visibleText } from '../text/visible';
import type { Severity } from '../api/types';
import { lazy } from '../pages/lazy';
import { Help } from './help';
import { Icon, Logo } from './icon';
import { LiveBadge } from './badge';
import { Mark, markOfNode } from './mark';
import { Text } from './text';
import { UserMenu } from './menu';

const kCounted: readonly Severity[] = ['critical', 'major', 'minor', 'warning'];

/** What nobody is told of now: silenced alerts, and nodes that are being worked on. */
function Hushed() {
  const { muted = 0, nodes = [], counts = {} } = overview.value ?? {};
  return (
    <>
      {counts.returned! > 0 && (
        <a href="/alerts?status=RTNUN" class="hushed">
          {t('returned_n', { n: counts.returned! })}
        </a>
      )}
      {muted > 0 && (
        <a href="/alerts?muted=only" class="hushed">
          {t('silenced_n', { n: muted })}
        </a>
      )}
      {(['maintenance', 'blackout'] as const).map((kind) => {
        const n = nodes.filter(({ planned }) => planned === kind).length;
        return (
          n > 0 && (
            <a key={kind} href="/silences" class="hushed">
              {t(`nodes_${kind}`, { n })}
            </a>
          )
        );
      })}
    </>
  );
}

function Counts() {
  const counts = overview.value?.counts ?? {};
  return (
    <nav class="counts" aria-label={t('alerts')}>
      {kCounted.map((severity) => {
        const n = counts[severity] ?? 0;
        return (
          <a
            key={severity}
            href={`/alerts?severity=${severity}`}
            class={n === 0 ? 'zero' : ''}
            title={t(severity)}
          >
            <Mark kind={severity} label={t(severity)} /> {n}
          </a>
        );
      })}
      <Hushed />
    </nav>
  );
}

function Clock() {
  return (
    <button
      type="button"
      class="clock"
      title={t('zone_switch', { zone: zone.value === 'utc' ? 'UTC' : namedZone(zone.value) })}
      onClick={switchZone}
    >
      {clockTime(now.value, now.value)} <span class="muted">{zoneName()}</span>
    </button>
  );
}

const kRailNodes = 20;
const kNameEnd = 6;

/** Cut in its middle where it is too long: names of hosts differ at their ends. */
function HostName({ host }: { host: string }) {
  const letters = [...host];
  const cut = Math.max(0, letters.length - kNameEnd);
  return (
    <>
      <span class="name" title={visibleText(host)} aria-hidden="true">
        <span>
          <Text value={letters.slice(0, cut).join('')} />
        </span>
        <Text value={letters.slice(cut).join('')} />
      </span>
      <span class="sr-only">
        <Text value={host} />
      </span>
    </>
  );
}

function RailNodes() {
  const nodes = overview.value?.nodes ?? [];
  if (nodes.length === 0) return null;
  const sorted = [...nodes].sort((a, b) => a.host.localeCompare(b.host, undefined, { numeric: true }));
  return (
    <div class="rail-nodes">
      <h2>{t('nodes')}</h2>
      {sorted.slice(0, kRailNodes).map((node) => {
        const href = `/nodes/${encodeURIComponent(node.host)}`;
        const down = node.services.some((service) => service.status === 'down');
        return (
          <a key={node.host} href={href} aria-current={path.value === href ? 'page' : undefined}>
            <Mark
              kind={node.status === 'up' && down ? 'major' : markOfNode[node.status]}
              label={word(node.status)}
            />
            <HostName host={node.host} />
          </a>
        );
      })}
    </div>
  );
}

/** Those marked stay in the bar of phones; the others are behind "More" there. */
const kPlaces: readonly (readonly [string, Parameters<typeof Icon>[0]['name'], MessageKey, boolean])[] = [
  ['/', 'overview', 'overview', true],
  ['/alerts', 'alerts', 'alerts', true],
  ['/services', 'services', 'services', false],
  ['/nodes', 'nodes', 'nodes', true],
  ['/explore', 'metrics', 'metrics', false],
  ['/logs', 'logs', 'logs', true],
  ['/changes', 'changes', 'changes', false],
  ['/resources', 'resources', 'resources', false],
  ['/boards', 'boards', 'boards', false],
  ['/rules', 'rules', 'rules', false],
  ['/silences', 'silences', 'silences', false],
  ['/channels', 'channels', 'channels', false],
  ['/status', 'status', 'status_page', false],
  ['/settings', 'settings', 'settings', false],
];

function isHere(to: string): boolean {
  const at = path.value;
  if (to === '/') return at === '/';
  if (to === '/resources' && at.startsWith('/instances/')) return true;
  return at === to || at.startsWith(`${to}/`) || (to === '/logs' && at === '/backtrace');
}

function Rail() {
  const [more, setMore] = useState(false);
  const open = openCount();
  return (
    <nav class={`rail${more ? ' more' : ''}`} aria-label="Apollo" onClick={() => setMore(false)}>
      {kPlaces.map(([to, icon, name, always]) => (
        <a key={to} href={to} class={always ? '' : 'rest'} aria-current={isHere(to) ? 'page' : undefined}>
          <Icon name={icon} />
          {t(name)}
          {to === '/alerts' && open > 0 && <span class="count">{open}</span>}
        </a>
      ))}
      <button
        type="button"
        class="more"
        aria-expanded={more}
        onClick={(event) => {
          event.stopPropagation();
          setMore(!more);
        }}
      >
        <Icon name="more" />
        {t('more')}
      </button>
      <RailNodes />
    </nav>
  );
}

/** On every page while the sample is loaded. */
function SampleBar() {
  if (sample.value === 'no') return null;
  return (
    <div class="sample-bar" role="status">
      <strong>{t('sample')}</strong> {t('sample_says')}
      <button type="button" onClick={deleteSample}>
        {t('sample_delete')}
      </button>
    </div>
  );
}

/** Over every page whose state is no longer current; the style greys what it shows. */
function StaleBar() {
  if (!staleFor.value) return null;
  return (
    <p class="stale-bar" role="status">
      {t('stale_bar', { age: staleFor.value })}
    </p>
  );
}

function NoticeBar() {
  const shown = notice.value;
  if (!shown) return null;
  return (
    <div class={`notice${shown.bad ? ' bad' : ''}`} role="status">
      <Text value={shown.text} />
      {shown.undo && (
        <button type="button" onClick={undoLast}>
          {t('undo')} <kbd>u</kbd>
        </button>
      )}
    </div>
  );
}

const CloudPick = lazy(() => import('./frame/cloud_pick').then((part) => part.CloudPick));
const Kiosk = lazy(() => import('./frame/kiosk').then((part) => part.Kiosk));
const Palette = lazy(() => import('./palette').then((part) => part.Palette));

/** Ctrl-K, also while typing; not over another dialog. */
function usePaletteKey(open: () => void): void {
  useEffect(() => {
    const take = (event: KeyboardEvent) => {
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (!document.querySelector('dialog[open]')) open();
    };
    document.addEventListener('keydown', take);
    return () => document.removeEventListener('keydown', take);
  }, []);
}

export function Frame({ children }: { children: ComponentChildren }) {
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  usePaletteKey(() => setPalette(true));
  useKeys({
    'g o': () => navigate('/'),
    'g a': () => navigate('/alerts'),
    'g m': () => navigate('/explore'),
    'g l': () => navigate('/logs'),
    'g s': () => navigate('/services'),
    'g n': () => navigate('/nodes'),
    'g c': () => navigate('/changes'),
    'g r': () => navigate('/resources'),
    'g b': () => navigate('/boards'),
    'g u': () => navigate('/rules'),
    'g i': () => navigate('/silences'),
    '?': () => setHelp(true),
    u: undoLast,
  });
  if (query.value.get('kiosk') === '1')
    return (
      <>
        <main id="page" tabIndex={-1}>
          <SampleBar />
          <StaleBar />
          {children}
        </main>
        <Kiosk />
      </>
    );
  return (
    <>
      <a class="skip" href="#page" onClick={() => document.getElementById('page')?.focus()}>
        {t('skip')}
      </a>
      <header class="top">
        <a class="brand" href="/">
          <Logo />
          Apollo
        </a>
        <LiveBadge />
        <button type="button" class="jump" onClick={() => setPalette(true)}>
          <Icon name="search" />
          <span>{t('jump')}</span> <kbd>Ctrl K</kbd>
        </button>
        {clouds.value.length > 1 && <CloudPick />}
        <Counts />
        <Clock />
        <button
          type="button"
          class="round"
          aria-label={t('keys')}
          title={t('keys')}
          onClick={() => setHelp(true)}
        >
          ?
        </button>
        <UserMenu />
      </header>
      <Rail />
      <main id="page" tabIndex={-1}>
        <SampleBar />
        <StaleBar />
        {children}
      </main>
      <NoticeBar />
      <div class="sr-only" aria-live="polite">
        {spoken}
      </div>
      {help && <Help close={() => setHelp(false)} />}
      {palette && (
        <div data-holds-keys>
          <Palette close={() => setPalette(false)} />
        </div>
      )}
    </>
  );
}
