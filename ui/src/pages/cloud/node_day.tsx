// The last 24 hours of a node: what its logs complained of, how loaded it was on average, its uptime, alerts that closed, the
// last five.
import { getAlerts, getLogHistogram, queryRange } from '../../api/endpoints';
import type { Alert, LogHistogram, NodeState, Series, ServiceState } from '../../api/types';
import { getAgents, type Agent } from '../../api/manage';
import { getUptime, type Uptime } from '../../api/uptime';
import { now, serverNow } from '../../live/clock';
import { useResource } from '../../live/use_resource';
import { Loaded } from '../../parts/listing';
import { SeverityBadge } from '../../parts/mark';
import { Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { percent } from '../../parts/uptime_bars';
import { Age } from '../../parts/when';
import { t, word } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { clockTime } from '../../text/time';
import { showValue, type Unit } from '../../text/units';

const kDay = 86_400;
const kLast = 5;
const kBuckets = 24;

/** Averages over the day, and what the machine has: a name, an expression over it, a unit. HOST stands for the matcher. */
const kAverages = [
  ['cpu_day', 'avg_over_time(host_cpu_used_ratio{HOST}[1d])', 'ratio'],
  ['memory_day', 'avg_over_time(host_memory_used_ratio{HOST}[1d])', 'ratio'],
  ['disk_day', 'max(avg_over_time(host_filesystem_used_ratio{HOST}[1d]))', 'ratio'],
  ['load_day', 'avg_over_time(host_load1{HOST}[1d])', 'number'],
  ['cpus_has', 'host_cpus{HOST}', 'number'],
  ['memory_has', 'host_memory_total_bytes{HOST}', 'bytes'],
  ['storage_has', 'sum(host_filesystem_size_bytes{HOST})', 'bytes'],
] as const satisfies readonly (readonly [string, string, Unit])[];

/** Labels of host_system_info, which the agent sends. */
const kSystem = ['openstack', 'os', 'kernel', 'cpu'] as const;

interface Day {
  lines: LogHistogram;
  values: (number | null)[];
  system: Record<string, string>;
  disks: Series[];
  tags: Record<string, string>;
  open: number;
  closed: number;
  last: Alert[];
  uptime: Uptime | undefined;
  agent: Agent | undefined;
}

async function allSeriesOf(expression: string, host: string, signal: AbortSignal): Promise<Series[]> {
  const at = Math.floor(serverNow() / 1000);
  const query = expression.replace('HOST', `host=${JSON.stringify(host)}`);
  return queryRange({ query, start: at, end: at, step: 60 }, signal);
}

async function seriesOf(expression: string, host: string, signal: AbortSignal): Promise<Series | undefined> {
  return (await allSeriesOf(expression, host, signal))[0];
}

async function valueOf(expression: string, host: string, signal: AbortSignal): Promise<number | null> {
  return (await seriesOf(expression, host, signal))?.points.at(-1)?.[1] ?? null;
}

async function dayOf(host: string, signal: AbortSignal): Promise<Day> {
  const q = `host:${JSON.stringify(host)}`;
  const [lines, past, report, system, disks, tags, agents, ...values] = await Promise.all([
    getLogHistogram({ q, from: 'now-24h', to: 'now', buckets: kBuckets }, signal),
    getAlerts({ host, status: ['open', 'ack', 'closed'], page_size: 200 }, signal),
    getUptime('now-30d', signal, host),
    seriesOf('host_system_info{HOST}', host, signal),
    allSeriesOf('count by (kind) (host_disk_info{HOST})', host, signal),
    seriesOf('host_tags_info{HOST}', host, signal),
    getAgents(signal),
    ...kAverages.map(([, expression]) => valueOf(expression, host, signal)),
  ]);
  const since = serverNow() - kDay * 1000;
  const newest = [...past.items].sort((a, b) => b.createTime.localeCompare(a.createTime));
  return {
    lines,
    values,
    system: system?.labels ?? {},
    disks,
    tags: tags?.labels ?? {},
    open: newest.filter((one) => one.status !== 'closed').length,
    closed: newest.filter((one) => one.status === 'closed' && Date.parse(one.updateTime) >= since).length,
    last: newest.slice(0, kLast),
    uptime: report.nodes.find((one) => one.host === host),
    agent: agents
      .filter((one) => one.host === host && !one.revoked)
      .sort((a, b) => b.created.localeCompare(a.created))[0],
  };
}

/** Services that should run here and do not, by project: "nova 1 of 3". Without trouble: "". */
export function inactive(services: readonly ServiceState[]): string {
  const projects = new Map<string, { down: number; all: number }>();
  for (const { service, status } of services) {
    if (status === 'not_here') continue;
    const project = service.split('-')[0]!;
    const of = projects.get(project) ?? { down: 0, all: 0 };
    projects.set(project, { down: of.down + (status === 'up' ? 0 : 1), all: of.all + 1 });
  }
  return [...projects]
    .filter(([, of]) => of.down > 0)
    .map(([project, of]) => `${project} ${w('down_of', { n: of.down, all: of.all })}`)
    .join(', ');
}

/** "4 hdd, 2 ssd". */
export function shownDisks(disks: readonly Series[]): string {
  return disks
    .map((one) => `${one.points.at(-1)?.[1] ?? 0} ${one.labels['kind'] ?? ''}`)
    .sort()
    .join(', ');
}

/** "rack r12, role compute": what the agent's configuration says of the host. */
export function shownTags(labels: Record<string, string>): string {
  return Object.entries(labels)
    .filter(([name]) => name !== '__name__' && name !== 'host')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** Errors and warnings hour by hour. */
function Complaints({ of }: { of: LogHistogram }) {
  const most = Math.max(1, ...of.buckets.map((one) => one.error + one.warning));
  const sum = (key: 'error' | 'warning') => of.buckets.reduce((all, one) => all + one[key], 0);
  return (
    <svg
      class="complaints"
      viewBox={`0 0 ${of.buckets.length} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${t('lines_error', { n: sum('error') })}, ${t('lines_warning', { n: sum('warning') })}`}
    >
      {of.buckets.map((one, index) => {
        const [errors, warnings] = [(one.error / most) * 20, (one.warning / most) * 20];
        const title = t('log_bar', {
          time: clockTime(one.time, now.peek()),
          lines: t('lines_all', { n: one.count }),
          errors: t('lines_error', { n: one.error }),
          warnings: t('lines_warning', { n: one.warning }),
        });
        return (
          <g key={one.time}>
            <title>{title}</title>
            <rect class="room" x={index} y={0} width={1} height={20} />
            <rect class="error" x={index + 0.1} y={20 - errors} width={0.8} height={errors} />
            <rect class="warning" x={index + 0.1} y={20 - errors - warnings} width={0.8} height={warnings} />
          </g>
        );
      })}
    </svg>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Text value={value} />
      </dd>
    </div>
  );
}

function Figures({ node, day }: { node: NodeState; day: Day }) {
  const q = `host:${JSON.stringify(node.host)} severity>=error`;
  return (
    <dl class="figures">
      <div>
        <dt>{w('errors_day')}</dt>
        <dd>
          <a href={`/logs?q=${encodeURIComponent(q)}&range=24h`}>
            {day.lines.buckets.reduce((sum, one) => sum + one.error, 0)}
          </a>
        </dd>
      </div>
      {kAverages.map(([name, , unit], index) => {
        const value = day.values[index] ?? null;
        return <Figure key={name} name={w(name)} value={value === null ? '–' : showValue(value, unit)} />;
      })}
      <Figure name={w('uptime_30d')} value={percent(day.uptime?.uptime ?? null)} />
      <Figure name={w('open_now')} value={String(day.open)} />
      <Figure name={w('closed_day')} value={String(day.closed)} />
      <Figure name={w('inactive')} value={inactive(node.services) || '0'} />
      {kSystem
        .filter((name) => day.system[name])
        .map((name) => (
          <Figure key={name} name={w(`system_${name}`)} value={day.system[name]!} />
        ))}
      {day.disks.length > 0 && <Figure name={w('disks_has')} value={shownDisks(day.disks)} />}
      {shownTags(day.tags) && <Figure name={w('host_tags')} value={shownTags(day.tags)} />}
      {day.agent && <Figure name={w('agent_version')} value={day.agent.version} />}
      {day.agent && (
        <Figure
          name={w('agent_settings')}
          value={
            day.agent.settings_problem ||
            (day.agent.settings_version > 0
              ? w('agent_settings_version', { n: day.agent.settings_version })
              : w('agent_settings_own'))
          }
        />
      )}
    </dl>
  );
}

export function NodeDay({ node }: { node: NodeState }) {
  const { host } = node;
  const loaded = useResource(host, (signal) => dayOf(host, signal));
  return (
    <Panel title={w('last_day')} class="node-day">
      <Loaded of={loaded} rows={2}>
        {(day) => (
          <>
            <Figures node={node} day={day} />
            {day.lines.buckets.length > 0 && <Complaints of={day.lines} />}
            {day.last.length > 0 && (
              <ul class="rows" aria-label={w('last_alerts')}>
                {day.last.map((alert) => (
                  <li key={alert.id}>
                    <a href={`/alerts/${encodeURIComponent(alert.id)}`}>
                      <SeverityBadge severity={alert.severity} />
                      <span class="text">
                        <Text value={alert.text} />
                      </span>
                      <span class="tag">{word(alert.status)}</span>
                      <Age time={alert.createTime} />
                    </a>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}
