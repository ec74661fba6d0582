// The keys of a long list of which only a part is in the page, as an ARIA grid: one tab stop; arrows go from row to row and
// within a row, Home, End and the Page keys farther. The focus stays with its row while others come and go; when that row
// is not in the page, the grid itself holds the focus and gives it back. When it is gone from the list, the row that took its
// place has the focus.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { inSequence } from './keys';
import type { VirtualRows } from './use_virtual';

interface GridOf {
  /** Rows that there are, without a head. */
  count: number;
  rows: VirtualRows;
  /** Selectors: what can have the focus in rows, and what of it a row is entered by. */
  controls: string;
  main: string;
  /** Where the row of this id stands; -1 = it is not among those that were fetched. */
  placeOf: (id: string) => number;
  /** All rows were fetched: one that is not among them is gone. */
  whole: boolean;
}

/** Elements of rows have `data-place`, from 0; the head, if it takes part, -1. Those with `data-id` are known by it. */
export function useGrid(root: { readonly current: HTMLElement | null }, of: GridOf) {
  const { count, rows, controls, main, placeOf, whole } = of;
  /** The row that has, or had, or shall have the focus, and which child of it. */
  const at = useRef({ place: 0, id: undefined as string | undefined, cell: -1 }).current;
  /** Whether the focus is in the grid, or shall be. */
  const state = useRef({ inside: false, asked: false, before: null as Element | null }).current;

  const rowOf = (place: number) => root.current?.querySelector<HTMLElement>(`[data-place="${place}"]`);
  const known = () =>
    at.id ? root.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(at.id)}"]`) : undefined;
  /** Its row when that is in the page; `at.place` is where it stands, as far as that is known. */
  const current = () => {
    const row = known();
    if (row || at.id === undefined) return row ?? rowOf(at.place);
    const place = placeOf(at.id);
    if (place >= 0) at.place = place;
    else if (whole) at.id = undefined;
    return at.id === undefined ? rowOf(at.place) : undefined;
  };
  const entryOf = (row: HTMLElement): HTMLElement | undefined =>
    [...row.querySelectorAll<HTMLElement>(controls)].find((one) => row.children[at.cell]?.contains(one)) ??
    row.querySelector<HTMLElement>(main) ??
    undefined;

  const settle = () => {
    const grid = root.current;
    if (!grid) return;
    const row = current();
    if (row) at.place = Number(row.dataset.place);
    const stop = row ? entryOf(row) : undefined;
    for (const one of grid.querySelectorAll<HTMLElement>(controls)) {
      const index = one === stop ? 0 : -1;
      if (one.tabIndex !== index) one.tabIndex = index;
    }
    // Not otherwise: a press on any row would give it the focus.
    if (stop) grid.removeAttribute('tabindex');
    else grid.tabIndex = 0;
    const active = document.activeElement;
    const lost = active === null || active === document.body || active === grid;
    // Who went elsewhere while the row was on its way stays there.
    if (active !== state.before && !lost && !grid.contains(active)) state.asked = false;
    if (!state.asked && !(state.inside && lost)) return;
    (stop ?? grid).focus({ preventScroll: true });
    if (stop) state.asked = false;
  };
  useLayoutEffect(settle);

  /** The row is brought into view and has the focus as soon as it is there. */
  const go = (place: number) => {
    if (count === 0) return;
    at.place = Math.min(place, count - 1);
    at.id = undefined;
    state.asked = true;
    state.before = document.activeElement;
    if (place >= 0) rows.show(at.place);
    settle();
  };
  const clamp = (place: number, least = 0) => Math.max(least, Math.min(count - 1, place));
  const enter = () => go(current() ? Math.max(0, at.place) : rows.seen().first);
  const sideways = (step: 1 | -1): boolean => {
    const all = [...(current()?.querySelectorAll<HTMLElement>(controls) ?? [])];
    const next = all[all.indexOf(document.activeElement as HTMLElement) + step];
    next?.focus();
    return next !== undefined;
  };
  const press = (key: string): boolean => {
    const page = Math.max(1, rows.seen().rows - 1);
    if (key === 'ArrowUp') go(clamp(at.place - 1, rowOf(-1) ? -1 : 0));
    else if (key === 'ArrowDown') go(clamp(at.place + 1));
    else if (key === 'PageUp') go(clamp(at.place - page));
    else if (key === 'PageDown') go(clamp(at.place + page));
    else if (key === 'Home') go(0);
    else if (key === 'End') go(count - 1);
    else if (key === 'ArrowLeft') return sideways(-1);
    else if (key === 'ArrowRight') return sideways(1);
    else return false;
    return true;
  };
  const props = {
    role: 'grid',
    onKeyDown: (event: KeyboardEvent) => {
      const target = event.target as Element;
      if (event.ctrlKey || event.metaKey || event.altKey || inSequence()) return;
      // What an open row shows has keys of its own.
      if (target !== root.current && !target.matches(controls)) return;
      if (press(event.key)) event.preventDefault();
    },
    onFocusIn: (event: FocusEvent) => {
      const target = event.target as Element;
      const row = target.closest<HTMLElement>('[data-place]');
      const before = state.inside;
      state.inside = true;
      if (row) {
        at.place = Number(row.dataset.place);
        at.id = row.dataset.id;
        if (target.matches(controls)) at.cell = [...row.children].findIndex((cell) => cell.contains(target));
        settle();
      } else if (!before && !state.asked) {
        // By Tab, or by a press on what has no focus of its own: that must not move.
        if (target.matches(':focus-visible')) enter();
        else at.place = rows.seen().first;
      }
    },
    onFocusOut: ({ target, relatedTarget }: FocusEvent) => {
      if (relatedTarget) state.inside = Boolean(root.current?.contains(relatedTarget as Node));
      // Nobody got it: either one clicked elsewhere, or its row has just left the page.
      else
        queueMicrotask(() => {
          const held = root.current?.contains(document.activeElement);
          if ((target as Node).isConnected && document.hasFocus() && !held) state.inside = false;
        });
    },
  } as const;
  return {
    props,
    go,
    /** One row on, or into the grid; for keys that work from anywhere. */
    step: (by: 1 | -1) => (state.inside || state.asked ? go(clamp(at.place + by)) : enter()),
    /** Of the row that last had the focus. */
    place: () => Math.max(0, at.place),
  };
}
