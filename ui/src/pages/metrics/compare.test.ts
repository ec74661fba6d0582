import { expect, test } from 'vitest';
import { comparisonOf, fromThePast, pastBy } from './compare';

test('what is compared lies a span, a day or a week before', () => {
  expect(pastBy('previous', 3_600_000)).toBe(3_600_000);
  expect(pastBy('day', 3_600_000)).toBe(86_400_000);
  expect(pastBy('week', 3_600_000)).toBe(7 * 86_400_000);
  expect(comparisonOf('day')).toBe('day');
  expect(comparisonOf('decade')).toBeNull();
});

test('a series of the past stands at the present, with a name of its own', () => {
  const past = { labels: { host: 'a' }, kind: 'gauge' as const, points: [[1000, 7]] as [number, number][] };
  expect(fromThePast([past], 'day', 86_400_000)).toEqual([
    { labels: { host: 'a', compared: 'day' }, kind: 'gauge', points: [[86_401_000, 7]] },
  ]);
});
