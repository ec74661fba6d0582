// Lengths of time and offsets from UTC as the API writes them: "1h30m", "-5h".

const kUnits: Readonly<Record<string, number>> = {
  w: 6048e5,
  d: 864e5,
  h: 36e5,
  m: 6e4,
  s: 1e3,
  ms: 1,
};

/** Milliseconds of "1h30m"; of what is no length, 0. */
export const lengthOf = (text: string): number =>
  [...text.matchAll(/(\d+)([a-z]+)/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (kUnits[unit!] ?? 0),
    0,
  );

/** Milliseconds east of UTC; of nothing, 0. */
export const offsetOf = (text = ''): number => (text.startsWith('-') ? -1 : 1) * lengthOf(text);

/** "+05:30". */
export function shownOffset(ms: number): string {
  const minutes = Math.abs(Math.round(ms / 6e4));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${ms < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** Of "+05:30" as somebody typed it. */
export function typedOffset(text: string): number {
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 36e5 + Number(minutes) * 6e4);
}

/** As the API takes it. */
export const sentOffset = (ms: number): string => `${Math.round(ms / 6e4)}m`;
