// How a backtrace is laid out: where each lane runs, and where the changes stand among the lines.
import type { BacktraceStep, ChangeBefore } from '../../api/types';

export interface Reach {
  first: number;
  last: number;
}

/** From which step to which each lane runs. */
export function reaches(steps: readonly { lane: number }[], lanes: number): Reach[] {
  const all = Array.from({ length: lanes }, () => ({ first: Infinity, last: -Infinity }));
  steps.forEach(({ lane }, index) => {
    const reach = all[lane];
    if (!reach) return;
    reach.first = Math.min(reach.first, index);
    reach.last = Math.max(reach.last, index);
  });
  return all;
}

/** Steps and changes in order of time; `at` is the index of the step, for a change that of the step after it. */
export function mergedStory(
  steps: readonly BacktraceStep[],
  changes: readonly ChangeBefore[],
): { at: number; step: BacktraceStep | null; change: ChangeBefore | null }[] {
  const waiting = [...changes].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  const story = [];
  for (const [at, step] of steps.entries()) {
    while (waiting[0] && Date.parse(waiting[0].time) <= Date.parse(step.time))
      story.push({ at, step: null, change: waiting.shift()! });
    story.push({ at, step, change: null });
  }
  return [...story, ...waiting.map((change) => ({ at: steps.length, step: null, change }))];
}
