// What does a metric look like, split by what? A PromQL expression over a range, both in the URL; the page's own address
// is /explore, as /metrics is what the server says about itself.
import { useRef } from 'preact/hooks';
import '../style/manage.css';
import { metricNames, queryRange } from '../api/endpoints';
import { useKeys } from '../live/keys';
import { serverNow } from '../live/clock';
import { navigate, query, withParams } from '../live/router';
import { useResource } from '../live/use_resource';
import { RangePicks, kRanges, rangeOf, type Range } from '../parts/range';
import { LinesChart } from '../parts/lines_chart';
import { Empty, Failure, Panel, Skeleton } from '../parts/panel';
import { ToBoard } from '../parts/to_board';
import { t } from '../text/i18n';

/** Points of a line: about one a pixel. */
const kPoints = 600;
const kMinStep = 10;
const kMaxShown = 40;

const kExamples: readonly string[] = [
  'host_cpu_used_ratio',
  'sum by (host) (rate(host_network_receive_bytes_total[5m]))',
  'topk(5, service_memory_resident_bytes)',
  'max by (service) (service_open_files)',
];

function Asked({ expression, range }: { expression: string; range: Range }) {
  const seconds = kRanges[range];
  const step = Math.max(kMinStep, Math.ceil(seconds / kPoints));
  const loaded = useResource(`${expression} ${range}`, async (signal) => {
    const end = Math.floor(serverNow() / 1000 / step) * step;
    const start = end - seconds;
    const series = await queryRange({ query: expression, start, end, step }, signal);
    return {
      series: series.filter((one) => one.points.length > 0),
      span: [start * 1000, end * 1000] as const,
    };
  });
  const answer = loaded.data.value;
  if (loaded.error.value) return <Failure error={loaded.error.value} retry={() => loaded.reload()} />;
  if (!answer) return <Skeleton rows={8} />;
  if (answer.series.length === 0) return <Empty>{t('no_series')}</Empty>;
  const cut = answer.series.length - kMaxShown;
  return (
    <Panel
      title={t('series_shown', { n: answer.series.length })}
      aside={
        <div class="bar">
          <ToBoard panel={{ kind: 'metrics', query: expression, title: expression.slice(0, 200) }} />
          <button type="button" onClick={() => loaded.reload()}>
            {t('again')}
          </button>
        </div>
      }
    >
      <LinesChart series={answer.series.slice(0, kMaxShown)} span={answer.span} />
      {cut > 0 && <p class="muted pad">{t('series_cut', { n: cut })}</p>}
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
  const range = rangeOf(query.value.get('range'));
  const run = () => navigate(withParams({ q: box.current?.value.trim() ?? '' }));
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
        <textarea
          ref={box}
          key={expression}
          rows={2}
          spellcheck={false}
          aria-label={t('expression')}
          placeholder={t('expression_hint')}
          defaultValue={expression}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey) return;
            event.preventDefault();
            run();
          }}
        />
        <RangePicks chosen={range} />
        <button type="submit" class="primary">
          {t('run')}
        </button>
      </form>
      {expression === '' ? (
        <Examples />
      ) : (
        <Asked key={`${expression} ${range}`} expression={expression} range={range} />
      )}
    </div>
  );
}
