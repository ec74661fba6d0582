// Nodes down, services across: the state of each service on each node, beside the node's own gauges.
import { useMemo } from 'preact/hooks';
import type { NodeState, Series, ServiceState } from '../api/types';
import { useGauge } from '../live/gauges';
import { now } from '../live/clock';
import { t, word } from '../text/i18n';
import { age, clockTime } from '../text/time';
import { Gauge } from './gauge';
import { Mark, Planned, markOfNode, markOfService } from './mark';
import { Panel } from './panel';
import { Text } from './text';
import { Age } from './when';

const kWindow = 15 * 60_000;
const kManyNodes = 60;

/** Services that run on at least one node, those of a project side by side. */
export function columnsOf(nodes: readonly NodeState[]): string[] {
  const names = new Set<string>();
  for (const node of nodes)
    for (const one of node.services) if (one.status !== 'not_here') names.add(one.service);
  return [...names].sort((a, b) => a.localeCompare(b));
}

const trouble = (node: NodeState): number =>
  (node.status === 'down' ? 1000 : 0) + node.services.filter((one) => one.status === 'down').length;

export function sortNodes(nodes: readonly NodeState[]): NodeState[] {
  const byName = (a: NodeState, b: NodeState) => a.host.localeCompare(b.host, undefined, { numeric: true });
  // A map that fits a screen keeps its places; a longer one shows the worst first.
  return [...nodes].sort(
    nodes.length > kManyNodes ? (a, b) => trouble(b) - trouble(a) || byName(a, b) : byName,
  );
}

function ServiceCell({ node, state }: { node: NodeState; state: ServiceState | undefined }) {
  if (!state || state.status === 'not_here')
    return (
      <td class="cell absent">
        <span aria-hidden="true">·</span>
      </td>
    );
  const known = node.status === 'up' ? state.status : 'unknown';
  let label = t('cell', {
    service: state.service,
    host: node.host,
    status: word(known),
    time: `${clockTime(state.since, now.peek())} (${age(state.since, now.peek())})`,
  });
  if (state.detail) label += `; ${state.detail}`;
  if (state.restarts_in_hour > 0) label += `; ${t('cell_restarts', { n: state.restarts_in_hour })}`;
  if (state.log_problem) label += `; ${t('cell_log', { problem: state.log_problem })}`;
  const href = state.alert_id
    ? `/alerts/${encodeURIComponent(state.alert_id)}`
    : `/nodes/${encodeURIComponent(node.host)}`;
  return (
    <td class="cell">
      <a class={`state k-${markOfService[known]}`} href={href} title={label} aria-label={label}>
        <Mark kind={markOfService[known]} />
        <span class="name">
          <Text value={state.service} />
        </span>
        {state.restarts_in_hour > 0 && <span class="restarts" data-mark={state.restarts_in_hour} />}
        {state.log_problem && <span class="log-problem" data-mark="!" />}
      </a>
    </td>
  );
}

const pointsOf = (all: Series[] | null, host: string) =>
  all === null ? null : (all.find((series) => series.labels.host === host)?.points ?? []);

interface RowProps {
  node: NodeState;
  columns: readonly string[];
  cpu: Series[] | null;
  memory: Series[] | null;
  load: Series[] | null;
}
function NodeRow({ node, columns, cpu, memory, load }: RowProps) {
  const states = useMemo(() => new Map(node.services.map((one) => [one.service, one])), [node]);
  return (
    <tr class={node.status === 'up' ? '' : 'away'}>
      <th scope="row">
        <a href={`/nodes/${encodeURIComponent(node.host)}`}>
          <Mark kind={markOfNode[node.status]} label={word(node.status)} />
          <Text value={node.host} />
        </a>
        <Planned of={node.planned} />
        {node.status !== 'up' && (
          <small>
            {word(node.status)} · {t('last_seen')} <Age time={node.last_seen} />
          </small>
        )}
      </th>
      <td class="num" data-label={t('cpu')}>
        <Gauge points={pointsOf(cpu, node.host)} unit="ratio" ceiling={1} high={0.9} />
      </td>
      <td class="num" data-label={t('memory')}>
        <Gauge points={pointsOf(memory, node.host)} unit="ratio" ceiling={1} high={0.9} />
      </td>
      <td class="num" data-label={t('load')}>
        <Gauge points={pointsOf(load, node.host)} unit="number" ceiling={1} />
      </td>
      {columns.map((name) => (
        <ServiceCell key={name} node={node} state={states.get(name)} />
      ))}
      <td class="rest" />
    </tr>
  );
}

/** nova-compute: the project is quieter than the role. */
function ColumnHead({ name }: { name: string }) {
  const dash = name.indexOf('-');
  return (
    <th scope="col" class="service">
      <span>
        {dash > 0 && <span class="project">{name.slice(0, dash + 1)}</span>}
        <Text value={dash > 0 ? name.slice(dash + 1) : name} />
      </span>
    </th>
  );
}

export function NodesMap({ nodes }: { nodes: readonly NodeState[] }) {
  const cpu = useGauge({ metric: 'host_cpu_used_ratio', window: kWindow });
  const memory = useGauge({ metric: 'host_memory_used_ratio', window: kWindow });
  const load = useGauge({ metric: 'host_load1', window: kWindow });
  const columns = useMemo(() => columnsOf(nodes), [nodes]);
  const rows = useMemo(() => sortNodes(nodes), [nodes]);
  const legend = (
    <ul class="legend" aria-label={t('legend')}>
      {(['up', 'down', 'stopping', 'unknown'] as const).map((status) => (
        <li key={status}>
          <span class={`state k-${markOfService[status]}`}>
            <Mark kind={markOfService[status]} />
          </span>
          {t(status)}
        </li>
      ))}
      <li>
        <span class="absent">·</span>
        {t('not_here')}
      </li>
    </ul>
  );
  return (
    <Panel title={t('map_title')} class="map" aside={legend}>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t('map_title')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('node')}</th>
              <th scope="col" class="num">
                {t('cpu')}
              </th>
              <th scope="col" class="num">
                {t('memory')}
              </th>
              <th scope="col" class="num">
                {t('load')}
              </th>
              {columns.map((name) => (
                <ColumnHead key={name} name={name} />
              ))}
              <td class="rest" />
            </tr>
          </thead>
          <tbody>
            {rows.map((node) => (
              <NodeRow
                key={node.host}
                node={node}
                columns={columns}
                cpu={cpu.value}
                memory={memory.value}
                load={load.value}
              />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
