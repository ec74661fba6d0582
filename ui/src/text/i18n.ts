// Words of the interface in the user's language, fetched in that language alone. English is the source of truth for the
// keys; a language that lacks one does not compile. What the server says (alert texts, verdict, log lines) stays as it came.
import { effect, signal } from '@preact/signals';
import { stored } from '../live/stored';
import type { en } from './en';

export type Messages = { readonly [key in keyof typeof en]: string };
export type MessageKey = keyof Messages;
export type Language = 'en' | 'es';

const preferred: Language =
  typeof navigator !== 'undefined' && navigator.language.startsWith('es') ? 'es' : 'en';

export const language = stored<Language>('language', preferred, ['en', 'es']);

/** Fills {name} places. `key|other` texts choose by `n`: the first form for 1, the second otherwise. */
export function fill(text: string, values: Record<string, string | number>): string {
  const forms = text.split('|');
  const form = forms.length === 2 && values.n !== 1 ? forms[1]! : forms[0]!;
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The words of a part of the interface. `say` and `has` may be asked once `load` is done. When the language changes, what
 *  is shown stays until the words of the other have come; when they cannot be fetched, the choice goes back. */
export function catalogue<Words extends Readonly<Record<string, string>>>(
  fetch: Readonly<Record<Language, () => Promise<Words>>>,
) {
  const words = signal<Words | null>(null);
  let shown: Language | null = null;
  async function load(): Promise<void> {
    while (shown !== language.peek()) {
      const wanted = language.peek();
      const got = await fetch[wanted]();
      if (wanted !== language.peek()) continue;
      words.value = got;
      shown = wanted;
    }
  }
  effect(() => {
    if (language.value === shown || shown === null) return;
    load().catch(() => {
      language.value = shown!;
    });
  });
  return {
    load,
    has: (key: string): key is keyof Words & string => Object.hasOwn(words.value!, key),
    say: (key: keyof Words, values: Record<string, string | number> = {}): string =>
      fill(words.value![key]!, values),
  };
}

const messages = catalogue<Messages>({
  en: () => import('./en').then((one) => one.en),
  es: () => import('./es').then((one) => one.es),
});
export const loadMessages = messages.load;
export const t: (key: MessageKey, values?: Record<string, string | number>) => string = messages.say;

/** A word that the server uses as a code ("delivered", "down"), in the user's language; as it came when we do not know it. */
export function word(code: string): string {
  return messages.has(code) ? t(code) : code;
}
