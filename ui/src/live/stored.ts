// A choice of this browser's user (theme, zone, language): a signal that is also in local storage. Never data.
import { effect, signal, type Signal } from '@preact/signals';

/** `read` makes the value of what was stored; `write` gives null for what need not be. */
function kept<T>(
  name: string,
  read: (text: string | null) => T,
  write: (value: T) => string | null,
): Signal<T> {
  const key = `apollo.${name}`;
  let found: string | null = null;
  try {
    found = localStorage.getItem(key);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  const value = signal(read(found));
  effect(() => {
    const text = write(value.value);
    try {
      if (text === null) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch {
      // As above.
    }
  });
  return value;
}

/** `read` gives null for what is no such value. */
export const storedText = <T extends string>(
  name: string,
  fallback: T,
  read: (text: string) => T | null,
): Signal<T> =>
  kept(
    name,
    (text) => (text === null ? null : read(text)) ?? fallback,
    (value) => (value === fallback ? null : value),
  );

export const stored = <T extends string>(name: string, fallback: T, allowed: readonly T[]): Signal<T> =>
  storedText(name, fallback, (text) => allowed.find((value) => value === text) ?? null);

/** Of words that have no comma. */
export const storedSet = (name: string): Signal<ReadonlySet<string>> =>
  kept<ReadonlySet<string>>(
    name,
    (text) => new Set(text ? text.split(',') : []),
    (value) => (value.size === 0 ? null : [...value].join(',')),
  );
