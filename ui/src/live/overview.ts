// The state of the account, or of one of its clouds, shared by the frame and the pages: refetched (at most once a second)
// when the stream says that something changed, and every 30 s in case it does not.
import { computed, effect } from '@preact/signals';
import { getOverview } from '../api/endpoints';
import { sample } from '../api/sample';
import { resource } from './resource';
import { duration } from '../text/time';
import { learnServerTime, now } from './clock';
import { query } from './router';
import { onStream } from './stream';

/** Which of several clouds is looked at; "" = all. It is in the address, and goes along from page to page (router.ts). */
export const cloud = computed(() => query.value.get('cloud') ?? '');

const overviewResource = resource(async (signal) => {
  const overview = await getOverview(cloud.peek(), signal);
  learnServerTime(overview.generated);
  return overview;
});

export const overview = overviewResource.data;
/** Asked each 30 s at the latest: older than two rounds and the way here, it is no longer how things are. */
const kStaleAfter = 70_000;
/** Text of its age when the overview is no longer current, else "". */
export const staleFor = computed(() => {
  const told = overview.value;
  const age = told ? now.value - Date.parse(told.generated) : 0;
  return age > kStaleAfter ? duration(age) : '';
});
export const overviewError = overviewResource.error;
export const reloadOverview = (): void => overviewResource.reload();

export const openCount = (): number => {
  const counts = overview.value?.counts;
  if (!counts) return 0;
  return (
    (counts.critical ?? 0) +
    (counts.major ?? 0) +
    (counts.minor ?? 0) +
    (counts.warning ?? 0) +
    (counts.informational ?? 0)
  );
};

export function startOverview(): void {
  effect(() => {
    void cloud.value;
    reloadOverview();
  });
  onStream(reloadOverview);
  setInterval(() => {
    if (!document.hidden) reloadOverview();
  }, 30_000);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) reloadOverview();
  });
}

const kIcons = ['critical', 'major', 'minor', 'warning'] as const;

/** Title and favicon carry the worst open severity, for the tab bar. */
export function showInTab(pageTitle: () => string): void {
  effect(() => {
    const counts = overview.value?.counts ?? {};
    const open = openCount();
    const made = sample.value === 'yes' ? 'SAMPLE ' : '';
    document.title = `${made}${open > 0 ? `(${open}) ` : ''}Apollo – ${pageTitle()}`;
    const worst = kIcons.find((severity) => (counts[severity] ?? 0) > 0) ?? 'ok';
    document.querySelector('link[rel=icon]')?.setAttribute('href', `/icon-${worst}.svg`);
  });
}
