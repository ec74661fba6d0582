// A screen on a wall: no bar, no rail, large type. With ?rotate=SECONDS it goes round the pages that watch.
import { useEffect } from 'preact/hooks';
import { navigate, path, query, withParams } from '../../live/router';
import { now } from '../../live/clock';
import { clockTime, zoneName } from '../../text/time';
import { w } from '../../text/lazy_words';
import { LiveBadge } from '../badge';

const kRound = ['/', '/alerts', '/services', '/status'];
const kShortest = 5;
const kLongest = 3600;

export function Kiosk() {
  const asked = Number(query.value.get('rotate'));
  const seconds = asked > 0 ? Math.min(kLongest, Math.max(kShortest, asked)) : 0;
  useEffect(() => {
    document.documentElement.dataset.kiosk = 'yes';
    return () => void delete document.documentElement.dataset.kiosk;
  }, []);
  useEffect(() => {
    if (seconds === 0) return undefined;
    const timer = setInterval(
      () => navigate(kRound[(kRound.indexOf(path.peek()) + 1) % kRound.length]!, 'replace'),
      seconds * 1000,
    );
    return () => clearInterval(timer);
  }, [seconds]);
  return (
    <footer class="kiosk-foot">
      <LiveBadge />
      <span>
        {clockTime(now.value, now.value)} {zoneName()}
      </span>
      <button type="button" onClick={() => navigate(withParams({ kiosk: undefined, rotate: undefined }))}>
        {w('kiosk_leave')}
      </button>
    </footer>
  );
}
