// Metric values that move: a window of the last minutes, loaded whole once and then by the delta every 10 s. Pollers
// of the same query share one request and one copy; a hidden tab asks nothing and catches up when it is seen again.
import { signal, type Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { getSamples } from '../api/endpoints';
import type { Point, Series } from '../api/types';
import { onStream } from './stream';
import { serverNow } from './clock';

export const kInterval = 10_000;
/** A value older than this is shown as old: two intervals and the way here. */
export const kStaleAfter = 25_000;
/** Re-read with each delta, as a batch may arrive late. */
const kOverlap = 30_000;

/** A page that follows another often wants the same values: they are kept this long after the last user left. */
const kLinger = 2000;

export interface GaugeQuery {
  metric: string;
  host?: string;
  service?: string;
  rate?: boolean;
  /** ms */
  window: number;
}

const keyOf = (series: Series): string =>
  Object.entries(series.labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('\0');

/** `fresh` replaces everything of `old` from its own first point on; points before `from` are dropped. */
export function mergePoints(old: readonly Point[], fresh: readonly Point[], from: number): Point[] {
  const start = fresh[0]?.[0] ?? Infinity;
  return [...old.filter(([time]) => time >= from && time < start), ...fresh.filter(([time]) => time >= from)];
}

export function mergeSeries(old: readonly Series[], fresh: readonly Series[], from: number): Series[] {
  const news = new Map(fresh.map((series) => [keyOf(series), series]));
  const merged = old.map((series) => {
    const key = keyOf(series);
    const more = news.get(key);
    news.delete(key);
    return { ...series, points: mergePoints(series.points, more?.points ?? [], from) };
  });
  for (const series of news.values()) merged.push({ ...series, points: mergePoints([], series.points, from) });
  return merged.filter((series) => series.points.length > 0);
}

class Poller {
  readonly series: Signal<Series[] | null> = signal(null);
  users = 0;
  private last = 0;
  private loadedAt = 0;
  private busy = false;
  private readonly abort = new AbortController();
  private readonly timer = setInterval(() => void this.poll(), kInterval);

  constructor(private readonly query: GaugeQuery) {
    void this.poll();
  }

  async poll(): Promise<void> {
    if (this.busy || (document.hidden && this.loadedAt > 0)) return;
    this.busy = true;
    const { metric, host, service, rate, window } = this.query;
    const start = serverNow() - window;
    const from = this.last > 0 ? Math.max(start, this.last - kOverlap) : start;
    try {
      const answer = await getSamples(
        { metric, host, service, rate: rate ? 1 : undefined, from: new Date(from).toISOString(), max_points: 400 },
        this.abort.signal,
      );
      this.series.value = mergeSeries(this.series.value ?? [], answer.series, start);
      this.last = Math.max(0, ...this.series.value.map((one) => one.points.at(-1)![0]));
      this.loadedAt = Date.now();
    } catch {
      // Nothing is said: the values on the screen grow old and are shown as old.
    } finally {
      this.busy = false;
    }
  }

  dispose(): void {
    clearInterval(this.timer);
    this.abort.abort();
  }
}

const pollers = new Map<string, Poller>();

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) pollers.forEach((poller) => void poller.poll());
});
onStream((event) => {
  if (event.event === 'resync') pollers.forEach((poller) => void poller.poll());
});

function hold(key: string, query: GaugeQuery): Poller {
  let poller = pollers.get(key);
  if (!poller) {
    poller = new Poller(query);
    pollers.set(key, poller);
  }
  return poller;
}

function drop(key: string, poller: Poller): void {
  if (poller.users > 0 || pollers.get(key) !== poller) return;
  poller.dispose();
  pollers.delete(key);
}

/** null while the first answer is awaited; [] when the server has none. */
export function useGauge(query: GaugeQuery): Signal<Series[] | null> {
  const key = JSON.stringify([query.metric, query.host, query.service, query.rate, query.window]);
  const poller = useMemo(() => hold(key, query), [key]);
  useEffect(() => {
    const mine = hold(key, query);
    mine.users += 1;
    return () => {
      mine.users -= 1;
      setTimeout(() => drop(key, mine), kLinger);
    };
  }, [key]);
  return poller.series;
}

export const lastPoint = (series: Series | undefined): Point | null => series?.points.at(-1) ?? null;
