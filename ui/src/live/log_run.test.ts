import { expect, test } from 'vitest';
import type { LogRecord } from '../api/types';
import { kLinesAtOnce, LogRun, timeAt, type LogAsk } from './log_run';

const kBase = Date.parse('2026-11-21T10:00:00Z');

/** A server with `count` lines, a second apart, the newest last; line i of the span is `l<i>`, 0 the newest. */
function server(count: number) {
  const asked: LogAsk[] = [];
  const all = Array.from({ length: count }, (_, i) => ({
    id: `l${i}`,
    time: new Date(kBase + (count - 1 - i) * 1000).toISOString(),
  })) as LogRecord[];
  const search = async (ask: LogAsk) => {
    asked.push(ask);
    await Promise.resolve();
    const [from, to] = [Date.parse(ask.from ?? ''), Date.parse(ask.to ?? '')];
    const found = all.filter((one) => {
      const at = Date.parse(one.time);
      return (Number.isNaN(from) || at >= from) && (Number.isNaN(to) || at <= to);
    });
    if (ask.order === 'asc') found.reverse();
    const begin = Number(ask.cursor ?? 0);
    const end = begin + ask.limit;
    return { items: found.slice(begin, end), next_cursor: end < found.length ? String(end) : null };
  };
  const step = Math.ceil(count / 10);
  const buckets = Array.from({ length: 10 }, (_, i) => ({
    time: new Date(kBase + i * step * 1000).toISOString(),
    count: Math.max(0, Math.min(step, count - i * step)),
    error: 0,
    warning: 0,
  }));
  return { search, asked, buckets, step };
}

function made(count: number) {
  const of = server(count);
  const moves: number[] = [];
  const failures: unknown[] = [];
  const run = new LogRun(of.search, new Date(kBase).toISOString(), '', {
    changed: () => undefined,
    moved: (by) => moves.push(by),
    failed: (error) => failures.push(error),
  });
  run.open();
  run.learn(of.buckets, of.step);
  return { ...of, run, moves, failures };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test('a short search is here as a whole', async () => {
  const { run, asked } = made(40);
  await settled();
  run.need(0, 40);
  await settled();
  expect(run.total).toBe(40);
  expect(run.at(39)?.id).toBe('l39');
  expect(asked).toHaveLength(1);
});

test('it grows as one scrolls down, without a line missing or twice', async () => {
  const { run } = made(2000);
  await settled();
  for (const at of [400, 900, 1400, 1900]) {
    run.need(at, at + 40);
    await settled();
  }
  expect(run.lines.map((one) => one.id)).toEqual(Array.from({ length: 2000 }, (_, i) => `l${i}`));
  expect(run.total).toBe(2000);
});

test('the end of a million lines takes one question, and their places count back from the end', async () => {
  const { run, asked } = made(100_000);
  await settled();
  run.need(99_970, 100_000);
  await settled();
  expect(asked.at(-1)?.order).toBe('asc');
  expect(run.total).toBe(100_000);
  expect(run.at(99_999)?.id).toBe('l99999');
  expect(run.lines).toHaveLength(kLinesAtOnce);
});

test('in the middle the histogram says where one is, and one goes on in both directions', async () => {
  const { run } = made(100_000);
  await settled();
  run.need(50_000, 50_040);
  await settled();
  const first = Number(run.at(50_000)!.id.slice(1));
  expect(Math.abs(first - 50_000)).toBeLessThan(3);
  run.need(run.start + 20, run.start + 60);
  await settled();
  expect(Number(run.at(50_000)!.id.slice(1))).toBe(first);
  expect(run.at(run.start + 1)!.id).toBe(`l${Number(run.lines[0]!.id.slice(1)) + 1}`);
});

test('coming back to the newest line puts it at the beginning, and the screen is told how far that moved it', async () => {
  const { run, moves } = made(3000);
  await settled();
  run.need(2500, 2540);
  await settled();
  for (let i = 0; i < 12; i += 1) {
    run.need(run.start, run.start + 40);
    await settled();
  }
  expect(run.start).toBe(0);
  expect(run.lines[0]!.id).toBe('l0');
  expect(moves.length).toBeGreaterThan(0);
});

test('lines that come live stand before the others, each once', async () => {
  const { run, moves } = made(10);
  await settled();
  run.add([{ id: 'l0' }, { id: 'new1' }, { id: 'new2' }] as LogRecord[]);
  expect(run.lines.slice(0, 3).map((one) => one.id)).toEqual(['new2', 'new1', 'l0']);
  expect(run.total).toBe(12);
  expect(moves).toEqual([2]);
});

test('what came live before the first page has come is not lost', async () => {
  const { run } = made(10);
  run.add([{ id: 'l0' }, { id: 'new1' }, { id: 'new2' }] as LogRecord[]);
  await settled();
  expect(run.lines.slice(0, 4).map((one) => one.id)).toEqual(['new2', 'new1', 'l0', 'l1']);
});

test('the histogram gives the time of a place', () => {
  const buckets = [
    { time: '2026-11-21T10:00:00Z', count: 10, error: 0, warning: 0 },
    { time: '2026-11-21T10:01:00Z', count: 30, error: 0, warning: 0 },
  ];
  expect(new Date(timeAt(buckets, 60, 15)).toISOString()).toBe('2026-11-21T10:01:30.000Z');
  expect(new Date(timeAt(buckets, 60, 35)).toISOString()).toBe('2026-11-21T10:00:30.000Z');
});
