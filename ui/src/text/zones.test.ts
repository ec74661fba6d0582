import { expect, test } from 'vitest';
import { instantIn, readSpan, writeSpan } from './span_text';
import { clockAt, instantOf, offsetAt, zoneOf } from './zones';

const kHour = 36e5;
const at = (text: string) => Date.parse(text);

test('zones are those of the list, however written, UTC and the own one', () => {
  expect(['UTC', 'Local', 'america/lima', 'Etc/UTC', 'America/Atlantis', ''].map(zoneOf)).toEqual([
    'utc',
    'local',
    'America/Lima',
    'utc',
    null,
    null,
  ]);
});

test('the clock of a zone, with its summer time', () => {
  expect(clockAt('Europe/Madrid', at('2026-07-01T22:30:05Z'))).toEqual([2026, 7, 2, 0, 30, 5]);
  expect(offsetAt('Europe/Madrid', at('2026-07-01T00:00:00Z'))).toBe(2 * kHour);
  expect(offsetAt('Europe/Madrid', at('2026-12-01T00:00:00Z'))).toBe(kHour);
  expect(offsetAt('Asia/Kathmandu', at('2026-12-01T00:00:00Z'))).toBe(5.75 * kHour);
  expect(offsetAt('utc', at('2026-07-01T00:00:00Z'))).toBe(0);
});

test('of an hour that comes twice the first is meant, one that is left out is moved on', () => {
  const madrid = (...clock: [number, number, number, number, number]) =>
    new Date(instantOf('Europe/Madrid', ...clock)).toISOString();
  expect(madrid(2026, 10, 25, 2, 30)).toBe('2026-10-25T00:30:00.000Z');
  expect(madrid(2026, 3, 29, 2, 30)).toBe('2026-03-29T01:30:00.000Z');
  expect(madrid(2026, 12, 32, 0, 0)).toBe('2026-12-31T23:00:00.000Z');
});

test('spans are typed in the zone that is chosen', () => {
  const now = at('2026-11-22T02:30:00Z');
  expect(readSpan('yesterday', 'America/Lima', now)).toEqual({
    from: '2026-11-20T05:00:00.000Z',
    to: '2026-11-21T04:59:59.999Z',
  });
  expect(readSpan('08:00-09:30', 'Asia/Tokyo', now)).toEqual({
    from: '2026-11-21T23:00:00.000Z',
    to: '2026-11-22T00:30:00.000Z',
  });
  expect(instantIn('Asia/Tokyo', '2026-11-22T09:00')).toBe('2026-11-22T00:00:00.000Z');
});

test('days of a chosen zone have 23 and 25 hours too', () => {
  const hours = (day: string) => {
    const { from, to } = readSpan(day, 'Europe/Madrid', 0)!;
    return (at(to) + 1 - at(from)) / kHour;
  };
  expect(['2026-03-29', '2026-10-25', '2026-10-26'].map(hours)).toEqual([23, 25, 24]);
});

test('what is copied has the offset of its own day', () => {
  const [winter, summer] = [at('2026-01-15T12:00:00Z'), at('2026-07-15T12:00:00Z')];
  const text = writeSpan(winter, summer, 'Europe/Madrid');
  expect(text).toBe('2026-01-15T13:00:00+01:00/2026-07-15T14:00:00+02:00');
  expect(readSpan(text, 'utc', 0)).toEqual({
    from: new Date(winter).toISOString(),
    to: new Date(summer).toISOString(),
  });
});
