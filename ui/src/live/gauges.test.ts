import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Series } from '../api/types';

let mergeSeries: typeof import('./gauges').mergeSeries;
beforeAll(async () => {
  vi.stubGlobal('document', { querySelector: () => null, addEventListener: () => undefined, hidden: false });
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      postMessage() {}
    },
  );
  ({ mergeSeries } = await import('./gauges'));
});

const series = (host: string, ...points: [number, number][]): Series => ({
  labels: { host },
  kind: 'gauge',
  points,
});

describe('a gauge', () => {
  test('takes a delta that overlaps what it has, the newer reading winning', () => {
    const merged = mergeSeries(
      [series('a', [10, 1], [20, 2], [30, 3])],
      [series('a', [30, 33], [40, 4])],
      15,
    );
    expect(merged).toEqual([series('a', [20, 2], [30, 33], [40, 4])]);
  });
  test('lets a series that stopped run out of the window and then go', () => {
    const old = [series('a', [10, 1], [20, 2]), series('b', [20, 5])];
    expect(mergeSeries(old, [series('b', [30, 6])], 15)).toEqual([
      series('a', [20, 2]),
      series('b', [20, 5], [30, 6]),
    ]);
    expect(mergeSeries(old, [series('b', [30, 6])], 25)).toEqual([series('b', [30, 6])]);
  });
  test('takes up a series that it did not know', () => {
    expect(mergeSeries([series('a', [10, 1])], [series('b', [10, 2])], 0)).toHaveLength(2);
  });
});
