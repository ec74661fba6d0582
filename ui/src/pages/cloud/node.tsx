// One node: how loaded, what runs, what is wrong, what it last said.
import { useEffect } from 'preact/hooks';
import { useComputed } from '@preact/signals';
import '../../style/manage.css';
import { getAlerts, getNode, searchLogs } from '../../api/endpoints';
import { getClouds, getMaintenances } from '../../api/manage';
import type { NodeState, Series, ServiceState } from '../../api/types';
import { useGauge, type GaugeQuery } from '../../live/gauges';
import { overview } from '../../live/overview';
import { query } from '../../live/router';
import { onStream } from '../../live/stream';
import { useResource } from '../../live/use_resource';
import { Chart } from '../../parts/chart';
import { Tabs } from '../../parts/listing';
import { LogLine } from '../../parts/log_line';
import { Mark, SeverityBadge, markOfNode, markOfService } from '../../parts/mark';
import { Empty, Failure, Panel, Skeleton } from '../../parts/panel';
import { Text } from '../../parts/text';
import { Age, At } from '../../parts/when';
import { t, word, type MessageKey } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { unitOf } from '../../text/units';
import { NodeActs } from './node_acts';
import { NodeDay } from './node_day';

const kHour = 3600_000;
const kDay = 24 * kHour;
const kLines = 100;

/** The series of several devices as one: what goes through the node. Loopback is not the network. */
export function summed(series: readonly Series[]): Series[] {
  const parts = series.filter((one) => one.labels.interface !== 'lo');
  if (parts.length <= 1) return [...parts];
  const sums = new Map<number, number>();
  for (const part of parts)
    for (const [time, value] of part.points) sums.set(time, (sums.get(time) ?? 0) + value);
  return [{ labels: {}, kind: 'gauge', points: [...sums].sort(([a], [b]) => a - b) }];
}

export function fullest(series: readonly Series[]): Series[] {
  const last = (one: Series) => one.points.at(-1)?.[1] ?? 0;
  const worst = [...series].sort((a, b) => last(b) - last(a))[0];
  return worst ? [worst] : [];
}

interface NodeChartProps {
  title: MessageKey;
  query: GaugeQuery;
  pick?: (series: readonly Series[]) => Series[];
}
function NodeChart({ title, query, pick }: NodeChartProps) {
  const all = useGauge(query);
  const shown = useComputed(() => (all.value && pick ? pick(all.value) : all.value));
  const series = shown.value;
  if (!series || series.length === 0 || series[0]!.points.length === 0)
    return (
      <figure class="chart none">
        <figcaption>
          <span class="name">{t(title)}</span>
          <span class="muted">{series ? t('no_data') : '…'}</span>
        </figcaption>
      </figure>
    );
  return <Chart name={t(title)} series={series} unit={unitOf(query.metric, query.rate)} />;
}

function Charts({ host, window }: { host: string; window: number }) {
  const of = (metric: string, rate = false): GaugeQuery => ({ metric, host, rate, window });
  return (
    <Panel
      title={t('gauges')}
      class="charts wide"
      aside={<span class="muted">{window === kDay ? w('last_day') : t('last_hour')}</span>}
    >
      <NodeChart title="cpu" query={of('host_cpu_used_ratio')} />
      <NodeChart title="memory" query={of('host_memory_used_ratio')} />
      <NodeChart title="load" query={of('host_load1')} />
      <NodeChart title="filesystem" query={of('host_filesystem_used_ratio')} pick={fullest} />
      <NodeChart title="network_in" query={of('host_network_receive_bytes_total', true)} pick={summed} />
      <NodeChart title="network_out" query={of('host_network_transmit_bytes_total', true)} pick={summed} />
      <NodeChart title="disk_read" query={of('host_disk_read_bytes_total', true)} pick={summed} />
      <NodeChart title="disk_write" query={of('host_disk_written_bytes_total', true)} pick={summed} />
    </Panel>
  );
}

const kOrder = ['down', 'stopping', 'unknown', 'up', 'not_here'];

function ServiceRow({ state }: { state: ServiceState }) {
  return (
    <tr class={`st-${state.status}`}>
      <th scope="row">
        {state.alert_id ? (
          <a href={`/alerts/${encodeURIComponent(state.alert_id)}`}>
            <Text value={state.service} />
          </a>
        ) : (
          <Text value={state.service} />
        )}
      </th>
      <td class="c-state">
        {state.status !== 'not_here' && <Mark kind={markOfService[state.status]} />} {word(state.status)}
      </td>
      <td class="num">{state.status === 'not_here' ? '' : <Age time={state.since} />}</td>
      <td class="num">{state.pid > 0 ? state.pid : ''}</td>
      <td class="num">{state.processes > 0 ? state.processes : ''}</td>
      <td class="num">{state.restarts_in_hour > 0 ? state.restarts_in_hour : ''}</td>
      <td class="c-detail">
        <Text value={state.detail} />
        {state.log_problem && (
          <span class="log-trouble">
            <Mark kind="warning" label={t('log_unreadable')} /> <Text value={state.log_problem} />
          </span>
        )}
      </td>
    </tr>
  );
}

function Services({ services }: { services: readonly ServiceState[] }) {
  const sorted = [...services].sort(
    (a, b) => kOrder.indexOf(a.status) - kOrder.indexOf(b.status) || a.service.localeCompare(b.service),
  );
  const here = sorted.filter((one) => one.status !== 'not_here');
  const up = here.filter((one) => one.status === 'up').length;
  return (
    <Panel
      title={t('services')}
      aside={<span class="muted">{t('services_up', { up, n: here.length })}</span>}
    >
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t('services')}>
        <table class="services">
          <thead>
            <tr>
              <th scope="col">{t('service')}</th>
              <th scope="col">{t('status')}</th>
              <th scope="col" class="num">
                {t('since')}
              </th>
              <th scope="col" class="num">
                {t('pid')}
              </th>
              <th scope="col" class="num">
                {t('processes')}
              </th>
              <th scope="col" class="num">
                {t('restarts')}
              </th>
              <th scope="col">{t('detail')}</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((state) => (
              <ServiceRow key={state.service} state={state} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function NodeAlerts({ host }: { host: string }) {
  const list = useResource(host, (signal) => getAlerts({ host, page_size: 20 }, signal));
  useEffect(
    () =>
      onStream((event) => {
        if (event.event === 'alert' || event.event === 'resync') list.reload();
      }),
    [list],
  );
  const items = list.data.value?.items;
  if (!items || items.length === 0) return null;
  return (
    <Panel
      title={t('node_alerts')}
      class="wrong"
      aside={
        <a href={`/alerts?host=${encodeURIComponent(host)}`}>
          {t('all_alerts', { n: list.data.value!.total })}
        </a>
      }
    >
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
    </Panel>
  );
}

function LastLines({ host }: { host: string }) {
  const lines = useResource(host, (signal) =>
    searchLogs({ host, from: 'now-24h', to: 'now', limit: kLines, order: 'desc' }, signal),
  );
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) lines.reload();
    }, 10_000);
    return () => clearInterval(timer);
  }, [lines]);
  const items = lines.data.value?.items;
  return (
    <Panel title={t('last_lines')} class="evidence scrolls">
      {items ? (
        items.length > 0 ? (
          <ol class="lines">
            {items.map((line) => (
              <LogLine
                key={line.id}
                time={line.time}
                severity={line.severity}
                origin={line.service || line.component}
                text={line.message}
                requestId={line.request_id}
                traceback={line.traceback}
              />
            ))}
          </ol>
        ) : (
          <Empty>{t('no_lines')}</Empty>
        )
      ) : lines.error.value ? (
        <Failure error={lines.error.value} retry={() => lines.reload()} />
      ) : (
        <Skeleton rows={6} />
      )}
    </Panel>
  );
}

/** Where the cloud is, when somebody has said so. */
function CloudPlace({ name }: { name: string }) {
  const clouds = useResource('clouds', getClouds).data.value;
  const place = clouds?.find((one) => one.name === name)?.location;
  return place ? (
    <>
      , <Text value={place} />
    </>
  ) : null;
}

/** The node's maintenance or blackout, while there is one. */
function PlannedWork({ host }: { host: string }) {
  const loaded = useResource(host, getMaintenances);
  useEffect(
    () =>
      onStream((event) => {
        if (event.event === 'change' || event.event === 'resync') loaded.reload();
      }),
    [loaded],
  );
  const here = (loaded.data.value ?? []).filter(
    (one) =>
      one.state === 'active' &&
      one.matchers.length === 1 &&
      one.matchers[0]!.name === 'host' &&
      one.matchers[0]!.value === host,
  );
  return (
    <>
      {here.map((one) => (
        <a key={one.id} class="tag q-active" href="/silences">
          {wordOf('kind_', one.kind)}
        </a>
      ))}
    </>
  );
}

function Head({ node }: { node: NodeState }) {
  return (
    <header class="node-head">
      <h1>
        <Mark kind={markOfNode[node.status]} />
        <Text value={node.host} />
      </h1>
      <p class="facts">
        <span class={`tag node-${node.status}`}>{word(node.status)}</span>
        <span>
          <b>{t('since')}</b> <At time={node.since} /> (<Age time={node.since} />)
        </span>
        <span>
          <b>{t('last_seen')}</b> <Age time={node.last_seen} />
        </span>
        {node.cloud && (
          <span>
            <b>{t('environment')}</b> <Text value={node.cloud} />
            <CloudPlace name={node.cloud} />
          </span>
        )}
        <PlannedWork host={node.host} />
      </p>
    </header>
  );
}

/** Views of the node that are pages of their own lead there, with the node as the filter. */
function NodeTabs({ host }: { host: string }) {
  const [page, name] = [`/nodes/${encodeURIComponent(host)}`, encodeURIComponent(host)];
  const important = encodeURIComponent(`host:${JSON.stringify(host)} severity>=warning`);
  return (
    <Tabs
      label={host}
      here={query.value.get('tab') === 'vitals' ? `${page}?tab=vitals` : page}
      tabs={[
        [page, t('overview')],
        [`/alerts?host=${name}&sort=age&status=open&status=ack&status=closed`, t('alerts')],
        [`${page}?tab=vitals`, w('vital_signs')],
        [`${page}#services`, t('services')],
        [`/logs?q=${important}&range=24h`, t('logs')],
        [`/logs?q=${important}&range=24h&view=patterns`, w('by_keyword')],
        [`/changes?host=${name}`, t('changes')],
      ]}
    />
  );
}

export function NodePage({ id: host }: { id: string }) {
  const loaded = useResource(host, (signal) => getNode(host, signal));
  // The shared overview is the fresher one once it is there.
  const node = overview.value?.nodes.find((one) => one.host === host) ?? loaded.data.value;
  if (!node)
    return loaded.error.value ? (
      <Failure error={loaded.error.value} retry={() => loaded.reload()} />
    ) : (
      <Skeleton rows={8} />
    );
  return (
    <div class="page node-page">
      <Head node={node} />
      <NodeActs node={node} />
      <NodeTabs host={host} />
      {query.value.get('tab') === 'vitals' ? (
        <Charts key="day" host={host} window={kDay} />
      ) : (
        <>
          <NodeAlerts host={host} />
          <NodeDay node={node} />
          <Charts key="hour" host={host} window={kHour} />
          <div id="services">
            <Services services={node.services} />
          </div>
          <LastLines host={host} />
        </>
      )}
    </div>
  );
}
