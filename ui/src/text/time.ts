// Times and ages for people, all in one zone, which is always shown beside the clock.
import { computed, signal } from '@preact/signals';
import { storedText } from '../live/stored';
import { language } from './i18n';
import { intlZone, zoneOf, type Zone } from './zones';

/** The user's choice; live/zone.ts changes it. */
export const ownZone = storedText<Zone>('zone', 'utc', zoneOf);
/** What the address asks for goes before it. */
export const askedZone = signal<Zone | null>(null);
export const zone = computed<Zone>(() => askedZone.value ?? ownZone.value);

const kLog = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${zone.value} ${language.value}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(language.value, { ...options, timeZone: intlZone(zone.value) });
    formats.set(key, made);
  }
  return made;
}

const milliseconds = (time: string | number): number => (typeof time === 'number' ? time : Date.parse(time));

/** 08:12:03; with the day when it is not within 20 h of `now`. */
export function clockTime(time: string | number, now: number, withMilliseconds = false): string {
  const ms = milliseconds(time);
  if (!Number.isFinite(ms)) return '–';
  let text = format('clock', kLog).format(ms);
  if (withMilliseconds) text += `.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
  if (Math.abs(now - ms) < 20 * 3600_000) return text;
  return `${dayOf(ms)} ${text}`;
}

/** Nov 22. */
export const dayOf = (ms: number): string => format('day', { month: 'short', day: 'numeric' }).format(ms);

/** The whole instant with its zone, for titles and for copying. */
export function fullTime(time: string | number): string {
  const ms = milliseconds(time);
  if (!Number.isFinite(ms)) return '–';
  if (zone.value === 'utc') return new Date(ms).toISOString();
  return format('full', { dateStyle: 'medium', timeStyle: 'long' }).format(ms);
}

/** UTC, or how far from it the zone is at `at`: GMT-5. */
export function zoneName(at = Date.now()): string {
  if (zone.value === 'utc') return 'UTC';
  return format('zone', { timeZoneName: 'shortOffset' })
    .formatToParts(at)
    .find((part) => part.type === 'timeZoneName')!.value;
}

/** 12 s, 6 m, 1 h 20 m, 3 d 4 h: two units at most, none below a second. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** 12 ms, 1.2 s: for what is told in milliseconds; from a minute on as duration(). */
export function shortDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms);
}

export const age = (time: string, now: number): string => {
  const ms = Date.parse(time);
  return Number.isFinite(ms) && ms > 0 ? duration(now - ms) : '–';
};
