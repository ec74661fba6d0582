// Many series in one plot, each with a colour of its own (B. Wong, Nature Methods 2011: told apart with every kind of
// colour blindness), and the table that names them. A press on a name shows that series alone.
import { useMemo, useState } from 'preact/hooks';
import type { Series } from '../api/types';
import { t } from '../text/i18n';
import { clockTime } from '../text/time';
import { showValue } from '../text/units';
import { align, axesOf, usePlot } from './plot';
import { Text } from './text';

const kColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#b8a200', '#7f7f7f'];
const kHeight = 320;

const colourOf = (index: number): string => kColours[index % kColours.length]!;
/** After the eighth series the colours come again, dashed. */
const dashOf = (index: number): number[] =>
  index < kColours.length ? [] : [2 + 2 * Math.floor(index / kColours.length), 3];

interface PlotProps {
  series: readonly Series[];
  span: readonly [number, number];
  shown: number | null;
  onHover: (at: number | null) => void;
}
function Plot({ series, span, shown, onHover }: PlotProps) {
  const data = useMemo(() => align(series), [series]);
  const ref = usePlot(
    (colours) => ({
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
      scales: { x: { range: () => [span[0] / 1000, span[1] / 1000] } },
      axes: axesOf(colours, (value) => showValue(value, 'number')),
      series: [
        {},
        ...series.map((_, index) => ({
          show: shown === null || shown === index,
          stroke: colourOf(index),
          dash: dashOf(index),
          width: 1.5,
          points: { show: false },
        })),
      ],
      hooks: {
        setCursor: [
          (plot) => {
            const index = plot.cursor.idx;
            onHover(index === null || index === undefined ? null : (plot.data[0][index] ?? 0) * 1000);
          },
        ],
      },
    }),
    data,
    kHeight,
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

function valueAt(series: Series, at: number | null): number {
  if (at === null) return series.points.at(-1)?.[1] ?? NaN;
  return series.points.find(([time]) => time === at)?.[1] ?? NaN;
}

interface LinesChartProps {
  series: readonly Series[];
  /** Unix ms of both ends. */
  span: readonly [number, number];
}
export function LinesChart({ series, span }: LinesChartProps) {
  const [at, setAt] = useState<number | null>(null);
  const [alone, setAlone] = useState<number | null>(null);
  const shown = alone !== null && alone < series.length ? alone : null;
  return (
    <figure class="lines-chart">
      <div role="img" aria-label={t('plot_label', { n: series.length })}>
        {/* uPlot fixes its series when it is made */}
        <Plot
          key={`${series.length} ${shown} ${span[0]}`}
          series={series}
          span={span}
          shown={shown}
          onHover={setAt}
        />
      </div>
      <table class="lines-legend">
        <thead>
          <tr>
            <th scope="col">{t('series')}</th>
            <th scope="col">{at === null ? t('last_value') : clockTime(at, at)}</th>
            <th scope="col">{t('lowest')}</th>
            <th scope="col">{t('highest')}</th>
          </tr>
        </thead>
        <tbody>
          {series.map((one, index) => {
            const values = one.points.map(([, value]) => value);
            return (
              <tr key={index} class={shown !== null && shown !== index ? 'off' : ''}>
                <th scope="row">
                  <button
                    type="button"
                    class="link"
                    aria-pressed={shown === index}
                    onClick={() => setAlone(shown === index ? null : index)}
                  >
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
                    <Text value={nameOf(one.labels)} />
                  </button>
                </th>
                <td class="num">{showValue(valueAt(one, at), 'number')}</td>
                <td class="num">{showValue(Math.min(...values), 'number')}</td>
                <td class="num">{showValue(Math.max(...values), 'number')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </figure>
  );
}
