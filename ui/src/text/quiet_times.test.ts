import { expect, test } from 'vitest';
import { calendarOf, windowsOf } from './quiet_times';

const at = (text: string) => Date.parse(text);
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);
const week = { from: at('2026-11-16T00:00Z'), to: at('2026-11-23T00:00Z') };
const weekends = {
  starts: '2026-11-01T00:00:00Z',
  ends: '2026-12-01T00:00:00Z',
  recurrence: { weekdays: ['sat', 'sun'], start: '22:00', length: '6h', utc_offset: '1h' },
};
const shown = (of: Parameters<typeof windowsOf>[0], span = week) =>
  windowsOf(of, span).map(({ from, to }) => `${iso(from)} ${iso(to)}`);

test('a recurring silence holds on its weekdays, at its own offset from UTC', () => {
  expect(shown(weekends)).toEqual([
    '2026-11-16T00:00 2026-11-16T03:00',
    '2026-11-21T21:00 2026-11-22T03:00',
    '2026-11-22T21:00 2026-11-23T00:00',
  ]);
});

test('a window that began before the span is in it, and its beginning and end cut all', () => {
  const sunday = { from: at('2026-11-22T01:00Z'), to: at('2026-11-22T02:00Z') };
  expect(shown(weekends, sunday)).toEqual(['2026-11-22T01:00 2026-11-22T02:00']);
  expect(shown({ ...weekends, starts: '2026-11-22T02:00:00Z', ends: '2026-11-22T22:00:00Z' })).toEqual([
    '2026-11-22T02:00 2026-11-22T03:00',
    '2026-11-22T21:00 2026-11-22T22:00',
  ]);
  expect(shown({ ...weekends, ends: '2026-11-16T00:00:00Z' })).toEqual([]);
});

test('without weekdays it holds every day, and windows that touch are one', () => {
  const recurrence = { start: '00:00', length: '24h' };
  expect(shown({ ...weekends, recurrence })).toEqual(['2026-11-16T00:00 2026-11-23T00:00']);
  expect(
    shown({ ...weekends, recurrence: { start: '12:00', length: '36h', weekdays: ['thu', 'fri'] } }),
  ).toEqual(['2026-11-19T12:00 2026-11-22T00:00']);
});

test('the calendar begins on the Monday of the zone, and cuts what holds over midnight', () => {
  const night = { starts: '2026-11-18T20:00:00Z', ends: '2026-11-19T08:00:00Z' };
  const days = calendarOf([night], 'America/Lima', at('2026-11-23T03:00:00Z'), 7); // Sunday evening there
  expect(days.map(({ from }) => iso(from))).toEqual(
    [16, 17, 18, 19, 20, 21, 22].map((day) => `2026-11-${day}T05:00`),
  );
  expect(days.map(({ entries }) => entries.map(({ from, to }) => `${iso(from)} ${iso(to)}`))).toEqual([
    [],
    [],
    ['2026-11-18T20:00 2026-11-19T05:00'],
    ['2026-11-19T05:00 2026-11-19T08:00'],
    [],
    [],
    [],
  ]);
});

test('days on which clocks change are days of the calendar', () => {
  const [saturday, sunday] = calendarOf([], 'Europe/Madrid', at('2026-10-24T10:00:00Z'), 7).slice(5);
  expect((saturday!.to - saturday!.from) / 36e5).toBe(24);
  expect((sunday!.to - sunday!.from) / 36e5).toBe(25);
});
