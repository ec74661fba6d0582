// Something fetched that is kept fresh: old data stays on the screen while new data comes or fails to come.
import { signal, type Signal } from '@preact/signals';
import { ApiError } from '../api/error';

export interface Resource<T> {
  readonly data: Signal<T | null>;
  /** Of the last try; null when it succeeded. */
  readonly error: Signal<ApiError | null>;
  /** Asks again, at most once per `kPause`; calls in between are folded into one. */
  reload(): void;
  /** Forgets the timer and cancels what is under way. */
  dispose(): void;
}

const kPause = 1000;

export function resource<T>(load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const data = signal<T | null>(null);
  const error = signal<ApiError | null>(null);
  let abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastStart = -Infinity;
  let busy = false;
  let again = false;
  let disposed = false;

  async function run(): Promise<void> {
    timer = undefined;
    busy = true;
    again = false;
    lastStart = performance.now();
    abort = new AbortController();
    const mine = abort;
    try {
      const loaded = await load(mine.signal);
      if (mine.signal.aborted) return;
      data.value = loaded;
      error.value = null;
    } catch (cause) {
      if (mine.signal.aborted) return;
      error.value = cause instanceof ApiError ? cause : new ApiError(0, 'internal', String(cause));
    } finally {
      busy = false;
      if (again && !disposed) schedule();
    }
  }
  function schedule(): void {
    if (timer !== undefined) return;
    timer = setTimeout(() => void run(), Math.max(0, lastStart + kPause - performance.now()));
  }
  return {
    data,
    error,
    reload() {
      if (disposed) return;
      if (busy) again = true;
      else schedule();
    },
    dispose() {
      disposed = true;
      clearTimeout(timer);
      abort.abort();
    },
  };
}
