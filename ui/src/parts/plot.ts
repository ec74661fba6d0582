// What the two kinds of charts share: uPlot made, fed, resized, repainted and destroyed with its element. A canvas
// cannot see CSS variables, so colours are read from the element: color = line, outline-color = axis text,
// border-top-color = grid.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { effect } from '@preact/signals';
import type { Series } from '../api/types';
import { repaint } from '../live/theme';
import { clockTime } from '../text/time';

export interface PlotColours {
  line: string;
  text: string;
  grid: string;
}

export function coloursOf(element: Element): PlotColours {
  const style = getComputedStyle(element);
  return { line: style.color, text: style.outlineColor, grid: style.borderTopColor };
}

export function withAlpha(colour: string, alpha: number): string {
  const parts = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour);
  return parts ? `rgba(${parts[1]}, ${parts[2]}, ${parts[3]}, ${alpha})` : colour;
}

/** The time axis and the value axis. `steps`: between which the value axis may choose. */
export function axesOf(
  colours: () => PlotColours,
  show: (value: number) => string,
  steps?: number[],
): uPlot.Axis[] {
  const axis: uPlot.Axis = {
    stroke: () => colours().text,
    grid: { stroke: () => colours().grid, width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return [
    {
      ...axis,
      size: 20,
      gap: 2,
      space: 52,
      values: (_plot, splits) => splits.map((at) => clockTime(at * 1000, at * 1000).slice(0, 5)),
    },
    {
      ...axis,
      ...(steps ? { incrs: steps } : {}),
      size: 58,
      gap: 4,
      space: 28,
      values: (_plot, splits) => splits.map(show),
    },
  ];
}

/** Instants, in Unix ms, as dashed rules across. */
export function drawMarks(plot: uPlot, marks: readonly number[], colour: string): void {
  const context = plot.ctx;
  context.save();
  context.strokeStyle = colour;
  context.lineWidth = devicePixelRatio;
  context.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const mark of marks) {
    const x = Math.round(plot.valToPos(mark / 1000, 'x', true)) + 0.5;
    if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) continue;
    context.beginPath();
    context.moveTo(x, plot.bbox.top);
    context.lineTo(x, plot.bbox.top + plot.bbox.height);
    context.stroke();
  }
  context.restore();
}

/** Series that lie on different times, on one axis. */
export function align(series: readonly Series[]): uPlot.AlignedData {
  if (series.length === 1) {
    const points = series[0]!.points;
    return [points.map(([time]) => time / 1000), points.map(([, value]) => value)];
  }
  return uPlot.join(
    series.map((one) => [one.points.map(([time]) => time / 1000), one.points.map(([, value]) => value)]),
  );
}

export type PlotOptions = Omit<uPlot.Options, 'width' | 'height'>;

/** `make` is called once per element, when it first comes near the screen: a long page has hundreds of charts that
 *  nobody looks at. `data` and `span` (Unix ms, for plots whose x axis follows it) may change as often as they like. */
export function usePlot(
  make: (colours: () => PlotColours) => PlotOptions,
  data: uPlot.AlignedData,
  height: number,
  span?: readonly [number, number],
) {
  const ref = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    const element = ref.current!;
    let stop = () => seen.disconnect();
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        seen.disconnect();
        stop = start(element);
      },
      { rootMargin: '200px' },
    );
    seen.observe(element);
    return () => stop();
  }, []);
  useEffect(() => {
    plot.current?.setData(data);
  }, [data]);
  useEffect(() => {
    if (span) plot.current?.setScale('x', { min: span[0] / 1000, max: span[1] / 1000 });
  }, [span?.[0], span?.[1]]);

  function start(element: HTMLDivElement): () => void {
    let colours = coloursOf(element);
    const options = { ...make(() => colours), width: element.clientWidth || 80, height };
    const made = new uPlot(options, latest.current, element);
    plot.current = made;
    const stopPainting = effect(() => {
      repaint.value;
      colours = coloursOf(element);
      made.redraw(false, true);
    });
    const sizes = new ResizeObserver(() => {
      if (element.clientWidth > 0 && element.clientWidth !== made.width)
        made.setSize({ width: element.clientWidth, height });
    });
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      stopPainting();
      made.destroy();
      plot.current = null;
    };
  }
  return ref;
}
