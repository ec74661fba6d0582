// Three figures of the cloud as a whole: how full it is, who writes errors, how long its APIs take. They come after the
// first paint, each on its own; one that fails leaves the others alone.
import { useEffect } from 'preact/hooks';
import '../style/watch.css';
import { queryLogs } from '../api/endpoints';
import { queryNow, sumNow } from '../api/promql';
import { useResource } from '../live/use_resource';
import { Loaded } from '../parts/listing';
import { Empty, Panel } from '../parts/panel';
import { Text } from '../parts/text';
import { showValue, type Unit } from '../text/units';
import { w, type LazyKey } from '../text/lazy_words';

const kAgain = 60_000;
/** From here on a capacity asks for attention. */
const kTight = 0.85;
const kMost = 6;

interface Capacity {
  name: LazyKey;
  unit: Unit;
  used: string;
  total: string;
}
const ofProvider = (type: string): Pick<Capacity, 'used' | 'total'> => ({
  used: `sum(openstack_placement_resource_usage{resourcetype="${type}"})`,
  total:
    `sum((openstack_placement_resource_total{resourcetype="${type}"} - ` +
    `openstack_placement_resource_reserved{resourcetype="${type}"}) * ` +
    `openstack_placement_resource_allocation_ratio{resourcetype="${type}"})`,
});
/** What the cloud can give away and has given. */
const kOfCloud: readonly Capacity[] = [
  { name: 'capacity_vcpu', unit: 'number', ...ofProvider('VCPU') },
  {
    name: 'capacity_memory',
    unit: 'bytes',
    used: 'sum(openstack_nova_memory_used_bytes)',
    total: 'sum(openstack_nova_memory_available_bytes)',
  },
  {
    name: 'capacity_volumes',
    unit: 'bytes',
    used: 'sum(openstack_cinder_pool_capacity_total_gb - openstack_cinder_pool_capacity_free_gb) * 1073741824',
    total: 'sum(openstack_cinder_pool_capacity_total_gb) * 1073741824',
  },
  { name: 'capacity_addresses', unit: 'number', ...ofProvider('IPV4_ADDRESS') },
];
/** What the nodes themselves have, where nobody asks the cloud. */
const kOfNodes: readonly Capacity[] = [
  {
    name: 'capacity_cpus',
    unit: 'number',
    used: 'sum(host_cpu_used_ratio * host_cpus)',
    total: 'sum(host_cpus)',
  },
  {
    name: 'capacity_node_memory',
    unit: 'bytes',
    used: 'sum(host_memory_total_bytes - host_memory_available_bytes)',
    total: 'sum(host_memory_total_bytes)',
  },
  {
    name: 'capacity_disk',
    unit: 'bytes',
    used: 'sum(host_filesystem_size_bytes - host_filesystem_available_bytes)',
    total: 'sum(host_filesystem_size_bytes)',
  },
];

interface Filled extends Capacity {
  amount: number;
  of: number;
}
async function filled(what: readonly Capacity[], signal: AbortSignal): Promise<Filled[]> {
  const figures = await Promise.all(
    what.map(async (one) => {
      const [amount, of] = await Promise.all([sumNow(one.used, signal), sumNow(one.total, signal)]);
      return { ...one, amount: amount ?? NaN, of: of ?? NaN };
    }),
  );
  return figures.filter(({ amount, of }) => amount >= 0 && of > 0);
}

interface BarRow {
  name: string;
  href?: string;
  share: number;
  text: string;
  bad?: boolean;
}
function Bars({ rows }: { rows: readonly BarRow[] }) {
  return (
    <ul class="figure-bars">
      {rows.map(({ name, href, share, text, bad }) => (
        <li key={name} class={bad ? 'tight' : ''}>
          <span class="name">{href ? <a href={href}>{name}</a> : <Text value={name} />}</span>
          <span class="rail-bar" aria-hidden="true">
            <span style={{ width: `${Math.min(100, share * 100)}%` }} />
          </span>
          <span class="amount">{text}</span>
        </li>
      ))}
    </ul>
  );
}

/** Anew each minute while somebody looks. */
function useAgain(loaded: { reload(): void }): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) loaded.reload();
    }, kAgain);
    return () => clearInterval(timer);
  }, [loaded]);
}

function Capacities() {
  const loaded = useResource('capacity', async (signal) => {
    const cloud = await filled(kOfCloud, signal);
    return { whole: cloud.length > 0, bars: cloud.length > 0 ? cloud : await filled(kOfNodes, signal) };
  });
  useAgain(loaded);
  const title = w(loaded.data.value?.whole === false ? 'capacity_of_nodes' : 'capacity');
  return (
    <Panel title={title} class="figure">
      <Loaded of={loaded} rows={3}>
        {({ whole, bars }) =>
          bars.length === 0 ? (
            <Empty>{w('capacity_none')}</Empty>
          ) : (
            <>
              <Bars
                rows={bars.map(({ name, unit, amount, of }) => ({
                  name: w(name),
                  share: amount / of,
                  text: w('capacity_of', {
                    share: showValue(amount / of, 'ratio'),
                    used: showValue(unit === 'number' ? Math.round(amount) : amount, unit),
                    total: showValue(of, unit),
                  }),
                  bad: amount / of >= kTight,
                }))}
              />
              {!whole && <p class="muted pad">{w('capacity_hint')}</p>}
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** nova-compute and nova-api are nova's. */
const projectOf = (service: string): string => service.split('-')[0] || service;

async function errorsBy(from: string, to: string, signal: AbortSignal): Promise<Map<string, number>> {
  const { rows } = await queryLogs({ q: 'severity>=error | count by service', from, to }, signal);
  const sums = new Map<string, number>();
  for (const [service, count] of rows) {
    const project = projectOf(String(service));
    sums.set(project, (sums.get(project) ?? 0) + Number(count));
  }
  return sums;
}

function LogErrors() {
  const loaded = useResource('errors', async (signal) => {
    const [now, before] = await Promise.all([
      errorsBy('now-1h', 'now', signal),
      errorsBy('now-2h', 'now-1h', signal),
    ]);
    const all = [...now].map(([project, count]) => ({ project, count, before: before.get(project) ?? 0 }));
    return all.sort((a, b) => b.count - a.count).slice(0, kMost);
  });
  useAgain(loaded);
  return (
    <Panel title={w('log_errors')} class="figure" aside={<span class="muted">{w('against_before')}</span>}>
      <Loaded of={loaded} rows={3}>
        {(errors) =>
          errors.length === 0 ? (
            <Empty>{w('log_errors_none')}</Empty>
          ) : (
            <Bars
              rows={errors.map(({ project, count, before }) => ({
                name: project || '–',
                href: `/logs?q=${encodeURIComponent(`service:${project || '""'}* severity>=error`)}&range=1h`,
                share: count / errors[0]!.count,
                text: w('log_errors_n', { n: count, before }),
                bad: count > 2 * before,
              }))}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}

/** Of what is there, the best: what APIs took that were asked each round, or what the balancer saw. */
const kLatencies: readonly (readonly [string, string])[] = [
  ['api', 'max by (api) (quantile_over_time(0.95, openstack_api_seconds[1h]))'],
  ['proxy', 'max by (proxy) (quantile_over_time(0.95, haproxy_backend_response_time_average_seconds[1h]))'],
  ['service', 'max by (service) (quantile_over_time(0.95, check_seconds[1h]))'],
];
const kSlow = 1;

function Latencies() {
  const loaded = useResource('latency', async (signal) => {
    for (const [label, query] of kLatencies) {
      const found = await queryNow(query, signal);
      if (found.length > 0)
        return found
          .map(({ labels, value }) => ({ name: labels[label] ?? '', value }))
          .sort((a, b) => b.value - a.value)
          .slice(0, kMost);
    }
    return [];
  });
  useAgain(loaded);
  return (
    <Panel title={w('latency')} class="figure" aside={<span class="muted">{w('latency_p95')}</span>}>
      <Loaded of={loaded} rows={3}>
        {(apis) =>
          apis.length === 0 ? (
            <Empty>{w('latency_none')}</Empty>
          ) : (
            <Bars
              rows={apis.map(({ name, value }) => ({
                name,
                share: value / apis[0]!.value,
                text: showValue(value, 'seconds'),
                bad: value > kSlow,
              }))}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}

export function OverviewFigures() {
  return (
    <div class="cloud-figures">
      <Capacities />
      <LogErrors />
      <Latencies />
    </div>
  );
}
