// Days of an uptime: how long something was down on each.
import type { Known, Outage } from '../api/uptime';

export interface Day {
  /** Unix ms of its beginning, UTC. */
  begin: number;
  /** ms of the incidents on it; those of several hosts at once count once. */
  down: number;
  /** Nothing is known of it. */
  unknown: boolean;
}

export const kDay = 86_400_000;

/** The last `count` days, the last of them today, oldest first. */
export function daysOf(
  incidents: readonly Outage[],
  count: number,
  now: number,
  known: readonly Known[],
): Day[] {
  const today = Math.floor(now / kDay) * kDay;
  const spans = incidents
    .map(({ from, to }): [number, number] => [Date.parse(from), to === null ? now : Date.parse(to)])
    .sort((a, b) => a[0] - b[0]);
  return Array.from({ length: count }, (_, index) => {
    const begin = today - (count - 1 - index) * kDay;
    const end = Math.min(begin + kDay, now);
    let down = 0;
    let covered = begin;
    for (const [from, to] of spans) {
      const [first, last] = [Math.max(from, covered), Math.min(to, end)];
      if (last <= first) continue;
      down += last - first;
      covered = last;
    }
    const unknown = !known.some(({ from, to }) => Date.parse(from) < end && Date.parse(to) > begin);
    return { begin, down, unknown };
  });
}
