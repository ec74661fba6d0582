import { expect, test } from 'vitest';
import type { Point } from '../api/types';
import { grown } from './counter';

test('a counter that begins anew has grown by what it has since', () => {
  const points: Point[] = [
    [1, 5],
    [2, 8],
    [3, 2],
    [4, 3],
  ];
  expect(grown(points)).toBe(6);
  expect(grown(points.slice(0, 1))).toBe(0);
  expect(grown([])).toBe(0);
});
