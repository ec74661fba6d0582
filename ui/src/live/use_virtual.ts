// Rows of a long list on the screen (virtual.ts): listens to the scrolling of the page, or of an element of its own.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { barFor, follow, offsetOf, rowAt, sliceAt, type Place, type RowLayout, type Slice } from './virtual';

export interface VirtualRows extends Slice {
  /** Brings the row into view when it is not; by the shortest way, or to the middle. */
  show: (index: number, where?: 'middle') => void;
  /** Rows have come before those on the screen (or gone, below zero): what is seen stays where it is. */
  shift: (rows: number) => void;
  /** The first row that is seen, and how many are at once. */
  seen: () => { first: number; rows: number };
  /** The list is seen from its beginning. */
  atTop: () => boolean;
}

const same = (a: Slice, b: Slice): boolean =>
  a.first === b.first && a.last === b.last && a.before === b.before && a.after === b.after;

/** On a wall the page is larger than its own pixels, in which rows are counted; the screen and scrolling have others. */
export const zoomOf = (element: HTMLElement): number => element.currentCSSZoom ?? 1;

/** `list` holds the rows and, when `own`, scrolls them; else the page does, and `covered` pixels of its top are hidden under
 *  what sticks there. */
export function useVirtual(
  list: { readonly current: HTMLElement | null },
  layout: RowLayout,
  { own, covered = 0 }: { own: boolean; covered?: number },
): VirtualRows {
  const latest = useRef(layout);
  latest.current = layout;
  const place = useRef<Place>({ bar: 0, top: 0 });
  const view = useRef(own ? 600 : innerHeight);
  const [slice, setSlice] = useState<Slice>(() => sliceAt(layout, view.current, place.current));

  const look = useCallback(() => {
    const element = list.current;
    if (!element) return;
    const zoom = zoomOf(element);
    view.current = own ? element.clientHeight : (innerHeight - covered) / zoom;
    const bar = own ? element.scrollTop : Math.max(0, covered - element.getBoundingClientRect().top) / zoom;
    place.current = follow(latest.current, view.current, place.current, bar);
    const next = sliceAt(latest.current, view.current, place.current);
    setSlice((before) => (same(before, next) ? before : next));
  }, [own, covered]);

  useEffect(() => {
    const target: EventTarget = own ? list.current! : window;
    target.addEventListener('scroll', look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(own ? list.current! : document.documentElement);
    return () => {
      target.removeEventListener('scroll', look);
      sizes.disconnect();
    };
  }, [look]);
  useLayoutEffect(look, [layout.count, layout.row, layout.open?.index, layout.open?.extra]);

  /** Of what is seen so much is above the list. */
  const lead = () =>
    own ? 0 : Math.max(0, list.current!.getBoundingClientRect().top - covered) / zoomOf(list.current!);
  /** What is above the list is seen too when `top` is less than 0. */
  const goTo = (top: number) => {
    const bar = barFor(latest.current, view.current, Math.max(0, top));
    place.current = { bar, top: Math.max(0, top) };
    const element = list.current!;
    if (own) element.scrollTop = bar;
    else
      scrollBy(
        0,
        (bar + Math.min(0, top)) * zoomOf(element) - (covered - element.getBoundingClientRect().top),
      );
    look();
  };
  return {
    ...slice,
    show: (index, where) => {
      // A row in a list that is below the screen is not seen either.
      if (own) list.current?.scrollIntoView({ block: 'nearest' });
      const { top } = place.current;
      const begin = offsetOf(latest.current, index);
      const end = begin + latest.current.row;
      const below = end > top + view.current - lead();
      if ((begin < top || below) && where === 'middle') goTo((begin + end - view.current) / 2);
      else if (begin < top) goTo(begin);
      else if (below) goTo(end - view.current + latest.current.row);
    },
    shift: (rows) => goTo(place.current.top - lead() + rows * latest.current.row),
    seen: () => ({
      first: rowAt(latest.current, place.current.top),
      rows: Math.floor(view.current / latest.current.row),
    }),
    atTop: () => place.current.top < latest.current.row,
  };
}
