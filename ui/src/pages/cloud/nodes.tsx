// All nodes as a table: how each is, what runs there, how loaded, in which cloud.
import '../../style/manage.css';
import type { NodeState, Series } from '../../api/types';
import { may } from '../../api/session';
import { useGauge } from '../../live/gauges';
import { nodesHere } from '../../live/cloud';
import { overview, overviewError, reloadOverview } from '../../live/overview';
import { navigate, query, withParams } from '../../live/router';
import { Gauge } from '../../parts/gauge';
import { Grid, Title } from '../../parts/listing';
import { Mark, Planned, markOfNode } from '../../parts/mark';
import { Failure, Skeleton } from '../../parts/panel';
import { Text } from '../../parts/text';
import { Age } from '../../parts/when';
import { t, word } from '../../text/i18n';
import { w } from '../../text/lazy_words';

const kOrder = ['down', 'unknown', 'up'];
const kWindow = 15 * 60_000;

function troubles(node: NodeState): number {
  return node.services.filter((one) => one.status === 'down').length;
}

/** Worst first, then by name. */
export function nodeOrder(a: NodeState, b: NodeState): number {
  return (
    kOrder.indexOf(a.status) - kOrder.indexOf(b.status) ||
    troubles(b) - troubles(a) ||
    a.host.localeCompare(b.host, undefined, { numeric: true })
  );
}

const pointsOf = (series: readonly Series[] | null, host: string) =>
  series ? (series.find((one) => one.labels.host === host)?.points ?? []) : null;

interface RowProps {
  node: NodeState;
  cpu: readonly Series[] | null;
  memory: readonly Series[] | null;
}
function Row({ node, cpu, memory }: RowProps) {
  const here = node.services.filter((one) => one.status !== 'not_here');
  const up = here.filter((one) => one.status === 'up').length;
  const bad = troubles(node);
  return (
    <tr class={bad > 0 || node.status !== 'up' ? 'trouble' : ''}>
      <th scope="row">
        <a href={`/nodes/${encodeURIComponent(node.host)}`}>
          <Text value={node.host} />
        </a>
      </th>
      <td>
        <Mark kind={node.status === 'up' && bad > 0 ? 'major' : markOfNode[node.status]} />{' '}
        {word(node.status)} <Planned of={node.planned} />
      </td>
      <td>
        <Text value={node.cloud} />
      </td>
      <td class="num">{t('services_up', { up, n: here.length })}</td>
      <td>
        <Gauge points={pointsOf(cpu, node.host)} unit="ratio" ceiling={1} high={0.9} />
      </td>
      <td>
        <Gauge points={pointsOf(memory, node.host)} unit="ratio" ceiling={1} high={0.9} />
      </td>
      <td class="num">
        <Age time={node.last_seen} />
      </td>
    </tr>
  );
}

export function NodesPage() {
  const state = overview.value;
  const cpu = useGauge({ metric: 'host_cpu_used_ratio', window: kWindow });
  const memory = useGauge({ metric: 'host_memory_used_ratio', window: kWindow });
  const text = (query.value.get('q') ?? '').toLowerCase();
  if (!state)
    return overviewError.value ? (
      <Failure error={overviewError.value} retry={reloadOverview} />
    ) : (
      <Skeleton rows={8} />
    );
  const shown = nodesHere.value
    .filter((node) => `${node.host} ${node.cloud}`.toLowerCase().includes(text))
    .sort(nodeOrder);
  return (
    <div class="page nodes-page">
      <Title title={t('nodes')}>
        {may('operator') && (
          <a class="button primary" href="/nodes/add">
            {w('add_node')}
          </a>
        )}
      </Title>
      <div class="bar">
        <input
          type="search"
          class="grow"
          aria-label={t('search')}
          placeholder={w('node_search_hint')}
          defaultValue={text}
          onInput={(event) => navigate(withParams({ q: event.currentTarget.value }), 'replace')}
        />
      </div>
      <Grid
        label={t('nodes')}
        columns={[
          t('host'),
          t('status'),
          t('environment'),
          `#${t('services')}`,
          t('cpu'),
          t('memory'),
          `#${t('last_seen')}`,
        ]}
        empty={
          text ? (
            <>
              {w('no_such_nodes')} <a href="/nodes">{t('clear_filters')}</a>
            </>
          ) : (
            <>
              <strong>{t('no_nodes')}</strong> {t('no_nodes_hint')}
            </>
          )
        }
        rows={shown.map((node) => (
          <Row key={node.host} node={node} cpu={cpu.value} memory={memory.value} />
        ))}
      />
    </div>
  );
}
