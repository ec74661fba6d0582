// What does a metric look like, split by what? A PromQL expression over a range, both in the URL; the page's own address
// is /explore, as /metrics is what the server says about itself.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import '../../style/manage.css';
import { getChanges, metricNames, queryRange } from '../../api/endpoints';
import type { ChangeEvent, Series } from '../../api/types';
import { may } from '../../api/session';
import { useKeys } from '../../live/keys';
import { serverNow } from '../../live/clock';
import { navigate, query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { ExpressionBox } from '../../parts/expression_box';
import { RangePicks, rangeOf, spanOf } from '../../parts/range';
import { csvOf, saveFile } from '../../parts/csv';
import { LinesChart, nameOf } from '../../parts/lines_chart';
import { align } from '../../parts/plot';
import { markOfChange } from '../../parts/plot_marks';
import { Empty, Failure, Panel, Skeleton } from '../../parts/panel';
import { SpanField } from '../../parts/span_field';
import { Text } from '../../parts/text';
import { ToBoard } from '../../parts/to_board';
import { At } from '../../parts/when';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { spanEnd, type TimeSpan } from '../../text/span_text';
import { CancelBar, LiveButton, isMoving, useCancel, useReload } from './explore_live';
import { comparisonOf, fromThePast, kComparisons, pastBy } from './compare';
import { WaysOut } from '../ways_out';

/** Points of a line: about one a pixel. */
const kPoints = 600;
const kMinStep = 10;
const kMaxShown = 40;
const kMostChanges = 100;

const kMostRemembered = 50;
const kExamples: readonly string[] = [
  'host_cpu_used_ratio',
  'sum by (host) (rate(host_network_receive_bytes_total[5m]))',
  'topk(5, service_memory_resident_bytes)',
  'max by (service) (service_open_files)',
];

/** What was asked since the page was loaded, newest first, and which of it is in the box. */
const asked: string[] = [];
let recalled = 0;
function remember(expression: string): void {
  recalled = 0;
  if (expression === '' || asked[0] === expression) return;
  asked.unshift(expression);
  asked.length = Math.min(asked.length, kMostRemembered);
}
function recall(step: number): string | undefined {
  recalled = Math.max(0, Math.min(asked.length - 1, recalled + step));
  return asked[recalled];
}

interface Answer {
  series: Series[];
  /** Of the question, Unix ms. */
  span: readonly [number, number];
}

function stepOf(seconds: number): number {
  return Math.max(kMinStep, Math.ceil(seconds / kPoints));
}

/** Begins and ends at whole steps, so that the same question gets the same points. */
function endsOf(span: TimeSpan): readonly [number, number] {
  const [from, to] = [spanEnd(span.from, serverNow()), spanEnd(span.to, serverNow())];
  const step = stepOf((to - from) / 1000) * 1000;
  return [Math.floor(from / step) * step, Math.ceil(to / step) * step];
}

/** As the table shows it: a row an instant, a column a series. */
function save(series: readonly Series[]): void {
  const [times, ...columns] = align(series);
  const head = [t('time'), ...series.map((one) => nameOf(one.labels))];
  const rows = [...times].map((at, index) => [
    new Date(at * 1000).toISOString(),
    ...columns.map((column) => column[index] ?? ''),
  ]);
  saveFile('apollo.csv', new Blob([csvOf([head, ...rows])], { type: 'text/csv' }));
}

function Changes({ changes }: { changes: readonly ChangeEvent[] }) {
  if (changes.length === 0) return null;
  return (
    <details class="span-changes">
      <summary>{w('changes_here', { n: changes.length })}</summary>
      <ul class="changes">
        {changes.map((change) => (
          <li key={change.id}>
            <At time={change.time} />
            <span class="where">
              <Text value={change.host} />
            </span>
            <span class="text" title={change.type}>
              <Text value={change.summary || change.type} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Asked({ expression, span }: { expression: string; span: TimeSpan }) {
  const key = JSON.stringify(span);
  const comparison = comparisonOf(query.value.get('compare'));
  const { cancellable, begun, cancel } = useCancel();
  const loaded = useResource(
    `${expression} ${key} ${comparison}`,
    cancellable(async (signal): Promise<Answer> => {
      const ends = endsOf(span);
      const [start, end] = [ends[0] / 1000, ends[1] / 1000];
      const ask = (by: number) =>
        queryRange(
          { query: expression, start: start - by / 1000, end: end - by / 1000, step: stepOf(end - start) },
          signal,
        );
      const by = comparison ? pastBy(comparison, ends[1] - ends[0]) : 0;
      const [present, past] = await Promise.all([ask(0), comparison ? ask(by) : []]);
      const series = [...present, ...(comparison ? fromThePast(past, comparison, by) : [])];
      return { series: series.filter((one) => one.points.length > 0), span: ends };
    }),
  );
  useReload(loaded, span);
  const changed = useResource(key, (signal) =>
    getChanges({ from: span.from, to: span.to, limit: kMostChanges }, signal),
  );
  // What was drawn stays, at its new span, until the answer for that is here.
  const before = useRef<Answer | null>(null);
  const [zoomed, setZoomed] = useState<readonly [number, number] | null>(null);
  const fresh = loaded.data.value;
  const answer = fresh ?? before.current;
  before.current = answer;
  useEffect(() => setZoomed(null), [fresh]);
  const changes = changed.data.value?.items ?? [];
  const shown = useMemo(() => answer?.series.slice(0, kMaxShown) ?? [], [answer]);
  const marks = useMemo(() => changes.map(markOfChange), [changed.data.value]);
  const cancelBar = <CancelBar begun={begun} cancel={cancel} />;
  if (loaded.error.value) return <Failure error={loaded.error.value} retry={() => loaded.reload()} />;
  if (!answer)
    return (
      <>
        {cancelBar}
        <Skeleton rows={8} />
      </>
    );
  if (answer.series.length === 0)
    return (
      <Empty>
        {t('no_series')} <WaysOut />
      </Empty>
    );
  const cut = answer.series.length - kMaxShown;
  return (
    <Panel
      title={t('series_shown', { n: answer.series.length })}
      class={fresh ? '' : 'dimmed'}
      aside={
        <div class="bar">
          <ToBoard panel={{ kind: 'metrics', query: expression, title: expression.slice(0, 200) }} />
          {may('operator') && (
            <a class="button" href={`/rules/new?promql=${encodeURIComponent(expression)}`}>
              {w('make_rule')}
            </a>
          )}
          <button type="button" onClick={() => save(answer.series)}>
            CSV
          </button>
          {isMoving(span) && <LiveButton />}
          <button type="button" onClick={() => loaded.reload()}>
            {t('again')}
          </button>
        </div>
      }
    >
      {cancelBar}
      <LinesChart
        series={shown}
        span={zoomed ?? answer.span}
        marks={marks}
        only={{
          name: query.value.get('only'),
          choose: (name) => navigate(withParams({ only: name ?? undefined }), 'replace'),
        }}
        zoom={{
          to: (from, to) => {
            setZoomed([from, to]);
            const iso = (ms: number) => new Date(ms).toISOString();
            navigate(withParams({ from: iso(from), to: iso(to), range: undefined }));
          },
          back: () => history.back(),
        }}
      />
      {cut > 0 && <p class="muted pad">{t('series_cut', { n: cut })}</p>}
      <Changes changes={changes} />
    </Panel>
  );
}

function Examples() {
  const names = useResource('names', metricNames);
  const all = names.data.value ?? [];
  return (
    <div class="split">
      <Panel title={t('examples')}>
        <ul class="plain">
          {kExamples.map((one) => (
            <li key={one}>
              <a href={withParams({ q: one })}>
                <code>{one}</code>
              </a>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title={t('metrics_known', { n: all.length })} class="scrolls">
        <ul class="plain columns-of-names">
          {all.map((one) => (
            <li key={one}>
              <a href={withParams({ q: one })}>{one}</a>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

export function ExplorePage() {
  const box = useRef<HTMLTextAreaElement>(null);
  const expression = query.value.get('q') ?? '';
  const span = spanOf();
  const range = query.value.has('from') ? null : rangeOf(query.value.get('range'));
  const run = () => navigate(withParams({ q: box.current?.value.trim() ?? '' }));
  useEffect(() => remember(expression), [expression]);
  useKeys({ '/': () => box.current?.focus() });
  return (
    <div class="page explore">
      <h1>{t('metrics')}</h1>
      <form
        class="expression"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <ExpressionBox box={box} value={expression} run={run} recall={recall} />
        <RangePicks chosen={range} />
        <SpanField span={span} />
        <select
          class="compare"
          aria-label={w('compare')}
          value={query.value.get('compare') ?? ''}
          onChange={(event) => navigate(withParams({ compare: event.currentTarget.value }), 'replace')}
        >
          <option value="">{w('compare')}</option>
          {kComparisons.map((one) => (
            <option key={one} value={one}>
              {wordOf('compare_', one)}
            </option>
          ))}
        </select>
        <button type="submit" class="primary">
          {t('run')}
        </button>
      </form>
      {expression === '' ? <Examples /> : <Asked key={expression} expression={expression} span={span} />}
    </div>
  );
}
