// The gauges around an alert: over the span of the address, as messages link to it; else from half an hour before it to now,
// or to a quarter of an hour after its end.
import { useComputed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { getSamples } from '../../api/endpoints';
import type { Alert, ChangeEvent, Threshold } from '../../api/types';
import { now } from '../../live/clock';
import { query } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { kInterval } from '../../live/gauges';
import { Chart } from '../../parts/chart';
import { Empty, Panel, Skeleton } from '../../parts/panel';
import { markOfChange } from '../../parts/plot_marks';
import { t } from '../../text/i18n';
import { metricTitle } from '../../text/metric_title';
import { unitOf } from '../../text/units';
import { ThresholdChart } from './alert_threshold';

const kBefore = 30 * 60_000;
const kAfter = 15 * 60_000;
const kMost = 6;
const kMoves = 30_000;
const kOfService = ['service_cpu_used_ratio', 'service_memory_resident_bytes', 'service_processes'];
const kOfHost = ['host_cpu_used_ratio', 'host_memory_used_ratio', 'host_load1'];

/** Both ends of the address' span, when they make one. */
function linked(params: URLSearchParams): [number, number] | null {
  const [from, to] = ['from', 'to'].map((name) => Date.parse(params.get(name) ?? ''));
  return from! < to! ? [from!, to!] : null;
}

interface AlertChartsProps {
  alert: Alert;
  threshold: Threshold | null;
  /** As the server suggests; "" or empty: the usual ones. */
  metrics: readonly string[];
  /** null while the alert is not closed. */
  closedAt: string | null;
  /** Marked beside the moment of the alert. */
  changes: readonly ChangeEvent[];
}

export function AlertCharts({ alert, threshold, metrics, closedAt, changes }: AlertChartsProps) {
  const service = alert.service.find(Boolean);
  const names = (metrics.length > 0 ? metrics : service ? [...kOfService, kOfHost[0]!] : kOfHost).slice(
    0,
    kMost,
  );
  const raised = Date.parse(alert.createTime);
  const end = closedAt === null ? undefined : Date.parse(closedAt) + kAfter;
  const [begins, ends] = linked(query.value) ?? [raised - kBefore, end];
  const from = new Date(begins).toISOString();
  const to = ends === undefined ? undefined : new Date(ends).toISOString();
  const charts = useResource(JSON.stringify([alert.id, names, from, to]), async (signal) => {
    const answers = await Promise.all(
      names.map(async (metric) => {
        const rate = metric.endsWith('_total') ? (1 as const) : undefined;
        const ofService = metric.startsWith('service_') ? service : undefined;
        const { series } = await getSamples(
          { metric, host: alert.host, service: ofService, from, to, rate, max_points: 300 },
          signal,
        );
        return { metric, rate, series: series.filter((one) => one.points.length > 0) };
      }),
    );
    return answers.filter((answer) => answer.series.length > 0);
  });
  useEffect(() => {
    if (closedAt !== null) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) charts.reload();
    }, kInterval);
    return () => clearInterval(timer);
  }, [charts, closedAt]);
  const loaded = charts.data.value;
  const marks = [{ at: raised, text: t('history_new') }, ...changes.map(markOfChange)];
  // The end moves on twice a minute, so that a question stays the same for a while.
  const moved = useComputed(() => Math.floor(now.value / kMoves) * kMoves);
  return (
    <Panel title={t('gauges')} class="charts">
      {threshold && (
        <ThresholdChart
          threshold={threshold}
          ruleId={alert.ruleId}
          marks={marks}
          span={[begins, ends ?? moved.value]}
        />
      )}
      {loaded ? (
        loaded.length > 0 ? (
          loaded.map(({ metric, rate, series }) => (
            <Chart
              key={metric}
              name={metricTitle(metric)}
              of={metric.startsWith('service_') ? (service ?? '') : alert.host}
              series={series}
              unit={unitOf(metric, rate === 1)}
              marks={marks}
              span={[begins, ends ?? now.peek()]}
            />
          ))
        ) : (
          <Empty>{t('no_gauges')}</Empty>
        )
      ) : charts.error.value ? (
        <Empty>{t('load_failed', { why: charts.error.value.message })}</Empty>
      ) : (
        <Skeleton rows={4} />
      )}
    </Panel>
  );
}
