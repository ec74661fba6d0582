// The number that raised the alert, with what it was compared with: each level as a line across, the band of a season as a
// field behind it.
import { useMemo, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import '../../style/watch.css';
import { queryRange } from '../../api/endpoints';
import { getBand, type BandLine } from '../../api/manage';
import type { Series, Threshold } from '../../api/types';
import { useResource } from '../../live/use_resource';
import { align, axesOf, usePlot, withAlpha, type PlotColours } from '../../parts/plot';
import type { PlotMark } from '../../parts/plot_marks';
import { Empty, Skeleton } from '../../parts/panel';
import { t, word } from '../../text/i18n';
import { showValue, unitOf, type Unit } from '../../text/units';
import { w } from '../../text/lazy_words';

const kHeight = 150;
const kPoints = 300;
const kMinStep = 10;
/** As in style/tokens.css; a canvas cannot see its variables. */
const kFills: Readonly<Record<string, string>> = {
  critical: '#c2002f',
  major: '#d55e00',
  minor: '#e69f00',
  warning: '#b8a200',
  informational: '#2f7fc1',
};

/** Whether a series is the alert's: no label that both have differs. */
export const isOf = (
  labels: Readonly<Record<string, string>>,
  alert: Readonly<Record<string, string>>,
): boolean =>
  Object.entries(alert).every(([name, value]) => labels[name] === undefined || labels[name] === value);

/** The unit of an expression: that of the metric it names, unless a ratio is made of two. */
export function unitOfExpression(expression: string): Unit {
  if (/\s\/\s/.test(expression)) return 'ratio';
  const metric = /[a-zA-Z_:][\w:]*_(?:bytes|ratio|seconds)(?:_total)?\b/.exec(expression)?.[0] ?? '';
  return unitOf(metric, /\b(?:rate|irate|deriv)\(/.test(expression));
}

interface Drawn {
  value: Series;
  band: { lower: Series; upper: Series } | null;
}

const seriesOf = (line: BandLine): Series => ({
  labels: line.labels,
  kind: 'gauge',
  points: line.points.map(([at, value]) => [at * 1000, value]),
});

/** `of` is null when nothing was measured in the span. */
async function load(
  threshold: Threshold,
  ruleId: string,
  [from, to]: readonly [number, number],
  signal: AbortSignal,
): Promise<{ of: Drawn | null }> {
  const step = Math.max(kMinStep, Math.ceil((to - from) / 1000 / kPoints));
  const [start, end] = [Math.floor(from / 1000 / step) * step, Math.ceil(to / 1000 / step) * step];
  const ask = queryRange({ query: threshold.expression, start, end, step }, signal);
  const lines = threshold.season
    ? (await getBand(ruleId, new Date(from).toISOString(), new Date(to).toISOString(), signal)).series
    : [];
  const bound = (name: BandLine['bound']) =>
    lines.find((line) => line.bound === name && isOf(line.labels, threshold.labels));
  const [lower, upper] = [bound('lower'), bound('upper')];
  const value = (await ask).find((one) => one.points.length > 0 && isOf(one.labels, threshold.labels));
  if (!value) return { of: null };
  const band = lower && upper ? { lower: seriesOf(lower), upper: seriesOf(upper) } : null;
  return { of: { value, band } };
}

interface Level {
  value: number;
  severity: string;
}

/** Lines across at the levels, dashed, each in its severity's colour and with its word. */
function drawLevels(plot: uPlot, levels: readonly Level[], colours: PlotColours, unit: Unit): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.textAlign = 'right';
  ctx.textBaseline = 'alphabetic';
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  // Levels close together are told apart by their colours: words would lie over one another.
  let lastWord = -Infinity;
  for (const { value, severity } of [...levels].sort((a, b) => b.value - a.value)) {
    const y = plot.valToPos(value, 'y', true);
    if (!(y >= bbox.top && y <= bbox.top + bbox.height)) continue;
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.strokeStyle = kFills[severity] ?? colours.text;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    if (y - lastWord < 12 * devicePixelRatio) continue;
    lastWord = y;
    ctx.fillStyle = colours.text;
    ctx.fillText(
      `${word(severity)} ${showValue(value, unit)}`,
      bbox.left + bbox.width - 4,
      y - 4 * devicePixelRatio,
    );
  }
  ctx.restore();
}

interface PlotProps {
  drawn: Drawn;
  levels: readonly Level[];
  unit: Unit;
  marks: readonly PlotMark[];
  span: readonly [number, number];
}
function Plot({ drawn, levels, unit, marks, span }: PlotProps) {
  const { value, band } = drawn;
  const data = useMemo(() => align(band ? [value, band.upper, band.lower] : [value]), [drawn]);
  const ends = useRef(span);
  ends.current = span;
  const highest = Math.max(...levels.map((level) => level.value), 0);
  const lowest = Math.min(...levels.map((level) => level.value), 0);
  const ref = usePlot(
    (colours) => ({
      padding: [10, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
      scales: {
        x: { range: () => [ends.current[0] / 1000, ends.current[1] / 1000] },
        y: {
          range: (_plot, low, high) => [Math.min(lowest, low ?? 0), Math.max(highest, high ?? 0) * 1.12 || 1],
        },
      },
      axes: axesOf(colours, (one) => showValue(one, unit)),
      ...(band ? { bands: [{ series: [2, 3], fill: withAlpha(colours().line, 0.16) }] } : {}),
      series: [
        {},
        { stroke: () => colours().line, width: 1.6, points: { show: false }, spanGaps: true },
        ...(band ? [1, 2] : []).map(() => ({
          stroke: () => withAlpha(colours().line, 0.35),
          width: 1,
          points: { show: false },
          spanGaps: true,
        })),
      ],
      hooks: { draw: [(plot) => drawLevels(plot, levels, colours(), unit)] },
    }),
    data,
    kHeight,
    { span, marks },
  );
  return <div class="plot" ref={ref} />;
}

interface ThresholdChartProps {
  threshold: Threshold;
  ruleId: string;
  marks: readonly PlotMark[];
  span: readonly [number, number];
}
export function ThresholdChart({ threshold, ruleId, marks, span }: ThresholdChartProps) {
  const loaded = useResource(JSON.stringify([threshold, span]), (signal) =>
    load(threshold, ruleId, span, signal),
  );
  const unit = unitOfExpression(threshold.expression);
  // A season's levels are spreads, which the band shows.
  const levels = threshold.season
    ? []
    : threshold.levels.map(({ set, severity }) => ({ value: set, severity }));
  const compared = threshold.season
    ? w('threshold_band')
    : threshold.levels
        .map(({ severity, set }) =>
          w('threshold_is', {
            severity: word(severity),
            compare: threshold.compare,
            value: showValue(set, unit),
          }),
        )
        .join(', ');
  // What was drawn stays until the answer for a newer span is here.
  const before = useRef<Drawn | null>(null);
  if (loaded.data.value) before.current = loaded.data.value.of;
  const drawn = before.current;
  const last = drawn?.value.points.at(-1)?.[1];
  return (
    <figure class="chart threshold-chart">
      <figcaption>
        <span class="name">
          {w('why_raised')} <small>{compared}</small>
        </span>
        {last !== undefined && <span class="value">{showValue(last, unit)}</span>}
      </figcaption>
      {drawn ? (
        <div role="img" aria-label={`${w('why_raised')}: ${compared}`}>
          <Plot
            key={drawn.band ? 'band' : 'levels'}
            drawn={drawn}
            levels={levels}
            unit={unit}
            marks={marks}
            span={span}
          />
        </div>
      ) : loaded.error.value ? (
        <Empty>{t('load_failed', { why: loaded.error.value.message })}</Empty>
      ) : loaded.data.value ? (
        <Empty>{t('no_gauges')}</Empty>
      ) : (
        <Skeleton rows={3} />
      )}
      <p class="muted expression-line">
        <code>{threshold.expression}</code>
      </p>
    </figure>
  );
}
