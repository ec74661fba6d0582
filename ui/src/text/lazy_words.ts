// Words of the pages that are fetched when they are first shown: they are fetched beside them (pages/lazy.tsx), so that the
// first paint need not wait. As in i18n.ts, English is the source of truth for the keys.
import { catalogue } from './i18n';
import type { pagesEn } from './pages_en';

export type LazyMessages = { readonly [key in keyof typeof pagesEn]: string };
export type LazyKey = keyof LazyMessages;

const words = catalogue<LazyMessages>({
  en: () => import('./pages_en').then((one) => one.pagesEn),
  es: () => import('./pages_es').then((one) => one.pagesEs),
});
export const loadLazyWords = words.load;
export const w: (key: LazyKey, values?: Record<string, string | number>) => string = words.say;

/** A word that the server uses as a code, as word() of i18n.ts: `prefix` + code, or the code as it came. */
export function wordOf(prefix: string, code: string): string {
  const key = prefix + code;
  return words.has(key) ? w(key) : code;
}
