// What the two kinds of charts share: uPlot made, fed, resized, repainted and destroyed with its element. A canvas
// cannot see CSS variables, so colours are read from the element: color = line, outline-color = axis text,
// border-top-color = grid.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { effect } from '@preact/signals';
import type { Series } from '../api/types';
import { repaint } from '../live/theme';
import { clockTime, dayOf, zone } from '../text/time';
import { namedZone } from '../text/zones';
import { placeMarks, type PlotMark } from './plot_marks';

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

/** The clock, with seconds where labels would be alike without them; at midnight the day that begins. */
function tickText(ms: number, step: number): string {
  const text = clockTime(ms, ms);
  if (text.startsWith('00:00:00')) return dayOf(ms);
  return text.slice(0, step < 60 ? 8 : 5);
}

/** As uPlot wants it: a date whose fields in the browser's own zone are those of the zone that is shown. */
const inZone = (at: number): Date => {
  const name = zone.peek();
  return uPlot.tzDate(new Date(at * 1000), name === 'utc' ? 'UTC' : namedZone(name));
};

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
      size: 23,
      gap: 5,
      space: 56,
      values: (_plot, splits, _axis, _space, step) => splits.map((at) => tickText(at * 1000, step)),
    },
    {
      ...axis,
      ...(steps ? { incrs: steps } : {}),
      size: 64,
      gap: 4,
      space: 28,
      values: (_plot, splits) => splits.map(show),
    },
  ];
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

interface PlotSurroundings {
  /** Unix ms of both ends, for plots whose x axis follows it. */
  span?: readonly [number, number];
  marks?: readonly PlotMark[];
}
const kNoMarks: readonly PlotMark[] = [];

/** `make` is called once per element, when it first comes near the screen: a long page has hundreds of charts that
 *  nobody looks at. All else may change as often as it likes. */
export function usePlot(
  make: (colours: () => PlotColours) => PlotOptions,
  data: uPlot.AlignedData,
  height: number,
  { span, marks = kNoMarks }: PlotSurroundings = {},
) {
  const ref = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ data, marks });
  latest.current = { data, marks };
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
  useEffect(() => {
    if (plot.current) placeMarks(plot.current, marks);
  }, [marks]);

  function start(element: HTMLDivElement): () => void {
    let colours = coloursOf(element);
    const options = {
      ...make(() => colours),
      tzDate: inZone,
      width: element.clientWidth || 80,
      height,
      plugins: [{ hooks: { draw: (drawn: uPlot) => placeMarks(drawn, latest.current.marks) } }],
    };
    const made = new uPlot(options, latest.current.data, element);
    plot.current = made;
    const stopPainting = effect(() => {
      repaint.value;
      zone.value;
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
