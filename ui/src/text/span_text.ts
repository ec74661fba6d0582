// Spans of time as people write and paste them: 90m, yesterday, 08:00-09:30, a day, two instants (ISO 8601, with or without a
// zone, or seconds since 1970) with a slash or a dash between them. What has no zone is meant in the zone that is shown.
import { shownOffset } from './lengths';
import { clockAt, instantOf, offsetAt, type Zone } from './zones';

export interface TimeSpan {
  /** RFC 3339, or relative as the API takes it: now-90m. */
  from: string;
  to: string;
}

const kUnits: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };
const kRelative = /^(?:now-)?(\d{1,5})([smhdw])$/;
const kDay = /^(\d{4})-(\d\d)-(\d\d)$/;
const kClock = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/;
const kInstant = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/;

const iso = (ms: number): string => new Date(ms).toISOString();

/** The day that `ms` is in, moved by `days`. */
function dayOf(zone: Zone, ms: number, days = 0): [number, number, number] {
  const [year, month, day] = clockAt(zone, ms);
  return [year, month, day + days];
}

/** Whole days: a day may have 23 or 25 hours. */
function wholeDays(zone: Zone, first: readonly [number, number, number], last = first): TimeSpan {
  const [year, month, day] = last;
  return { from: iso(instantOf(zone, ...first)), to: iso(instantOf(zone, year, month, day + 1) - 1) };
}

function instant(text: string, zone: Zone): number {
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  if (/^\d{13}$/.test(text)) return Number(text);
  const found = kInstant.exec(text);
  if (!found) return NaN;
  if (found[8]) return Date.parse(text.replace(' ', 'T').replace(',', '.'));
  const [year, month, day, hour, minute] = found.slice(1, 6).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = Math.floor(Number(`0.${found[7] ?? 0}`) * 1000);
  return instantOf(zone, year, month, day, hour, minute, Number(found[6] ?? 0), ms);
}

/** Today's, or of the night that ended or began today when the second is before the first. */
function betweenClocks(first: string, second: string, zone: Zone, now: number): TimeSpan | null {
  const [a, b] = [kClock.exec(first), kClock.exec(second)];
  if (!a || !b) return null;
  const at = (found: RegExpExecArray, days: number) =>
    instantOf(zone, ...dayOf(zone, now, days), ...found.slice(1).map((part) => Number(part ?? 0)));
  const to = at(b, 0);
  const from = at(a, 0) < to ? at(a, 0) : at(a, -1);
  return { from: iso(from), to: iso(to) };
}

/** The two texts of "a/b", "a - b", "a to b"; null when there are not two. */
function twoOf(text: string): [string, string] | null {
  const parts = text.split(/\s*\/\s*|\s+(?:to|-|–|—)\s+|\s*[–—]\s*/);
  if (parts.length === 2) return [parts[0]!, parts[1]!];
  const clocks = /^(\d{1,2}:\d\d(?::\d\d)?)-(\d{1,2}:\d\d(?::\d\d)?)$/.exec(text);
  return clocks ? [clocks[1]!, clocks[2]!] : null;
}

/** null: it is none of these, or ends before it begins. */
export function readSpan(given: string, zone: Zone, now: number): TimeSpan | null {
  const text = given.trim();
  const relative = kRelative.exec(text);
  if (relative && Number(relative[1]) > 0) return { from: `now-${relative[1]}${relative[2]}`, to: 'now' };
  if (text === 'today') return { from: iso(instantOf(zone, ...dayOf(zone, now))), to: iso(now) };
  if (text === 'yesterday') return wholeDays(zone, dayOf(zone, now, -1));
  const days = (one: string) => kDay.exec(one)?.slice(1).map(Number) as [number, number, number] | undefined;
  const day = days(text);
  if (day) return wholeDays(zone, day);
  const two = twoOf(text);
  if (!two) return null;
  const [first, last] = two.map(days);
  if (first && last) return wholeDays(zone, first, last);
  const clocks = betweenClocks(...two, zone, now);
  if (clocks) return clocks;
  const [from, to] = [instant(two[0], zone), two[1] === 'now' ? now : instant(two[1], zone)];
  return from < to ? { from: iso(from), to: iso(to) } : null;
}

/** Unix ms of either end of a span. */
export function spanEnd(text: string, now: number): number {
  if (text === 'now' || text === '') return now;
  const back = kRelative.exec(text);
  return back ? now - Number(back[1]) * kUnits[back[2]!]! : Date.parse(text);
}

/** An instant in the zone, with the zone: what is copied means the same everywhere. */
function written(ms: number, zone: Zone): string {
  if (zone === 'utc') return iso(ms).replace('.000Z', 'Z');
  const east = offsetAt(zone, ms);
  return iso(ms + east).replace(/(\.000)?Z$/, shownOffset(east));
}

/** An instant in the zone as the browser's calendar has it: 2026-11-22T10:30. */
export const atZone = (ms: number, zone: Zone): string => iso(ms + offsetAt(zone, ms)).slice(0, 16);

/** Of what such a calendar says; RFC 3339. */
export const instantIn = (zone: Zone, text: string): string => iso(instant(text, zone));

export const writeSpan = (from: number, to: number, zone: Zone): string =>
  `${written(from, zone)}/${written(to, zone)}`;
