// Up on how many nodes? A line a service, its instances as marks; one service with each of its instances, what it says in
// its logs and how it does.
import '../../style/manage.css';
import { queryLogs } from '../../api/endpoints';
import { getUptime } from '../../api/uptime';
import type { NodeState, ServiceState } from '../../api/types';
import { nodesHere } from '../../live/cloud';
import { overview, overviewError, reloadOverview } from '../../live/overview';
import { navigate, query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { useGauge } from '../../live/gauges';
import { Chart } from '../../parts/chart';
import { Icon } from '../../parts/icon';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Mark, markOfService } from '../../parts/mark';
import { Empty, Failure, Panel, Skeleton } from '../../parts/panel';
import { Text } from '../../parts/text';
import { UptimeBars, kUptimeDays, percent } from '../../parts/uptime_bars';
import { Age } from '../../parts/when';
import { t, word } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { metricTitle } from '../../text/metric_title';
import { unitOf } from '../../text/units';
import { ServiceOwn } from './service_own';

export interface Instance extends ServiceState {
  host: string;
  /** The node's agent is silent: what is known is old. */
  old: boolean;
}
export interface ServiceLine {
  service: string;
  project: string;
  instances: Instance[];
}

const kWorst = ['down', 'stopping', 'unknown', 'up'];

/** Every service of every node, those in trouble first; "not here" is no instance. */
export function serviceLines(nodes: readonly NodeState[]): ServiceLine[] {
  const lines = new Map<string, ServiceLine>();
  for (const node of nodes)
    for (const state of node.services) {
      if (state.status === 'not_here') continue;
      const project = state.service.split('-')[0]!;
      const line = lines.get(state.service) ?? { service: state.service, project, instances: [] };
      line.instances.push({ ...state, host: node.host, old: node.status !== 'up' });
      lines.set(state.service, line);
    }
  const rank = (line: ServiceLine) =>
    Math.min(...line.instances.map((one) => kWorst.indexOf(one.status) >>> 0));
  return [...lines.values()].sort((a, b) => rank(a) - rank(b) || a.service.localeCompare(b.service));
}

const kMarks = 24;

function Instances({ of }: { of: ServiceLine }) {
  return (
    <ul class="instances">
      {of.instances.slice(0, kMarks).map((one) => (
        <li key={one.host}>
          <a
            class={`st-${one.status}`}
            href={
              one.alert_id
                ? `/alerts/${encodeURIComponent(one.alert_id)}`
                : `/nodes/${encodeURIComponent(one.host)}`
            }
            title={w('instance_title', { host: one.host, status: word(one.status) })}
          >
            <Mark kind={markOfService[one.status]} label={word(one.status)} />
            <Text value={one.host} />
          </a>
        </li>
      ))}
      {of.instances.length > kMarks && <li>{w('and_more', { n: of.instances.length - kMarks })}</li>}
    </ul>
  );
}

function Row({ line }: { line: ServiceLine }) {
  const up = line.instances.filter((one) => one.status === 'up').length;
  const restarts = line.instances.reduce((sum, one) => sum + one.restarts_in_hour, 0);
  return (
    <tr class={up < line.instances.length ? 'trouble' : ''}>
      <th scope="row">
        <a href={`/services/${encodeURIComponent(line.service)}`}>
          <Text value={line.service} />
        </a>
      </th>
      <td>
        <Text value={line.project} />
      </td>
      <td class="num">{t('services_up', { up, n: line.instances.length })}</td>
      <td class="num">{restarts > 0 ? restarts : ''}</td>
      <td class="wide-cell">
        <Instances of={line} />
      </td>
    </tr>
  );
}

export function ServicesPage() {
  const state = overview.value;
  const text = query.value.get('q') ?? '';
  if (!state)
    return overviewError.value ? (
      <Failure error={overviewError.value} retry={reloadOverview} />
    ) : (
      <Skeleton rows={8} />
    );
  const lines = serviceLines(nodesHere.value).filter((line) => line.service.includes(text.toLowerCase()));
  return (
    <div class="page services-page">
      <Title title={t('services')} />
      <div class="bar">
        <input
          type="search"
          class="grow"
          aria-label={t('search')}
          placeholder={w('service_search_hint')}
          defaultValue={text}
          onInput={(event) => navigate(withParams({ q: event.currentTarget.value }), 'replace')}
        />
      </div>
      <Grid
        label={t('services')}
        columns={[t('service'), w('project'), `#${t('status')}`, `#${t('restarts')}`, w('instances')]}
        empty={
          text ? (
            <>
              {w('no_such_services')} <a href="/services">{t('clear_filters')}</a>
            </>
          ) : (
            w('no_services')
          )
        }
        rows={lines.map((line) => (
          <Row key={line.service} line={line} />
        ))}
      />
    </div>
  );
}

function InstanceRow({ of }: { of: Instance }) {
  return (
    <tr class={`st-${of.status}`}>
      <th scope="row">
        <a href={`/nodes/${encodeURIComponent(of.host)}`}>
          <Text value={of.host} />
        </a>
      </th>
      <td>
        <Mark kind={markOfService[of.status]} />{' '}
        {of.alert_id ? (
          <a href={`/alerts/${encodeURIComponent(of.alert_id)}`}>{word(of.status)}</a>
        ) : (
          word(of.status)
        )}
      </td>
      <td class="num">
        <Age time={of.since} />
      </td>
      <td class="num">{of.pid > 0 ? of.pid : ''}</td>
      <td class="num">{of.processes > 0 ? of.processes : ''}</td>
      <td class="num">{of.restarts_in_hour > 0 ? of.restarts_in_hour : ''}</td>
      <td class="wide-cell">
        <Text value={of.log_problem || of.detail} />
      </td>
    </tr>
  );
}

function ServiceChart({
  service,
  metric,
  rate = false,
}: {
  service: string;
  metric: string;
  rate?: boolean;
}) {
  const series = useGauge({ metric, service, rate, window: 3600_000 }).value;
  if (!series || series.length === 0) return null;
  return <Chart name={metricTitle(metric)} series={series.slice(0, 8)} unit={unitOf(metric, rate)} />;
}

function Patterns({ service }: { service: string }) {
  const loaded = useResource(service, (signal) =>
    queryLogs(
      { q: `service:${JSON.stringify(service)} severity>=warning | patterns`, from: 'now-24h', to: 'now' },
      signal,
    ),
  );
  const at = (columns: readonly string[], name: string) => columns.indexOf(name);
  return (
    <Panel
      title={w('top_patterns')}
      aside={<a href={`/logs?q=${encodeURIComponent(`service:${service}`)}&range=24h`}>{t('logs')}</a>}
    >
      <Loaded of={loaded}>
        {({ columns, rows }) =>
          rows.some((row) => row[at(columns, 'count')] !== 0) ? (
            <ul class="plain patterns-list">
              {rows
                .filter((row) => row[at(columns, 'count')] !== 0)
                .slice(0, 8)
                .map((row, index) => (
                  <li key={index}>
                    <b>{row[at(columns, 'count')]}×</b>{' '}
                    <Text value={String(row[at(columns, 'pattern')] ?? row[0] ?? '')} />
                  </li>
                ))}
            </ul>
          ) : (
            <Empty>{w('no_warnings')}</Empty>
          )
        }
      </Loaded>
    </Panel>
  );
}

function ServiceUptime({ service }: { service: string }) {
  const loaded = useResource(service, (signal) => getUptime(`now-${kUptimeDays}d`, signal));
  return (
    <Panel
      title={w('uptime')}
      class="service-uptime"
      aside={<span class="muted">{w('days_n', { n: kUptimeDays })}</span>}
    >
      <Loaded of={loaded} rows={1}>
        {({ services }) => {
          const of = services.find((one) => one.service === service);
          return of ? (
            <p class="pad uptime-line">
              <UptimeBars name={service} share={of.uptime} outages={of.incidents} known={of.known} />
              <b>{percent(of.uptime)}</b>
            </p>
          ) : (
            <Empty>{w('is_unknown')}</Empty>
          );
        }}
      </Loaded>
    </Panel>
  );
}

export function ServicePage({ id: name }: { id: string }) {
  const state = overview.value;
  const line = state ? serviceLines(nodesHere.value).find((one) => one.service === name) : undefined;
  if (!state) return <Skeleton rows={8} />;
  return (
    <div class="page service-page">
      <a class="back" href="/services">
        <Icon name="back" />
        {t('services')}
      </a>
      <Title title={name} />
      <Grid
        label={w('instances')}
        columns={[
          t('host'),
          t('status'),
          `#${t('since')}`,
          `#${t('pid')}`,
          `#${t('processes')}`,
          `#${t('restarts')}`,
          t('detail'),
        ]}
        empty={w('no_such_service')}
        rows={(line?.instances ?? []).map((one) => (
          <InstanceRow key={one.host} of={one} />
        ))}
      />
      {line && (
        <>
          <Panel title={t('gauges')} class="charts wide" aside={<span class="muted">{t('last_hour')}</span>}>
            <ServiceChart service={name} metric="service_cpu_used_ratio" />
            <ServiceChart service={name} metric="service_memory_resident_bytes" />
            <ServiceChart service={name} metric="service_open_files" />
            <ServiceChart service={name} metric="service_processes" />
          </Panel>
          <ServiceOwn service={name} />
          <ServiceUptime service={name} />
          <Patterns service={name} />
        </>
      )}
    </div>
  );
}
