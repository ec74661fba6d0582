// A metric over time: axes, one line per series, the moment of an alert as a rule across, the value under the pointer
// in the title line.
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Series } from '../api/types';
import { clockTime } from '../text/time';
import { t } from '../text/i18n';
import { showValue, type Unit } from '../text/units';
import { Text } from './text';
import { align, axesOf, usePlot, withAlpha } from './plot';
import type { PlotMark } from './plot_marks';

const kHeight = 104;

interface ChartProps {
  name: string;
  /** Whose: beside the name, quieter. */
  of?: string;
  series: readonly Series[];
  unit: Unit;
  /** Unix ms to mark. */
  marks?: readonly PlotMark[];
  /** Unix ms of both ends; else those of the data. */
  span?: readonly [number, number] | undefined;
}

/** Steps of the value axis that read well: powers of two for bytes, whole numbers for counts. */
function stepsOf(unit: Unit, series: readonly Series[]): number[] | undefined {
  if (unit === 'bytes' || unit === 'bytes/s') return Array.from({ length: 50 }, (_, power) => 2 ** power);
  const whole =
    unit === 'number' && series.every((one) => one.points.every(([, value]) => Number.isInteger(value)));
  return whole ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000, 1000000] : undefined;
}

function Plot({
  series,
  unit,
  marks = [],
  span,
  onHover,
}: Omit<ChartProps, 'name' | 'of'> & { onHover: (index: number | null) => void }) {
  const data = useMemo(() => align(series), [series]);
  const ends = useRef(span);
  ends.current = span;
  const ref = usePlot(
    (colours) => {
      const steps = stepsOf(unit, series);
      return {
        padding: [6, 8, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
        scales: {
          x: {
            range: (_plot, low, high) =>
              ends.current ? [ends.current[0] / 1000, ends.current[1] / 1000] : [low, high],
          },
          y: { range: (_plot, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.1 : 1] },
        },
        axes: axesOf(colours, (value) => showValue(value, unit), steps),
        series: [
          {},
          ...series.map((_, index) => ({
            stroke: () => withAlpha(colours().line, index === 0 ? 1 : 0.55),
            ...(series.length === 1 ? { fill: () => withAlpha(colours().line, 0.1) } : {}),
            dash: index === 0 ? [] : [4, 2 + index],
            width: 1.4,
            points: { show: false },
            spanGaps: true,
          })),
        ],
        hooks: {
          setCursor: [(plot) => onHover(plot.cursor.idx ?? null)],
        },
      };
    },
    data,
    kHeight,
    { marks },
  );
  return <div class="plot" ref={ref} />;
}

export function Chart({ name, of = '', series, unit, marks = [], span }: ChartProps) {
  const [hover, setHover] = useState<number | null>(null);
  const first = series[0]!;
  const values = first.points.map(([, value]) => value);
  const point = hover === null ? undefined : first.points[hover];
  const last = first.points.at(-1)!;
  const label = t('chart_label', {
    name,
    min: showValue(Math.min(...values), unit),
    max: showValue(Math.max(...values), unit),
    last: showValue(last[1], unit),
  });
  return (
    <figure class="chart">
      <figcaption>
        <span class="name">
          {name}
          {of && (
            <small>
              <Text value={of} />
            </small>
          )}
        </span>
        {point && <span class="muted">{clockTime(point[0], point[0])}</span>}
        <span class="value">{showValue((point ?? last)[1], unit)}</span>
      </figcaption>
      <div role="img" aria-label={label}>
        {/* uPlot fixes its series when it is made */}
        <Plot key={series.length} series={series} unit={unit} marks={marks} span={span} onHover={setHover} />
      </div>
    </figure>
  );
}
