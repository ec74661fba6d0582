// The last 24 hours of a node: errors in its logs, how loaded it was on average, alerts that closed, the last five.
import { getAlerts, getLogHistogram, queryRange } from '../api/endpoints';
import type { Alert, NodeState, ServiceState } from '../api/types';
import { serverNow } from '../live/clock';
import { useResource } from '../live/use_resource';
import { Loaded } from '../parts/listing';
import { SeverityBadge } from '../parts/mark';
import { Panel } from '../parts/panel';
import { Text } from '../parts/text';
import { Age } from '../parts/when';
import { word } from '../text/i18n';
import { w } from '../text/lazy_words';
import { showValue } from '../text/units';

const kDay = 86_400;
const kLast = 5;

interface Day {
  errors: number;
  cpu: number | null;
  memory: number | null;
  closed: number;
  last: Alert[];
}

async function average(metric: string, host: string, signal: AbortSignal): Promise<number | null> {
  const now = Math.floor(serverNow() / 1000);
  const query = `avg_over_time(${metric}{host=${JSON.stringify(host)}}[1d])`;
  const series = await queryRange({ query, start: now, end: now, step: 60 }, signal);
  return series[0]?.points.at(-1)?.[1] ?? null;
}

async function dayOf(host: string, signal: AbortSignal): Promise<Day> {
  const q = `host:${JSON.stringify(host)}`;
  const [lines, cpu, memory, past] = await Promise.all([
    getLogHistogram({ q, from: 'now-24h', to: 'now', buckets: 24 }, signal),
    average('host_cpu_used_ratio', host, signal),
    average('host_memory_used_ratio', host, signal),
    getAlerts({ host, status: ['open', 'ack', 'closed'], page_size: 200 }, signal),
  ]);
  const since = serverNow() - kDay * 1000;
  const newest = [...past.items].sort((a, b) => b.createTime.localeCompare(a.createTime));
  return {
    errors: lines.buckets.reduce((sum, one) => sum + one.error, 0),
    cpu,
    memory,
    closed: newest.filter((one) => one.status === 'closed' && Date.parse(one.updateTime) >= since).length,
    last: newest.slice(0, kLast),
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

export function NodeDay({ node }: { node: NodeState }) {
  const { host } = node;
  const loaded = useResource(host, (signal) => dayOf(host, signal));
  return (
    <Panel title={w('last_day')} class="node-day">
      <Loaded of={loaded} rows={2}>
        {(day) => (
          <>
            <dl class="figures">
              <div>
                <dt>{w('errors_day')}</dt>
                <dd>
                  <a
                    href={`/logs?q=${encodeURIComponent(`host:${JSON.stringify(host)} severity>=error`)}&range=24h`}
                  >
                    {day.errors}
                  </a>
                </dd>
              </div>
              <div>
                <dt>{w('cpu_day')}</dt>
                <dd>{day.cpu === null ? '–' : showValue(day.cpu, 'ratio')}</dd>
              </div>
              <div>
                <dt>{w('memory_day')}</dt>
                <dd>{day.memory === null ? '–' : showValue(day.memory, 'ratio')}</dd>
              </div>
              <div>
                <dt>{w('closed_day')}</dt>
                <dd>{day.closed}</dd>
              </div>
              <div>
                <dt>{w('inactive')}</dt>
                <dd>
                  <Text value={inactive(node.services) || '0'} />
                </dd>
              </div>
            </dl>
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
