// Is the cloud healthy? Where is it not? Since when?
import { useEffect, useMemo } from 'preact/hooks';
import { useComputed } from '@preact/signals';
import { getAlertRows } from '../api/endpoints';
import { may } from '../api/session';
import type { AlertRow, ChangeEvent, NodeState, Overview } from '../api/types';
import { useResource } from '../live/use_resource';
import { nodesHere } from '../live/cloud';
import { cloud, openCount, overview, overviewError, reloadOverview } from '../live/overview';
import { onStream } from '../live/stream';
import { Quiet } from '../parts/quiet';
import { NodesMap } from '../parts/nodes_map';
import { Empty, Failure, Panel, Skeleton } from '../parts/panel';
import { Mark, SeverityBadge, type MarkKind } from '../parts/mark';
import { Age, At } from '../parts/when';
import { Text } from '../parts/text';
import { now } from '../live/clock';
import { age, clockTime } from '../text/time';
import { t } from '../text/i18n';
import { lazy } from './lazy';

const Figures = lazy(() => import('./overview_figures').then((part) => part.OverviewFigures));
const FirstSteps = lazy(() => import('../parts/first_steps').then((part) => part.FirstSteps));

const kTop = 6;
const kWorst = ['critical', 'major', 'minor', 'warning'] as const;

const serviceCount = (nodes: readonly NodeState[]): number =>
  nodes.reduce(
    (sum, node) => sum + node.services.filter((service) => service.status !== 'not_here').length,
    0,
  );

/** When the trouble that still holds began: the oldest service that is down. */
export function downSince(nodes: readonly NodeState[]): string | null {
  const times = nodes.flatMap((node) =>
    node.planned ? [] : node.services.filter((one) => one.status === 'down').map((one) => one.since),
  );
  return times.sort()[0] ?? null;
}

function Verdict({ state }: { state: Overview }) {
  const worst: MarkKind =
    kWorst.find((severity) => (state.counts[severity] ?? 0) > 0) ??
    (state.nodes.length > 0 ? 'normal' : 'unknown');
  const since = downSince(state.nodes);
  return (
    <section class={`verdict v-${worst}`} aria-label={t('overview')}>
      <Mark kind={worst} />
      <div>
        <h1>
          <Text value={state.verdict} />
        </h1>
        <p class="muted">
          {since && (
            <>
              <strong class="since">
                {t('verdict_since', { time: clockTime(since, now.value), age: age(since, now.value) })}
              </strong>{' '}
              ·{' '}
            </>
          )}
          {t('verdict_watched', { nodes: state.nodes.length, services: serviceCount(state.nodes) })} ·{' '}
          {t('as_of', { time: clockTime(state.generated, Date.parse(state.generated)) })}
          {state.cause && (
            <>
              {' '}
              · {t('cause_is')}{' '}
              <a href={`/alerts/${encodeURIComponent(state.cause.alert_id)}`}>
                <Text value={state.cause.where} />
              </a>
            </>
          )}
          {state.muted > 0 && (
            <>
              {' '}
              · <a href="/alerts?muted=only">{t('silenced_n', { n: state.muted })}</a>
            </>
          )}
        </p>
      </div>
    </section>
  );
}

function Row({ alert }: { alert: AlertRow }) {
  return (
    <li>
      <a href={`/alerts/${encodeURIComponent(alert.id)}`}>
        <SeverityBadge severity={alert.severity} />
        <span class="text">
          <Text value={alert.text} />
        </span>
        {alert.status === 'ack' && <span class="tag">{t('ack')}</span>}
        <Age time={alert.createTime} />
      </a>
    </li>
  );
}

function WrongNow({ state }: { state: Overview }) {
  const list = useResource(`top ${cloud.value}`, (signal) =>
    getAlertRows({ status: ['open', 'ack'], environment: cloud.value, muted: 'hide', page_size: 50 }, signal),
  );
  useEffect(
    () =>
      onStream((event) => {
        if (event.event !== 'state') list.reload();
      }),
    [list],
  );
  useEffect(() => {
    // A silence has begun or ended.
    if (list.data.peek()) list.reload();
  }, [state.muted]);
  const rank = (alert: AlertRow) => kWorst.indexOf(alert.severity as (typeof kWorst)[number]) >>> 0;
  const top = useComputed(() =>
    [...(list.data.value?.items ?? [])]
      .sort((a, b) => rank(a) - rank(b) || b.createTime.localeCompare(a.createTime))
      .slice(0, kTop),
  );
  const total = list.data.value?.total ?? openCount();
  return (
    <Panel
      title={t('wrong_now')}
      class="wrong"
      aside={total > 0 ? <a href="/alerts">{t('all_alerts', { n: total })}</a> : undefined}
    >
      {list.data.value ? (
        top.value.length > 0 ? (
          <ul class="rows">
            {top.value.map((alert) => (
              <Row key={alert.id} alert={alert} />
            ))}
          </ul>
        ) : (
          <Quiet />
        )
      ) : list.error.value ? (
        <Failure error={list.error.value} retry={() => list.reload()} />
      ) : (
        <Skeleton />
      )}
    </Panel>
  );
}

export function Changes({ changes }: { changes: readonly ChangeEvent[] }) {
  return (
    <ul class="changes">
      {changes.map((change) => (
        <li key={change.id}>
          <At time={change.time} />
          <span class="where">
            {change.host ? (
              <a href={`/nodes/${encodeURIComponent(change.host)}`}>
                <Text value={change.host} />
              </a>
            ) : (
              <Text value={change.origin} />
            )}
          </span>
          <span class="text" title={change.type}>
            <Text value={change.summary || change.type} />
          </span>
        </li>
      ))}
    </ul>
  );
}

export function OverviewPage() {
  const state = overview.value;
  const newestFirst = useMemo(
    () => [...(state?.changes ?? [])].sort((a, b) => b.time.localeCompare(a.time)),
    [state],
  );
  if (!state)
    return overviewError.value ? (
      <Failure error={overviewError.value} retry={reloadOverview} />
    ) : (
      <Skeleton rows={6} />
    );
  return (
    <div class="page overview">
      <Verdict state={state} />
      <FirstSteps />
      <div class="split">
        <WrongNow state={state} />
        <Panel title={t('changes_2h')} class="scrolls">
          {newestFirst.length > 0 ? <Changes changes={newestFirst} /> : <Empty>{t('no_changes')}</Empty>}
        </Panel>
      </div>
      {state.nodes.length > 0 ? (
        <NodesMap nodes={nodesHere.value} />
      ) : (
        <Panel title={t('map_title')}>
          <Empty>
            <strong>{t('no_nodes')}</strong> {t('no_nodes_hint')}
            {may('operator') && (
              <>
                {' '}
                <a class="button primary" href="/nodes/add">
                  {t('add_first')}
                </a>
              </>
            )}
          </Empty>
        </Panel>
      )}
      {state.nodes.length > 0 && <Figures />}
    </div>
  );
}
