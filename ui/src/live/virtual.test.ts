import { expect, test } from 'vitest';
import { barFor, follow, kMostPixels, naturalHeight, offsetOf, rowAt, shownHeight, sliceAt } from './virtual';

const short = { count: 1000, row: 20, open: null };
const long = { count: 1_000_000, row: 22, open: null };
const start = { bar: 0, top: 0 };

test('few rows are in the page, and the room around them is what the others take', () => {
  const place = follow(short, 500, start, 10_000);
  const slice = sliceAt(short, 500, place);
  expect(slice.first).toBeLessThanOrEqual(500);
  expect(slice.last).toBeGreaterThanOrEqual(525);
  expect(slice.last - slice.first).toBeLessThan(50);
  expect(slice.before).toBe(slice.first * 20);
  expect(slice.before + (slice.last - slice.first) * 20 + slice.after).toBe(20_000);
});

test('an open row moves those after it, not those before it', () => {
  const layout = { ...short, open: { index: 10, extra: 300 } };
  expect(naturalHeight(layout)).toBe(20_300);
  expect(offsetOf(layout, 10)).toBe(200);
  expect(offsetOf(layout, 11)).toBe(520);
  expect(rowAt(layout, 215)).toBe(10);
  expect(rowAt(layout, 519)).toBe(10);
  expect(rowAt(layout, 520)).toBe(11);
  expect(rowAt(layout, 1e9)).toBe(999);
});

test('a million rows: the element stays low, and the end of the bar is the last row', () => {
  expect(shownHeight(long)).toBe(kMostPixels);
  const slice = sliceAt(long, 600, follow(long, 600, start, kMostPixels - 600));
  expect(slice.last).toBe(1_000_000);
  expect(slice.after).toBe(0);
  expect(slice.last - slice.first).toBeLessThan(60);
});

test('a million rows: a turn of the wheel goes on by rows, a drag of the bar by share', () => {
  const middle = follow(long, 600, start, (kMostPixels - 600) / 2);
  expect(rowAt(long, middle.top)).toBeGreaterThan(499_000);
  expect(rowAt(long, middle.top)).toBeLessThan(501_000);
  const next = follow(long, 600, middle, middle.bar + 44);
  expect(next.top - middle.top).toBe(44);
  expect(sliceAt(long, 600, next).before).toBeCloseTo(
    next.bar - (next.top - offsetOf(long, sliceAt(long, 600, next).first)),
  );
});

test('the bar can be set so that a row is seen', () => {
  const top = offsetOf(long, 700_000);
  const place = follow(long, 600, start, barFor(long, 600, top));
  expect(Math.abs(rowAt(long, place.top) - 700_000)).toBeLessThan(2);
});

test('what stands below a list may be scrolled to, and the list stays as long as it is', () => {
  for (const layout of [short, long]) {
    const past = follow(layout, 600, start, shownHeight(layout) + 90);
    const { first, last, before, after } = sliceAt(layout, 600, past);
    expect(last).toBe(layout.count);
    expect(before + (last - first) * layout.row + after).toBeLessThanOrEqual(shownHeight(layout));
  }
});

test('no rows take no room', () => {
  expect(sliceAt({ count: 0, row: 20, open: null }, 500, start)).toEqual({
    first: 0,
    last: 0,
    before: 0,
    after: 0,
  });
});
