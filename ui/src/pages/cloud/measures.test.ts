import { expect, test } from 'vitest';
import { gapsOf, secondsOf, seriesOf } from './measures';

test('spans as Gnocchi writes them', () => {
  expect(secondsOf('0:05:00')).toBe(300);
  expect(secondsOf('1 day, 0:00:00')).toBe(86_400);
  expect(secondsOf('30 days, 1:00:00.5')).toBe(30 * 86_400 + 3600.5);
  expect(secondsOf('soon')).toBeNaN();
});

test('a measure that is missing is told with its place', () => {
  const at = (minute: number): [string, number, number] => [`2026-11-22T10:${minute}:00+00:00`, 300, 1];
  expect(gapsOf([at(10), at(15), at(30), at(35)], 300)).toEqual([
    { from: Date.parse('2026-11-22T10:20:00Z'), to: Date.parse('2026-11-22T10:25:00Z'), count: 2 },
  ]);
  expect(gapsOf([at(10)], 300)).toEqual([]);
});

test('measures become points; what has no value is none', () => {
  expect(
    seriesOf('cpu', [
      ['2026-11-22T10:00:00Z', 60, 4],
      ['2026-11-22T10:01:00Z', 60, null],
    ]).points,
  ).toEqual([[Date.parse('2026-11-22T10:00:00Z'), 4]]);
});
