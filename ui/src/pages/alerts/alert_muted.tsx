// What silences and planned work hide from the list of alerts: how many, how long still, and a way to see them.
import { useEffect } from 'preact/hooks';
import { now, serverNow } from '../../live/clock';
import { withParams } from '../../live/router';
import { duration } from '../../text/time';
import { w } from '../../text/lazy_words';

export interface Muted {
  n: number;
  /** null: nothing that is hidden has an end. */
  until: string | null;
}

/** A little after the first silence's end; again each second while the server is not there yet. */
const kLate = 300;
const kLongest = 2 ** 31 - 1;

/** Calls `ended` when the first of what hides alerts has ended. */
export function useMutedEnd(muted: Muted | null, ended: () => void): void {
  useEffect(() => {
    if (!muted?.until) return;
    const left = Date.parse(muted.until) - serverNow() + kLate;
    const timer = setTimeout(ended, Math.min(kLongest, Math.max(1000, left)));
    return () => clearTimeout(timer);
  }, [muted]);
}

export function MutedBar({ muted, only }: { muted: Muted | null; only: boolean }) {
  if (!muted || (muted.n === 0 && !only)) return null;
  return (
    <p class="muted-bar" role="status">
      {w(only ? 'muted_only' : 'muted_hidden', { n: muted.n })}{' '}
      {muted.until && (
        <span class="countdown">
          {w('muted_ends', { age: duration(Math.max(0, Date.parse(muted.until) - now.value)) })}
        </span>
      )}{' '}
      <a href={withParams({ muted: only ? undefined : 'only' })}>{w(only ? 'muted_back' : 'muted_see')}</a>{' '}
      <a href="/silences">{w('muted_why')}</a>
    </p>
  );
}
