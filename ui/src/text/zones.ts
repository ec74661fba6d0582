// Time zones: UTC, the browser's own, and those of IANA's list, by what the browser knows of them. Days may have 23 or 25
// hours, and an hour of the clock may come twice or not at all.

/** utc, local, or a name of IANA's list: America/Lima. */
export type Zone = string;

/** Year, month from 1, day, hour, minute, second. */
export type Clock = readonly [number, number, number, number, number, number];

const kDay = 864e5;
const formats = new Map<Zone, Intl.DateTimeFormat>();

/** What Intl takes: undefined is the browser's own zone. */
export const intlZone = (zone: Zone): string | undefined =>
  zone === 'local' ? undefined : zone === 'utc' ? 'UTC' : zone;

/** The zone as IANA's list has it: what a link says to others. */
export const namedZone = (zone: Zone): string =>
  zone === 'local' ? new Intl.DateTimeFormat().resolvedOptions().timeZone : zone;

/** The zone that is meant, however its letters are; null when it is none. */
export function zoneOf(text: string): Zone | null {
  const small = text.toLowerCase();
  if (small === 'utc' || small === 'local') return small;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions();
    return timeZone === 'UTC' ? 'utc' : timeZone;
  } catch {
    return null;
  }
}

function formatOf(zone: Zone): Intl.DateTimeFormat {
  let made = formats.get(zone);
  if (!made) {
    const digits = 'numeric';
    made = new Intl.DateTimeFormat('en', {
      timeZone: intlZone(zone),
      hourCycle: 'h23',
      year: digits,
      month: digits,
      day: digits,
      hour: digits,
      minute: digits,
      second: digits,
    });
    formats.set(zone, made);
  }
  return made;
}

/** What calendar and clock show in the zone at `ms`. */
export function clockAt(zone: Zone, ms: number): Clock {
  const found: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(ms)) found[type] = Number(value);
  return [found.year!, found.month!, found.day!, found.hour!, found.minute!, found.second!];
}

/** How far the zone is east of UTC at `ms`, in milliseconds. */
export function offsetAt(zone: Zone, ms: number): number {
  if (zone === 'utc') return 0;
  const [year, month, day, hour, minute, second] = clockAt(zone, ms);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/** Unix ms of a time of the zone's clock; fields may be beyond their ends (day 32). What comes twice is the first one;
 *  what is left out is as much later as the clock was put on. */
export function instantOf(zone: Zone, year: number, month: number, day: number, ...clock: number[]): number {
  const [hour = 0, minute = 0, second = 0, ms = 0] = clock;
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const before = offsetAt(zone, asUtc - kDay);
  const fits = [before, offsetAt(zone, asUtc + kDay)].find((one) => offsetAt(zone, asUtc - one) === one);
  return asUtc - (fits ?? before);
}
