// How fresh the page is, in words: live, reconnecting 3 s, stale 42 s, server restarted.
import { useEffect } from 'preact/hooks';
import { lastHeard, link, restartedAt } from '../live/stream';
import { now } from '../live/clock';
import { spoken } from '../live/notice';
import { clockTime, duration } from '../text/time';
import { t } from '../text/i18n';

const kStaleAfter = 40_000;
const kSayRestart = 60_000;

export function LiveBadge() {
  now.value; // the words hold for a second
  const here = Date.now();
  const { state, since } = link.value;
  const silence = lastHeard.value === 0 ? 0 : here - lastHeard.value;
  let kind: string = state;
  let text = t('live');
  if (state === 'connecting') text = t('connecting');
  if (state === 'reconnecting') text = t('reconnecting', { age: duration(here - since) });
  if (state !== 'connecting' && silence > kStaleAfter) {
    kind = 'stale';
    text = t('stale', { age: duration(silence) });
  }
  const lost = kind === 'stale';
  useEffect(() => {
    if (lost) spoken.value = t('lost_server');
    return () => {
      if (lost) spoken.value = t('found_server');
    };
  }, [lost]);
  const restarted = restartedAt.value > 0 && here - restartedAt.value < kSayRestart;
  return (
    <span class={`live ${kind}`} title={t('live_title')} data-state={kind}>
      <span class="dot" aria-hidden="true" />
      <span class="words">{text}</span>
      {restarted && <span class="muted">{t('server_restarted', { time: clockTime(restartedAt.value, here) })}</span>}
    </span>
  );
}
