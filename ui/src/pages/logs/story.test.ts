import { describe, expect, test } from 'vitest';
import type { BacktraceStep, ChangeBefore } from '../../api/types';
import { shortDuration } from '../../text/time';
import { mergedStory, reaches } from './story';

const step = (id: string, time: string, lane = 0) => ({ id, time, lane }) as BacktraceStep;
const change = (id: string, time: string) => ({ id, time }) as ChangeBefore;

describe('the story of a request', () => {
  test('has the changes between its lines, in order of time', () => {
    const story = mergedStory(
      [step('a', '2026-11-21T10:00:01Z'), step('b', '2026-11-21T10:00:03.5Z')],
      [
        change('late', '2026-11-21T10:00:09Z'),
        change('mid', '2026-11-21T10:00:03.25Z'),
        change('early', '2026-11-21T09:59:00Z'),
      ],
    );
    expect(story.map((one) => [one.at, one.step?.id ?? one.change?.id])).toEqual([
      [0, 'early'],
      [0, 'a'],
      [1, 'mid'],
      [1, 'b'],
      [2, 'late'],
    ]);
  });

  test('knows from where to where each lane runs, and bears a lane that is not there', () => {
    const steps = [0, 1, 0, 7].map((lane) => step('', '', lane));
    expect(reaches(steps, 2)).toEqual([
      { first: 0, last: 2 },
      { first: 1, last: 1 },
    ]);
  });

  test('says short times in milliseconds', () => {
    expect([0, 12, 999, 1240, 59_960, 61_000].map(shortDuration)).toEqual([
      '0 ms',
      '12 ms',
      '999 ms',
      '1.2 s',
      '60.0 s',
      '1 m',
    ]);
  });
});
