// A choice of this browser's user (theme, zone, language): a signal that is also in local storage. Never data.
import { effect, signal, type Signal } from '@preact/signals';

export function stored<T extends string>(name: string, fallback: T, allowed: readonly T[]): Signal<T> {
  const key = `apollo.${name}`;
  let initial = fallback;
  try {
    const found = localStorage.getItem(key);
    initial = allowed.find((value) => value === found) ?? fallback;
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  const value = signal(initial);
  effect(() => {
    const now = value.value;
    try {
      if (now === fallback) localStorage.removeItem(key);
      else localStorage.setItem(key, now);
    } catch {
      // As above.
    }
  });
  return value;
}
