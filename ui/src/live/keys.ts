// The keyboard: single keys, and sequences that begin with g or t. No key acts while the user types or a dialog is open
// (save Escape, which the dialog takes itself), and none that the user has switched off (WCAG 2.1.4).
import { useLayoutEffect, useRef } from 'preact/hooks';
import { storedSet } from './stored';

type Handlers = Record<string, () => void>;
const kPrefixes = ['g', 't'];
const kPatience = 1500;
const stack: { handlers: Handlers }[] = [];
let prefix = '';
let prefixTimer: ReturnType<typeof setTimeout> | undefined;

/** The keys that do nothing in this browser, written as in `Handlers`. */
export const keysOff = storedSet('keys-off');

function typing(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input:not([type=checkbox]), textarea, select') !== null;
}

/** A key that begins a sequence was pressed, and its second is awaited. */
export const inSequence = (): boolean => prefix !== '';

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (document.querySelector('dialog[open], :popover-open, [data-holds-keys]')) return;
  if (typing(event.target)) {
    if (event.key === 'Escape') (event.target as HTMLElement).blur();
    return;
  }
  const key = prefix + event.key;
  prefix = '';
  for (let i = stack.length - 1; i >= 0; i -= 1) {
    const handler = stack[i]!.handlers[key];
    if (!handler || keysOff.value.has(key)) continue;
    event.preventDefault();
    handler();
    return;
  }
  if (!kPrefixes.includes(event.key)) return;
  prefix = `${event.key} `;
  clearTimeout(prefixTimer);
  prefixTimer = setTimeout(() => {
    prefix = '';
  }, kPatience);
});

/** The handlers hold while the component is shown, each drawing's at once: a key may come right after a click. Those of a
 *  component that came later win. */
export function useKeys(handlers: Handlers): void {
  const entry = useRef({ handlers }).current;
  entry.handlers = handlers;
  useLayoutEffect(() => {
    stack.push(entry);
    return () => {
      stack.splice(stack.indexOf(entry), 1);
    };
  }, []);
}

/** j and k: moves the focus among the elements that `selector` finds. */
export function moveFocus(selector: string, step: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>(selector)];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  all[next]?.focus();
  all[next]?.scrollIntoView({ block: 'nearest' });
}
