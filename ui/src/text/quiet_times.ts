// When a silence, a maintenance or a blackout holds, recurring ones too; and the days of a calendar with what holds in them.
// As the server has it (notify/mute_windows.h): a recurrence keeps its offset from UTC, also in summer.
import type { Quiet } from '../api/manage';
import { lengthOf, offsetOf } from './lengths';
import { clockAt, instantOf, type Zone } from './zones';

/** Unix ms; without its end. */
export interface Window {
  from: number;
  to: number;
}
export interface CalendarEntry<Of> extends Window {
  of: Of;
}
export interface CalendarDay<Of> extends Window {
  entries: CalendarEntry<Of>[];
}

type Times = Pick<Quiet, 'starts' | 'ends' | 'recurrence'>;
const kDay = 864e5;
const kWeekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Of a day since 1970, which began on a Thursday. */
const weekdayOf = (day: number): string => kWeekdays[(((day + 3) % 7) + 7) % 7]!;

/** Within the span, cut at its ends; those that touch are one. */
export function windowsOf({ starts, ends, recurrence }: Times, span: Window): Window[] {
  const from = Math.max(span.from, Date.parse(starts));
  const to = Math.min(span.to, Date.parse(ends));
  if (!(from < to)) return [];
  if (!recurrence) return [{ from, to }];
  const [offset, length] = [offsetOf(recurrence.utc_offset), lengthOf(recurrence.length)];
  const [hour = 0, minute = 0] = recurrence.start.split(':').map(Number);
  const days = recurrence.weekdays?.length ? recurrence.weekdays : kWeekdays;
  const found: Window[] = [];
  const last = Math.floor((to + offset) / kDay);
  for (let day = Math.floor((from + offset - length) / kDay); day <= last; day += 1) {
    if (!days.includes(weekdayOf(day))) continue;
    const begins = day * kDay + hour * 36e5 + minute * 6e4 - offset;
    const cut = { from: Math.max(begins, from), to: Math.min(begins + length, to) };
    const before = found.at(-1);
    if (cut.from >= cut.to) continue;
    if (before && cut.from <= before.to) before.to = Math.max(before.to, cut.to);
    else found.push(cut);
  }
  return found;
}

/** Days in the zone from the Monday before `at` on, each with what holds in it in the order of time. */
export function calendarOf<Of extends Times>(
  all: readonly Of[],
  zone: Zone,
  at: number,
  count: number,
): CalendarDay<Of>[] {
  const [year, month, day] = clockAt(zone, at);
  const monday = day - ((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7);
  const begins = (n: number): number => instantOf(zone, year, month, monday + n);
  const span = { from: begins(0), to: begins(count) };
  const windows = all
    .flatMap((of) => windowsOf(of, span).map((window) => ({ ...window, of })))
    .sort((a, b) => a.from - b.from || a.to - b.to);
  return Array.from({ length: count }, (_, n) => {
    const [from, to] = [begins(n), begins(n + 1)];
    const entries = windows
      .filter((one) => one.from < to && one.to > from)
      .map((one) => ({ ...one, from: Math.max(one.from, from), to: Math.min(one.to, to) }));
    return { from, to, entries };
  });
}
