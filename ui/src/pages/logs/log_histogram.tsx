// How many lines when, errors and warnings among them. A bar that is pressed, or those dragged over, become the span that is
// shown.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { getLogHistogram } from '../../api/endpoints';
import type { ChangeEvent, LogBucket, LogHistogram } from '../../api/types';
import { now } from '../../live/clock';
import { navigate, withParams } from '../../live/router';
import type { Resource } from '../../live/resource';
import { useResource } from '../../live/use_resource';
import { Empty, Failure, Panel, Skeleton } from '../../parts/panel';
import { textOfChange } from '../../parts/plot_marks';
import type { Span } from '../../parts/range';
import { t } from '../../text/i18n';
import { clockTime } from '../../text/time';

const kBuckets = 60;
const kLiveEvery = 10_000;
/** Height of the drawing, in its own units. */
const kHeight = 100;

const sumOf = (buckets: readonly LogBucket[], key: 'count' | 'error' | 'warning'): number =>
  buckets.reduce((sum, bucket) => sum + bucket[key], 0);

const inWords = (bucket: LogBucket): string =>
  t('log_bar', {
    time: clockTime(bucket.time, now.peek()),
    lines: t('lines_all', { n: bucket.count }),
    errors: t('lines_error', { n: bucket.error }),
    warnings: t('lines_warning', { n: bucket.warning }),
  });

function Bar({ bucket, x, most, chosen }: { bucket: LogBucket; x: number; most: number; chosen: boolean }) {
  let top = kHeight;
  const part = (name: string, n: number) => {
    const height = (n / most) * kHeight;
    top -= height;
    return n > 0 && <rect class={name} x={x + 0.1} y={top} width={0.8} height={height} />;
  };
  return (
    <g class={chosen ? 'bar chosen' : 'bar'}>
      <title>{inWords(bucket)}</title>
      <rect class="room" x={x} y={0} width={1} height={kHeight} />
      {part('error', bucket.error)}
      {part('warning', bucket.warning)}
      {part('rest', bucket.count - bucket.error - bucket.warning)}
    </g>
  );
}

/** Where an instant stands among the bars; null outside of them. */
function placeOf({ buckets, step_seconds }: LogHistogram, time: string): number | null {
  const at = (Date.parse(time) - Date.parse(buckets[0]!.time)) / (step_seconds * 1000);
  return at >= 0 && at <= buckets.length ? at : null;
}

function Bars({ of, changes }: { of: LogHistogram; changes: readonly ChangeEvent[] }) {
  const { buckets, step_seconds } = of;
  const [chosen, setChosen] = useState(-1);
  const last = buckets.length - 1;
  const at = Math.min(chosen, last);
  const most = Math.max(1, ...buckets.map((bucket) => bucket.count));
  /** The bars between which a pointer that is down has moved. */
  const [dragged, setDragged] = useState<readonly [number, number] | null>(null);
  const [first, final] = [Math.min(...(dragged ?? [0])), Math.max(...(dragged ?? [0]))];
  const barUnder = (event: JSX.TargetedPointerEvent<SVGSVGElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(last, Math.floor(((event.clientX - left) / width) * buckets.length)));
  };
  const narrow = (from: number, to: number) => {
    const [begin, end] = [buckets[from], buckets[to]];
    if (!begin || !end) return;
    navigate(
      withParams({
        from: new Date(begin.time).toISOString(),
        to: new Date(Date.parse(end.time) + step_seconds * 1000 - 1).toISOString(),
        range: undefined,
        live: undefined,
      }),
    );
  };
  const steps: Record<string, number> = {
    ArrowLeft: at < 0 ? last : Math.max(0, at - 1),
    ArrowRight: at < 0 ? 0 : Math.min(last, at + 1),
    Home: 0,
    End: last,
  };
  return (
    <div class="histogram">
      <span class="most muted" aria-hidden="true">
        {most}
      </span>
      <svg
        viewBox={`0 0 ${buckets.length} ${kHeight}`}
        preserveAspectRatio="none"
        tabIndex={0}
        role="slider"
        aria-label={`${t('log_histogram')}. ${t('log_bars_hint')}`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={Math.max(0, at)}
        aria-valuetext={inWords(buckets[Math.max(0, at)]!)}
        onKeyDown={(event) => {
          const next = steps[event.key];
          if (next !== undefined) setChosen(next);
          else if (event.key === 'Enter') narrow(at, at);
          else return;
          event.preventDefault();
        }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDragged([barUnder(event), barUnder(event)]);
        }}
        onPointerMove={(event) => {
          if (dragged) setDragged([dragged[0], barUnder(event)]);
        }}
        onPointerUp={() => {
          if (dragged) narrow(first, final);
          setDragged(null);
        }}
        onPointerCancel={() => setDragged(null)}
        onBlur={() => setChosen(-1)}
      >
        {buckets.map((bucket, index) => (
          <Bar key={bucket.time} bucket={bucket} x={index} most={most} chosen={index === at} />
        ))}
        {first < final && <rect class="dragged" x={first} y={0} width={final - first + 1} height={kHeight} />}
        {changes.map((change) => {
          const x = placeOf(of, change.time);
          return (
            x !== null && (
              <g key={change.id} class="change-mark">
                <title>{textOfChange(change)}</title>
                <line x1={x} x2={x} y1={0} y2={kHeight} />
              </g>
            )
          );
        })}
      </svg>
      <p class="axis muted">
        <span>{clockTime(buckets[0]!.time, now.peek())}</span>
        {at >= 0 && <span aria-hidden="true">{inWords(buckets[at]!)}</span>}
        <span>{clockTime(Date.parse(buckets[last]!.time) + step_seconds * 1000, now.peek())}</span>
      </p>
    </div>
  );
}

function Totals({ buckets }: { buckets: readonly LogBucket[] }) {
  return (
    <span class="totals">
      <span class="rest">{t('lines_all', { n: sumOf(buckets, 'count') })}</span>
      <span class="error">{t('lines_error', { n: sumOf(buckets, 'error') })}</span>
      <span class="warning">{t('lines_warning', { n: sumOf(buckets, 'warning') })}</span>
    </span>
  );
}

/** Read anew from time to time while live. */
export function useHistogram(q: string, span: Span, live: boolean): Resource<LogHistogram> {
  const loaded = useResource(JSON.stringify([q, span]), (signal) =>
    getLogHistogram({ q, ...span, buckets: kBuckets }, signal),
  );
  useEffect(() => {
    if (!live) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) loaded.reload();
    }, kLiveEvery);
    return () => clearInterval(timer);
  }, [loaded, live]);
  return loaded;
}

interface HistogramProps {
  of: Resource<LogHistogram>;
  /** Marked where they were. */
  changes: readonly ChangeEvent[];
}
export function Histogram({ of: loaded, changes }: HistogramProps) {
  const answer = loaded.data.value;
  return (
    <Panel title={t('log_histogram')} aside={answer && <Totals buckets={answer.buckets} />}>
      {answer ? (
        answer.buckets.length > 0 ? (
          <Bars of={answer} changes={changes} />
        ) : (
          <Empty>{t('no_lines_found')}</Empty>
        )
      ) : loaded.error.value ? (
        <Failure error={loaded.error.value} retry={() => loaded.reload()} />
      ) : (
        <Skeleton rows={4} />
      )}
    </Panel>
  );
}
