// What a counter's points say.
import type { Point } from '../api/types';

/** How much it grew; one that begins anew begins at 0. */
export function grown(points: readonly Point[]): number {
  return points.reduce((sum, [, value], at) => {
    const before = points[at - 1]?.[1];
    return before === undefined ? sum : sum + (value >= before ? value - before : value);
  }, 0);
}
