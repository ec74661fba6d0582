// Words of the interface in the user's language. English is the source of truth for the keys; a language that lacks one
// does not compile. What the server says (alert texts, verdict, log lines) stays as it came.
import { stored } from '../live/stored';
import { en } from './en';
import { es } from './es';

export type Messages = { readonly [key in keyof typeof en]: string };
export type MessageKey = keyof Messages;
export type Language = 'en' | 'es';

const kCatalogues: Record<Language, Messages> = { en, es };
const preferred: Language = typeof navigator !== 'undefined' && navigator.language.startsWith('es') ? 'es' : 'en';

export const language = stored<Language>('language', preferred, ['en', 'es']);

/** Fills {name} places. `key|other` texts choose by `n`: the first form for 1, the second otherwise. */
export function fill(text: string, values: Record<string, string | number>): string {
  const forms = text.split('|');
  const form = forms.length === 2 && values.n !== 1 ? forms[1]! : forms[0]!;
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A word that the server uses as a code ("delivered", "down"), in the user's language; as it came when we do not know it. */
export function word(code: string): string {
  return Object.hasOwn(en, code) ? t(code as MessageKey) : code;
}

export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return fill(kCatalogues[language.value][key], values);
}
