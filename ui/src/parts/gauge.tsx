// A live value with its last minutes as a sparkline. A value that is no longer current is greyed and says how old it is.
import { useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Point } from '../api/types';
import { kStaleAfter } from '../live/gauges';
import { now } from '../live/clock';
import { duration } from '../text/time';
import { t } from '../text/i18n';
import { showValue, type Unit } from '../text/units';
import { usePlot, withAlpha } from './plot';

const kHeight = 22;
const kNoAxes = [{ show: false }, { show: false }];

function Sparkline({ points, ceiling }: { points: readonly Point[]; ceiling: number }) {
  const data = useMemo<uPlot.AlignedData>(
    () => [points.map(([time]) => time / 1000), points.map(([, value]) => value)],
    [points],
  );
  const ref = usePlot(
    (colours) => ({
      padding: [2, 0, 1, 0],
      cursor: { show: false },
      legend: { show: false },
      axes: kNoAxes,
      scales: { y: { range: (_plot, _low, high) => [0, Math.max(ceiling, high || 0)] } },
      series: [
        {},
        {
          stroke: () => colours().line,
          fill: () => withAlpha(colours().line, 0.16),
          width: 1.25,
          points: { show: false },
        },
      ],
    }),
    data,
    kHeight,
  );
  return <div class="spark" ref={ref} aria-hidden="true" />;
}

interface GaugeProps {
  points: readonly Point[] | null;
  unit: Unit;
  /** The scale reaches at least this far. */
  ceiling: number;
  /** From here on the value asks for attention. */
  high?: number;
}

export function Gauge({ points, unit, ceiling, high = Infinity }: GaugeProps) {
  const last = points?.at(-1) ?? null;
  const time = last?.[0] ?? 0;
  const oldText = useComputed(() => (now.value - time > kStaleAfter ? duration(now.value - time) : ''));
  if (!last)
    return <span class="gauge none">{points === null ? <span class="muted">…</span> : <span class="muted">{t('no_data')}</span>}</span>;
  const old = oldText.value !== '';
  return (
    <span class={`gauge${old ? ' old' : ''}${!old && last[1] >= high ? ' high' : ''}`}>
      <Sparkline points={points!} ceiling={ceiling} />
      <span class="value">
        {showValue(last[1], unit)}
        {old && <small>{t('old_value', { age: oldText.value })}</small>}
      </span>
    </span>
  );
}
