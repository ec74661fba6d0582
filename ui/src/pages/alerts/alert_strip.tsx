// What came and went: beginnings above the line, ends below it. A bar that is pressed, or chosen with the keyboard, becomes
// the span of time that is listed.
import { useEffect, useState } from 'preact/hooks';
import '../../style/watch.css';
import type { AlertRowQuery } from '../../api/endpoints';
import { getAlertTurns, type AlertTurns } from '../../api/manage';
import { now } from '../../live/clock';
import { navigate, query, withParams } from '../../live/router';
import { onStream } from '../../live/stream';
import { useResource } from '../../live/use_resource';
import { RangePicks, rangeOf, spanOf } from '../../parts/range';
import { SpanField } from '../../parts/span_field';
import { Failure, Skeleton } from '../../parts/panel';
import { clockTime } from '../../text/time';
import { w } from '../../text/lazy_words';

const kBuckets = 60;
/** Of either half of the drawing, in its own units. */
const kHalf = 50;

type Turn = AlertTurns['buckets'][number];

const inWords = ({ time, opened, closed }: Turn): string =>
  w('strip_bar', {
    time: clockTime(time, now.peek()),
    opened: w('strip_opened', { n: opened }),
    closed: w('strip_closed', { n: closed }),
  });

function Bars({ of: { buckets, step_seconds } }: { of: AlertTurns }) {
  const [chosen, setChosen] = useState(-1);
  const last = buckets.length - 1;
  const most = Math.max(1, ...buckets.map(({ opened, closed }) => Math.max(opened, closed)));
  const narrow = (index: number) => {
    const bucket = buckets[index];
    if (!bucket) return;
    const from = Date.parse(bucket.time);
    const to = new Date(from + step_seconds * 1000 - 1).toISOString();
    navigate(withParams({ from: new Date(from).toISOString(), to, range: undefined }));
  };
  const steps: Record<string, number> = {
    ArrowLeft: chosen < 0 ? last : Math.max(0, chosen - 1),
    ArrowRight: Math.min(last, chosen + 1),
    Home: 0,
    End: last,
  };
  const height = (n: number) => (n / most) * (kHalf - 2);
  return (
    <div class="turns">
      <svg
        viewBox={`0 0 ${buckets.length} ${2 * kHalf}`}
        preserveAspectRatio="none"
        tabIndex={0}
        role="slider"
        aria-label={`${w('strip')}. ${w('strip_hint')}`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={Math.max(0, chosen)}
        aria-valuetext={inWords(buckets[Math.max(0, chosen)]!)}
        onKeyDown={(event) => {
          const next = steps[event.key];
          if (next !== undefined) setChosen(next);
          else if (event.key === 'Enter') narrow(chosen);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
        onClick={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          narrow(Math.floor(((event.clientX - left) / width) * buckets.length));
        }}
        onBlur={() => setChosen(-1)}
      >
        <line x1={0} x2={buckets.length} y1={kHalf} y2={kHalf} />
        {buckets.map((bucket, x) => (
          <g key={bucket.time} class={x === chosen ? 'turn chosen' : 'turn'}>
            <title>{inWords(bucket)}</title>
            <rect class="room" x={x} y={0} width={1} height={2 * kHalf} />
            <rect
              class="opened"
              x={x + 0.1}
              y={kHalf - height(bucket.opened)}
              width={0.8}
              height={height(bucket.opened)}
            />
            <rect class="closed" x={x + 0.1} y={kHalf} width={0.8} height={height(bucket.closed)} />
          </g>
        ))}
      </svg>
      <p class="axis muted">
        <span>{clockTime(buckets[0]!.time, now.peek())}</span>
        {chosen >= 0 && <span aria-hidden="true">{inWords(buckets[chosen]!)}</span>}
        <span>{clockTime(Date.parse(buckets[last]!.time) + step_seconds * 1000, now.peek())}</span>
      </p>
    </div>
  );
}

/** Whether the list is of a span of time; else it is of what stands now. */
export const isSpanned = (): boolean => query.value.has('from') || query.value.has('range');

/** `asked`: what the list below is of. Its statuses do not matter here: what has ended counts. */
export function AlertStrip({ asked }: { asked: AlertRowQuery }) {
  const spanned = isSpanned();
  const span = spanned ? spanOf('24h') : { from: 'now-24h', to: 'now' };
  const { severity, host, service, rule, owner, q, environment } = asked;
  const meant = { severity, host, service, rule, owner, q, environment } as AlertRowQuery;
  const loaded = useResource(JSON.stringify([meant, span]), (signal) =>
    getAlertTurns({ ...meant, ...span, buckets: kBuckets }, signal),
  );
  useEffect(
    () =>
      onStream((event) => {
        if (event.event === 'alert' || event.event === 'resync') loaded.reload();
      }),
    [loaded],
  );
  const turns = loaded.data.value;
  const sum = (key: 'opened' | 'closed') => turns?.buckets.reduce((all, one) => all + one[key], 0) ?? 0;
  return (
    <section class="panel strip" aria-label={w('strip')}>
      <header>
        <h2>{spanned ? w('strip_span') : w('strip')}</h2>
        <div class="bar">
          {turns && (
            <span class="totals-of-turns">
              <span class="opened">{w('strip_opened', { n: sum('opened') })}</span>
              <span class="closed">{w('strip_closed', { n: sum('closed') })}</span>
            </span>
          )}
          <a
            class="button"
            href={withParams({ from: undefined, to: undefined, range: undefined })}
            aria-current={spanned ? undefined : 'true'}
          >
            {w('strip_now')}
          </a>
          <RangePicks
            chosen={spanned && !query.value.has('from') ? rangeOf(query.value.get('range'), '24h') : null}
            first={null}
          />
          <SpanField span={span} />
        </div>
      </header>
      {turns ? (
        <Bars of={turns} />
      ) : loaded.error.value ? (
        <Failure error={loaded.error.value} retry={() => loaded.reload()} />
      ) : (
        <Skeleton rows={2} />
      )}
    </section>
  );
}
