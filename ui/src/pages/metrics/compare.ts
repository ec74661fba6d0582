// The same question of an earlier time, laid over the present answer.
import type { Series } from '../../api/types';

export const kComparisons = ['previous', 'day', 'week'] as const;
export type Comparison = (typeof kComparisons)[number];

const kDay = 86_400_000;

export const comparisonOf = (text: string | null): Comparison | null =>
  kComparisons.find((one) => one === text) ?? null;

/** How long before a span of this length (both in ms) what it is compared with lies. */
export function pastBy(comparison: Comparison, length: number): number {
  return { previous: length, day: kDay, week: 7 * kDay }[comparison];
}

/** Moved on to the present, and told apart by a label. */
export const fromThePast = (series: readonly Series[], comparison: Comparison, by: number): Series[] =>
  series.map((one) => ({
    ...one,
    labels: { ...one.labels, compared: comparison },
    points: one.points.map(([time, value]): [number, number] => [time + by, value]),
  }));
