// A question that is asked anew while its span moves on, and one that is given up.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { signal, type Signal } from '@preact/signals';
import { ApiError } from '../../api/error';
import { now } from '../../live/clock';
import { useKeys } from '../../live/keys';
import type { Resource } from '../../live/resource';
import { navigate, query, withParams } from '../../live/router';
import { t } from '../../text/i18n';
import { spanEnd, type TimeSpan } from '../../text/span_text';
import { duration } from '../../text/time';
import { w } from '../../text/lazy_words';

/** An hour is asked anew each ten seconds, a week each two minutes. */
const kShortest = 10_000;
const kLongest = 120_000;
const kShare = 360;
/** A question that is answered within this needs no way out. */
const kPatience = 1000;

/** Whether the span ends now, whenever that is. */
export const isMoving = ({ to }: TimeSpan): boolean => to === 'now';
const isPaused = (): boolean => query.value.get('live') === '0';
const toggle = (): void => navigate(withParams({ live: isPaused() ? undefined : '0' }), 'replace');

export function LiveButton() {
  useKeys({ p: toggle });
  return (
    <button type="button" aria-pressed={!isPaused()} title={w('live_hint')} onClick={toggle}>
      {w(isPaused() ? 'live_off' : 'live_on')}
    </button>
  );
}

/** Not while the tab is hidden; at once when it is seen again. */
export function useReload<T>(loaded: Resource<T>, span: TimeSpan): void {
  const live = isMoving(span) && !isPaused();
  useEffect(() => {
    if (!live) return undefined;
    const length = spanEnd('now', now.peek()) - spanEnd(span.from, now.peek());
    const again = () => {
      if (!document.hidden) loaded.reload();
    };
    const timer = setInterval(again, Math.min(kLongest, Math.max(kShortest, length / kShare)));
    document.addEventListener('visibilitychange', again);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [loaded, live]);
}

type Load<T> = (signal: AbortSignal) => Promise<T>;
interface Cancelling {
  /** The same, but cancel() ends it with an error that says so. */
  cancellable: <T>(load: Load<T>) => Load<T>;
  /** Unix ms since which the question runs; 0 = none does. */
  begun: Signal<number>;
  cancel: () => void;
}
export function useCancel(): Cancelling {
  const running = useRef<AbortController | null>(null);
  const begun = useMemo(() => signal(0), []);
  const cancellable =
    <T,>(load: Load<T>): Load<T> =>
    async (left) => {
      const mine = new AbortController();
      const leave = () => mine.abort();
      left.addEventListener('abort', leave);
      running.current = mine;
      begun.value = Date.now();
      try {
        return await load(mine.signal);
      } catch (error) {
        if (mine.signal.aborted && !left.aborted) throw new ApiError(499, 'cancelled', w('query_cancelled'));
        throw error;
      } finally {
        left.removeEventListener('abort', leave);
        if (running.current === mine) begun.value = 0;
      }
    };
  return { cancellable, begun, cancel: () => running.current?.abort() };
}

export function CancelBar({ begun, cancel }: { begun: Signal<number>; cancel: () => void }) {
  now.value; // the words hold for a second
  const age = begun.value === 0 ? 0 : Date.now() - begun.value;
  if (age < kPatience) return null;
  return (
    <p class="bar pad" role="status">
      {w('query_runs', { age: duration(age) })}
      <button type="button" onClick={cancel}>
        {t('cancel')}
      </button>
    </p>
  );
}
