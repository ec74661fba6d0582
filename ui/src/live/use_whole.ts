// A screen on a wall (?kiosk=1) that nobody scrolls: half a row says nothing there, so a list ends with the last whole one.
import { useLayoutEffect, useState } from 'preact/hooks';
import { query } from './router';
import { zoomOf } from './use_virtual';

/** Room for what stands below the list: its count, and the foot of the wall. */
const kFoot = 76;
/** A phone is held in a hand, which scrolls. */
const kNarrow = 768;

/** How many rows of that height fit the screen from where `list` begins; without end where one scrolls. */
export function useWhole(list: { readonly current: HTMLElement | null }, row: number): number {
  const [fit, setFit] = useState(Infinity);
  const wall = query.value.get('kiosk') === '1';
  useLayoutEffect(() => {
    const look = () => {
      const element = list.current;
      if (!element) return;
      const top = element.getBoundingClientRect().top + scrollY;
      const rows = Math.floor(((innerHeight - top) / zoomOf(element) - kFoot) / row);
      setFit(wall && innerWidth >= kNarrow ? Math.max(1, rows) : Infinity);
    };
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(document.body);
    window.addEventListener('resize', look);
    return () => {
      sizes.disconnect();
      window.removeEventListener('resize', look);
    };
  }, [wall, row]);
  return fit;
}
