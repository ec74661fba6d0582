// A drag over a plot, with a mouse or a finger, asks for the span under it; a double press for the span before.
import type uPlot from 'uplot';

export interface Zoom {
  /** Unix ms of both ends. */
  to: (from: number, to: number) => void;
  back: () => void;
}

/** Fewer pixels are a press, not a drag. */
const kLeast = 5;

function chosen(plot: uPlot, left: number, width: number, zoom: Zoom): void {
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (width < kLeast) return;
  zoom.to(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
}

/** uPlot itself listens to the mouse alone. */
function followFinger(plot: uPlot, zoom: Zoom): void {
  let start: number | null = null;
  const at = (event: PointerEvent) => event.clientX - plot.over.getBoundingClientRect().left;
  plot.over.addEventListener('pointerdown', (event) => {
    start = event.pointerType === 'touch' && event.isPrimary ? at(event) : null;
  });
  plot.over.addEventListener('pointermove', (event) => {
    if (start === null) return;
    const here = at(event);
    plot.setSelect(
      { left: Math.min(start, here), top: 0, width: Math.abs(here - start), height: plot.over.clientHeight },
      false,
    );
  });
  plot.over.addEventListener('pointerup', (event) => {
    if (start === null) return;
    const here = at(event);
    chosen(plot, Math.min(start, here), Math.abs(here - start), zoom);
    start = null;
  });
  plot.over.addEventListener('pointercancel', () => {
    start = null;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  });
}

export function zoomCursor(zoom: Zoom): uPlot.Cursor {
  return {
    drag: { x: true, y: false, setScale: false, dist: kLeast },
    bind: {
      dblclick: () => () => {
        zoom.back();
        return null;
      },
    },
  };
}

export function zoomHooks(zoom: Zoom): Pick<uPlot.Hooks.Arrays, 'setSelect' | 'ready'> {
  return {
    ready: [(plot) => followFinger(plot, zoom)],
    setSelect: [(plot) => chosen(plot, plot.select.left, plot.select.width, zoom)],
  };
}
