import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readSpan, spanEnd, writeSpan } from './span_text';

const kNow = Date.parse('2026-11-22T10:30:00Z');
const read = (text: string) => readSpan(text, 'utc', kNow);

test('spans back from now stay relative', () => {
  expect(read('90m')).toEqual({ from: 'now-90m', to: 'now' });
  expect(read('now-2d')).toEqual({ from: 'now-2d', to: 'now' });
  expect(spanEnd('now-90m', kNow)).toBe(kNow - 5_400_000);
  expect(spanEnd('2026-11-22T10:00:00Z', kNow)).toBe(kNow - 1_800_000);
});

test('days and clocks', () => {
  expect(read('yesterday')).toEqual({ from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T23:59:59.999Z' });
  expect(read('2026-03-01')).toEqual({ from: '2026-03-01T00:00:00.000Z', to: '2026-03-01T23:59:59.999Z' });
  expect(read('08:00-09:30')).toEqual({ from: '2026-11-22T08:00:00.000Z', to: '2026-11-22T09:30:00.000Z' });
  expect(read('22:00 - 02:00')).toEqual({ from: '2026-11-21T22:00:00.000Z', to: '2026-11-22T02:00:00.000Z' });
});

test('two instants, with a zone or in the one that is shown', () => {
  const both = { from: '2026-11-22T06:00:00.000Z', to: '2026-11-22T07:00:00.000Z' };
  expect(read('2026-11-22T00:00:00-06:00/2026-11-22T01:00:00-06:00')).toEqual(both);
  expect(read('2026-11-22 06:00 to 2026-11-22 07:00')).toEqual(both);
  expect(read(`${Date.parse(both.from) / 1000}/${Date.parse(both.to) / 1000}`)).toEqual(both);
});

test('what is no span is none', () => {
  for (const text of [
    '',
    '0m',
    'soon',
    '2026-11-22T07:00:00Z/2026-11-22T06:00:00Z',
    '25 apples',
    '99999999d',
  ])
    expect(read(text), text).toBeNull();
});

test('what is copied is read as the same span', () => {
  const [from, to] = [kNow - 3_600_000, kNow];
  expect(writeSpan(from, to, 'utc')).toBe('2026-11-22T09:30:00Z/2026-11-22T10:30:00Z');
  expect(read(writeSpan(from, to, 'utc'))).toEqual({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  });
});

// Mexico City keeps -06:00 all year; New York has days of 23 and 25 hours.
beforeAll(() => void vi.stubEnv('TZ', 'America/New_York'));
afterAll(() => void vi.unstubAllEnvs());

test('the days on which clocks change have 23 and 25 hours', () => {
  const hours = (day: string) => {
    const { from, to } = readSpan(day, 'local', kNow)!;
    return (Date.parse(to) + 1 - Date.parse(from)) / 3_600_000;
  };
  expect(hours('2026-03-08')).toBe(23);
  expect(hours('2026-11-01')).toBe(25);
  expect(hours('2026-11-02')).toBe(24);
});

test('what was copied in another zone is the same instant', () => {
  const text = writeSpan(kNow - 3_600_000, kNow, 'local');
  expect(text).toBe('2026-11-22T04:30:00-05:00/2026-11-22T05:30:00-05:00');
  expect(readSpan(text, 'utc', kNow)).toEqual(
    readSpan('2026-11-22T09:30:00Z/2026-11-22T10:30:00Z', 'utc', kNow),
  );
});
