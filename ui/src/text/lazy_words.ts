// Words of the pages that are fetched when they are first shown; they come with those pages, so that the first paint need
// not wait for them. As in i18n.ts, English is the source of truth for the keys.
import { fill, language, type Language } from './i18n';
import { lazyEn } from './lazy_en';
import { lazyEs } from './lazy_es';
import { logsEn } from './logs_en';
import { logsEs } from './logs_es';
import { watchEn } from './watch_en';
import { watchEs } from './watch_es';

const english = { ...lazyEn, ...logsEn, ...watchEn };
export type LazyMessages = { readonly [key in keyof typeof english]: string };
export type LazyKey = keyof LazyMessages;

const kCatalogues: Record<Language, LazyMessages> = { en: english, es: { ...lazyEs, ...logsEs, ...watchEs } };

export function w(key: LazyKey, values: Record<string, string | number> = {}): string {
  return fill(kCatalogues[language.value][key], values);
}

/** A word that the server uses as a code, as word() of i18n.ts: `prefix` + code, or the code as it came. */
export function wordOf(prefix: string, code: string): string {
  const key = prefix + code;
  return Object.hasOwn(english, key) ? w(key as LazyKey) : code;
}
