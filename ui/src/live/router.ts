// Where the user is: path and query as signals, everything visible in the URL. Links are plain <a href>; a click on one
// of ours changes the signals instead of loading the page.
import { computed, signal } from '@preact/signals';

const at = signal(new URL(location.href));

export const path = computed(() => at.value.pathname);
export const query = computed(() => at.value.searchParams);

/** Parameters that stay when one goes from page to page: what is looked at is the same there. */
const kCarried = ['cloud', 'kiosk', 'rotate', 'tz'];
/** Of a link that leads to the same page: its other parameters are what is to change. */
const kCarriedHere = ['tz'];
function carry(next: URL, names: readonly string[]): void {
  for (const name of names) {
    const value = at.value.searchParams.get(name);
    if (value === null || next.searchParams.has(name)) continue;
    next.searchParams.set(name, value);
    next.searchParams.sort();
  }
}

export function navigate(to: string, how: 'push' | 'replace' = 'push'): void {
  const next = new URL(to, location.href);
  const samePath = next.pathname === at.value.pathname;
  if (!samePath) carry(next, kCarried);
  if (how === 'push' && next.href !== at.value.href) history.pushState(null, '', next);
  else history.replaceState(null, '', next);
  at.value = next;
  if (!samePath) window.scrollTo(0, 0);
}

/** The present URL with some parameters changed: undefined or [] removes. Keys are sorted, so that equal views have
 *  equal URLs; parameters we do not know are kept. */
export function withParams(changes: Record<string, string | readonly string[] | undefined>): string {
  const params = new URLSearchParams(at.value.search);
  for (const [key, value] of Object.entries(changes)) {
    params.delete(key);
    const values = value === undefined ? [] : typeof value === 'string' ? [value] : value;
    for (const one of values) if (one !== '') params.append(key, one);
  }
  params.sort();
  const text = params.toString();
  return at.value.pathname + (text ? `?${text}` : '');
}

window.addEventListener('popstate', () => {
  at.value = new URL(location.href);
});

document.addEventListener('click', (event) => {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const anchor = event.target instanceof Element ? event.target.closest('a') : null;
  if (!anchor || anchor.target || anchor.origin !== location.origin || anchor.hasAttribute('download'))
    return;
  if (anchor.pathname.startsWith('/api/')) return;
  event.preventDefault();
  const next = new URL(anchor.href);
  carry(next, kCarriedHere);
  navigate(next.href);
});
