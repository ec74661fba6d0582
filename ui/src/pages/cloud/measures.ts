// Measures of a metric, and which of them are missing.
import type { Measure } from '../../api/resources';
import type { Series } from '../../api/types';

/** Seconds of Gnocchi's spans: "0:05:00", "1 day, 0:00:00", "1:00:00.5". */
export function secondsOf(span: string): number {
  const found = /^(?:(\d+) days?, )?(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(span);
  if (!found) return NaN;
  const [days = 0, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
}

export const seriesOf = (name: string, measures: readonly Measure[]): Series => ({
  labels: { __name__: name },
  kind: 'gauge',
  points: measures.flatMap(([time, , value]): [number, number][] =>
    value === null ? [] : [[Date.parse(time), value]],
  ),
});

export interface Gap {
  /** Of the first measure that is missing, Unix ms. */
  from: number;
  to: number;
  count: number;
}

/** Between the first measure and the last; `granularity` in seconds. */
export function gapsOf(measures: readonly Measure[], granularity: number): Gap[] {
  const step = granularity * 1000;
  const gaps: Gap[] = [];
  for (let i = 1; i < measures.length; i += 1) {
    const [before, here] = [Date.parse(measures[i - 1]![0]), Date.parse(measures[i]![0])];
    const count = Math.round((here - before) / step) - 1;
    if (count > 0) gaps.push({ from: before + step, to: here - step, count });
  }
  return gaps;
}
