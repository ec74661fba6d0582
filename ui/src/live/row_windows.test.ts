import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RowWindows } from './row_windows';

interface Row {
  id: string;
  text: string;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A list of `size` rows on a server, and what was asked of it. */
function made(size: number) {
  const asked: number[] = [];
  const aborted: number[] = [];
  let word = 'old';
  const windows = new RowWindows<Row>(async (page, signal) => {
    asked.push(page);
    signal.addEventListener('abort', () => aborted.push(page));
    await Promise.resolve();
    const first = (page - 1) * 100;
    const items = Array.from({ length: Math.min(100, size - first) }, (_, i) => ({
      id: `r${first + i}`,
      text: word,
    }));
    return { items, total: size, matching: size };
  });
  return {
    windows,
    asked,
    aborted,
    say: (text: string) => {
      word = text;
    },
  };
}
const settled = () => vi.advanceTimersByTimeAsync(1100);

test('only pages on the screen are fetched, each once', async () => {
  const { windows, asked } = made(10_000);
  windows.need(0, 40);
  await settled();
  windows.need(20, 60);
  windows.need(9950, 10_000);
  await settled();
  expect(asked).toEqual([1, 100]);
  expect(windows.total.value).toBe(10_000);
  expect(windows.row(9999)?.id).toBe('r9999');
  expect(windows.row(5000)).toBeUndefined();
  expect(windows.indexOf('r9960')).toBe(9960);
});

test('rows on both sides of a border need two pages', async () => {
  const { windows, asked } = made(1000);
  windows.need(90, 130);
  await settled();
  expect(asked).toEqual([1, 2]);
});

test('what is scrolled past is not waited for', () => {
  const { windows, aborted } = made(10_000);
  windows.need(0, 40);
  windows.need(5000, 5040);
  expect(aborted).toEqual([1]);
});

test('refresh reads the screen anew, a second apart, and old rows stay until then', async () => {
  const { windows, asked, say } = made(300);
  windows.need(0, 40);
  await settled();
  say('new');
  windows.refresh();
  windows.refresh();
  expect(windows.row(3)?.text).toBe('old');
  await settled();
  expect(windows.row(3)?.text).toBe('new');
  expect(asked).toEqual([1, 1]);
});

test('a row is changed in its place', async () => {
  const { windows } = made(10);
  windows.need(0, 10);
  await settled();
  expect(windows.patch('r4', { text: 'told' })).toBe(true);
  expect(windows.row(4)).toEqual({ id: 'r4', text: 'told' });
  expect(windows.patch('r77', { text: 'told' })).toBe(false);
});
