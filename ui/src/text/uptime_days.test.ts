import { expect, test } from 'vitest';
import { daysOf, kDay } from './uptime_days';

const kNow = Date.parse('2026-11-22T12:00:00Z');
const kAlways = [{ from: '2020-01-01T00:00:00Z', to: '2026-11-22T12:00:00Z' }];
const incident = (from: string, to: string | null, host = 'a') => ({ alert_id: null, host, from, to });

test('an incident over midnight counts on both days', () => {
  const days = daysOf([incident('2026-11-20T23:00:00Z', '2026-11-21T02:00:00Z')], 3, kNow, kAlways);
  expect(days.map((day) => day.down / 3_600_000)).toEqual([1, 2, 0]);
  expect(days[2]!.begin).toBe(Date.parse('2026-11-22T00:00:00Z'));
});

test('one that lasts counts up to now, and two hosts at once count once', () => {
  const days = daysOf(
    [
      incident('2026-11-22T10:00:00Z', null),
      incident('2026-11-22T11:00:00Z', '2026-11-22T11:30:00Z', 'b'),
      incident('2026-11-22T08:00:00Z', '2026-11-22T10:30:00Z', 'c'),
    ],
    1,
    kNow,
    kAlways,
  );
  expect(days).toEqual([{ begin: kNow - kDay / 2, down: 4 * 3_600_000, unknown: false }]);
});

test('without incidents every day is well', () => {
  expect(daysOf([], 90, kNow, kAlways).every((day) => day.down === 0 && !day.unknown)).toBe(true);
});

test('days of which nothing is known are not well', () => {
  const unknown = (...known: [string, string][]) =>
    daysOf(
      [],
      3,
      kNow,
      known.map(([from, to]) => ({ from, to })),
    ).map((day) => day.unknown);
  expect(unknown(['2026-11-21T23:59:00Z', '2026-11-22T12:00:00Z'])).toEqual([true, false, false]);
  expect(
    unknown(
      ['2026-11-20T11:00:00Z', '2026-11-20T12:00:00Z'],
      ['2026-11-22T11:00:00Z', '2026-11-22T12:00:00Z'],
    ),
  ).toEqual([false, true, false]);
  expect(unknown()).toEqual([true, true, true]);
});
