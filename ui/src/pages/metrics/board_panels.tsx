// What a board shows: a plot of an expression, the last lines of a search, a list of alerts, a text.
import { useEffect } from 'preact/hooks';
import { getAlerts, queryRange, searchLogs } from '../../api/endpoints';
import type { BoardPanel } from '../../api/manage';
import { serverNow } from '../../live/clock';
import { onStream } from '../../live/stream';
import { useResource } from '../../live/use_resource';
import { LinesChart } from '../../parts/lines_chart';
import { Loaded } from '../../parts/listing';
import { LogLine } from '../../parts/log_line';
import { Markdown } from '../../parts/markdown';
import { SeverityBadge } from '../../parts/mark';
import { Empty } from '../../parts/panel';
import { kRanges, type Range } from '../../parts/range';
import { Text } from '../../parts/text';
import { Age } from '../../parts/when';
import { t } from '../../text/i18n';

const kPoints = 300;
const kMinStep = 10;
const kMaxSeries = 20;
const kLines = 50;
const kAlerts = 20;
/** Panels are read anew this often; alerts when the stream says so. */
const kEvery = 30_000;

function useFresh(reload: () => void, deps: readonly unknown[]): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, kEvery);
    return () => clearInterval(timer);
  }, deps);
}

function Metrics({ query, range }: { query: string; range: Range }) {
  const seconds = kRanges[range];
  const step = Math.max(kMinStep, Math.ceil(seconds / kPoints));
  const loaded = useResource(`${query} ${range}`, async (signal) => {
    const end = Math.floor(serverNow() / 1000 / step) * step;
    const start = end - seconds;
    const series = await queryRange({ query, start, end, step }, signal);
    return {
      series: series.filter((one) => one.points.length > 0),
      span: [start * 1000, end * 1000] as const,
    };
  });
  useFresh(() => loaded.reload(), [loaded]);
  return (
    <Loaded of={loaded} rows={4}>
      {({ series, span }) =>
        series.length > 0 ? (
          <LinesChart series={series.slice(0, kMaxSeries)} span={span} />
        ) : (
          <Empty>{t('no_series')}</Empty>
        )
      }
    </Loaded>
  );
}

function Logs({ query, range }: { query: string; range: Range }) {
  const loaded = useResource(`${query} ${range}`, (signal) =>
    searchLogs({ q: query, from: `now-${range}`, to: 'now', limit: kLines, order: 'desc' }, signal),
  );
  useFresh(() => loaded.reload(), [loaded]);
  return (
    <Loaded of={loaded} rows={4}>
      {({ items }) =>
        items.length > 0 ? (
          <ol class="lines">
            {items.map((line) => (
              <LogLine
                key={line.id}
                time={line.time}
                severity={line.severity}
                origin={[line.host, line.service].filter(Boolean).join(' ')}
                text={line.message}
                requestId={line.request_id}
                traceback={line.traceback}
              />
            ))}
          </ol>
        ) : (
          <Empty>{t('no_lines_found')}</Empty>
        )
      }
    </Loaded>
  );
}

/** `query` as in the address of the alerts page: severity=critical&host=compute1. */
function Alerts({ query }: { query: string }) {
  const params = new URLSearchParams(query);
  const loaded = useResource(query, (signal) =>
    getAlerts(
      {
        status: params.getAll('status'),
        severity: params.getAll('severity'),
        host: params.get('host') ?? '',
        service: params.get('service') ?? '',
        rule: params.get('rule') ?? '',
        owner: params.get('owner') ?? '',
        q: params.get('q') ?? '',
        page_size: kAlerts,
      },
      signal,
    ),
  );
  useEffect(
    () =>
      onStream((event) => {
        if (event.event === 'alert' || event.event === 'resync') loaded.reload();
      }),
    [loaded],
  );
  return (
    <Loaded of={loaded} rows={4}>
      {({ items }) =>
        items.length > 0 ? (
          <ul class="rows">
            {items.map((alert) => (
              <li key={alert.id}>
                <a href={`/alerts/${encodeURIComponent(alert.id)}`}>
                  <SeverityBadge severity={alert.severity} />
                  <span class="text">
                    <Text value={alert.text} />
                  </span>
                  <Age time={alert.createTime} />
                </a>
              </li>
            ))}
          </ul>
        ) : (
          <Empty>{t('all_quiet')}</Empty>
        )
      }
    </Loaded>
  );
}

export function PanelBody({ of, range }: { of: BoardPanel; range: Range }) {
  const query = of.query ?? '';
  switch (of.kind) {
    case 'metrics':
      return <Metrics query={query} range={range} />;
    case 'logs':
      return <Logs query={query} range={range} />;
    case 'alerts':
      return <Alerts query={query} />;
    case 'text':
      return <Markdown source={query} />;
  }
}

/** Where the panel's own page shows the same. */
export function panelHref(of: BoardPanel, range: Range): string | null {
  const query = of.query ?? '';
  if (of.kind === 'metrics') return `/explore?q=${encodeURIComponent(query)}&range=${range}`;
  if (of.kind === 'logs') return `/logs?q=${encodeURIComponent(query)}&range=${range}`;
  return of.kind === 'alerts' ? `/alerts${query && `?${query}`}` : null;
}
