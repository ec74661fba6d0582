// Many series in one plot, each with a colour of its own (B. Wong, Nature Methods 2011: told apart with every kind of
// colour blindness), the table that names them, and their values as a table. A press on a name shows that series alone.
import { useMemo, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Series } from '../api/types';
import { t } from '../text/i18n';
import { w } from '../text/lazy_words';
import { clockTime } from '../text/time';
import { showValue } from '../text/units';
import { align, axesOf, usePlot } from './plot';
import type { PlotMark } from './plot_marks';
import { pure } from './pure';
import { Text } from './text';
import { ValuesTable } from './values_table';
import { zoomCursor, zoomHooks, type Zoom } from './zoom';

const kColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#b8a200', '#7f7f7f'];
const kHeight = 320;

const colourOf = (index: number): string => kColours[index % kColours.length]!;
/** After the eighth series the colours come again, dashed. */
const dashOf = (index: number): number[] =>
  index < kColours.length ? [] : [2 + 2 * Math.floor(index / kColours.length), 3];

interface PlotProps {
  data: uPlot.AlignedData;
  count: number;
  span: readonly [number, number];
  marks: readonly PlotMark[];
  shown: number | null;
  zoom: Zoom | undefined;
  onHover: (index: number | null) => void;
}
function Plot({ data, count, span, marks, shown, zoom, onHover }: PlotProps) {
  const latest = useRef({ span, zoom });
  latest.current = { span, zoom };
  const ref = usePlot(
    (colours) => {
      const asked: Zoom = {
        to: (from, to) => latest.current.zoom?.to(from, to),
        back: () => latest.current.zoom?.back(),
      };
      return {
        padding: [8, 10, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          points: { size: 5 },
          ...(zoom ? zoomCursor(asked) : { drag: { x: false, y: false } }),
        },
        scales: { x: { range: () => [latest.current.span[0] / 1000, latest.current.span[1] / 1000] } },
        axes: axesOf(colours, (value) => showValue(value, 'number')),
        series: [
          {},
          ...Array.from({ length: count }, (_, index) => ({
            show: shown === null || shown === index,
            stroke: colourOf(index),
            dash: dashOf(index),
            width: 1.5,
            points: { show: false },
          })),
        ],
        hooks: {
          setCursor: [(plot) => onHover(plot.cursor.idx ?? null)],
          ...(zoom ? zoomHooks(asked) : {}),
        },
      };
    },
    data,
    kHeight,
    { span, marks },
  );
  return <div class="plot" ref={ref} />;
}

/** `{host="a"}`, or the metric's name with it. */
export function nameOf(labels: Readonly<Record<string, string>>): string {
  const { __name__: metric = '', ...rest } = labels;
  const inside = Object.entries(rest)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ');
  return inside === '' && metric !== '' ? metric : `${metric}{${inside}}`;
}

interface RowProps {
  index: number;
  name: string;
  values: readonly (number | null | undefined)[];
  at: number | null;
  alone: boolean;
  off: boolean;
  toggle: (index: number) => void;
}
function LegendRow({ index, name, values, at, alone, off, toggle }: RowProps) {
  const [lowest, highest, last] = useMemo(() => {
    let [low, high, end] = [Infinity, -Infinity, NaN];
    for (const value of values) {
      if (typeof value !== 'number') continue;
      if (value < low) low = value;
      if (value > high) high = value;
      end = value;
    }
    return [low, high, end];
  }, [values]);
  const here = at === null ? last : (values[at] ?? NaN);
  return (
    <tr class={off ? 'off' : ''}>
      <th scope="row">
        <button type="button" class="link" aria-pressed={alone} onClick={() => toggle(index)}>
          <svg class="key" viewBox="0 0 18 4" aria-hidden="true">
            <line
              x1="0"
              y1="2"
              x2="18"
              y2="2"
              stroke={colourOf(index)}
              stroke-width="3"
              stroke-dasharray={dashOf(index).join(' ')}
            />
          </svg>
          <Text value={name} />
        </button>
      </th>
      <td class="num">{showValue(here, 'number')}</td>
      <td class="num">{showValue(lowest, 'number')}</td>
      <td class="num">{showValue(highest, 'number')}</td>
    </tr>
  );
}
const PureLegendRow = pure(LegendRow);

export interface Only {
  name: string | null;
  choose: (name: string | null) => void;
}

interface LinesChartProps {
  series: readonly Series[];
  /** Unix ms of both ends. */
  span: readonly [number, number];
  /** What is marked across. */
  marks?: readonly PlotMark[];
  zoom?: Zoom;
  /** Keeps the name of the series that is shown alone; else the chart does. */
  only?: Only;
}
export function LinesChart({ series, span, marks = [], zoom, only }: LinesChartProps) {
  const [at, setAt] = useState<number | null>(null);
  const [own, setOwn] = useState<string | null>(null);
  const [asTable, setAsTable] = useState(false);
  const data = useMemo(() => align(series), [series]);
  const names = useMemo(() => series.map((one) => nameOf(one.labels)), [series]);
  const { name, choose } = only ?? { name: own, choose: setOwn };
  const index = name === null ? -1 : names.indexOf(name);
  const shown = index < 0 ? null : index;
  const choice = useRef({ names, shown, choose });
  choice.current = { names, shown, choose };
  const toggle = useRef((pressed: number) => {
    const { current } = choice;
    current.choose(current.shown === pressed ? null : current.names[pressed]!);
  });
  const time = at === null ? undefined : data[0][at];
  return (
    <figure class="lines-chart">
      <div role="img" aria-label={t('plot_label', { n: series.length })}>
        {/* uPlot fixes its series when it is made */}
        <Plot
          key={`${series.length} ${shown}`}
          data={data}
          count={series.length}
          span={span}
          marks={marks}
          shown={shown}
          zoom={zoom}
          onHover={setAt}
        />
      </div>
      <table class="lines-legend">
        <thead>
          <tr>
            <th scope="col">{t('series')}</th>
            <th scope="col">{time === undefined ? t('last_value') : clockTime(time * 1000, time * 1000)}</th>
            <th scope="col">{t('lowest')}</th>
            <th scope="col">{t('highest')}</th>
          </tr>
        </thead>
        <tbody>
          {series.map((_, index) => (
            <PureLegendRow
              key={index}
              index={index}
              name={names[index]!}
              values={data[index + 1] as (number | null | undefined)[]}
              at={at}
              alone={shown === index}
              off={shown !== null && shown !== index}
              toggle={toggle.current}
            />
          ))}
        </tbody>
      </table>
      <button
        type="button"
        class="link as-table"
        aria-expanded={asTable}
        onClick={() => setAsTable(!asTable)}
      >
        {w('as_table')}
      </button>
      {asTable && <ValuesTable data={data} names={names} />}
    </figure>
  );
}
