// What happened to an instance of the cloud: its chapters as the cloud told them, what the logs say, how it did.
import '../../style/manage.css';
import '../../style/status.css';
import { queryRange } from '../../api/endpoints';
import { getInstanceStory, type Chapter, type InstanceStory } from '../../api/resources';
import type { Series } from '../../api/types';
import { serverNow } from '../../live/clock';
import { query } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { Chart } from '../../parts/chart';
import { backtraceHref } from '../../parts/log_line';
import { Loaded, Title } from '../../parts/listing';
import { Empty, Failure, Panel, Skeleton } from '../../parts/panel';
import { RangePicks, rangeOf, spanOf } from '../../parts/range';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { t, word } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { spanEnd, type TimeSpan } from '../../text/span_text';
import { unitOf } from '../../text/units';
import { lazy } from '../lazy';

// Of the file of the logs, which no other page of the cloud needs.
const Told = lazy(() => import('../logs/backtrace').then((part) => part.Told));

const kFirstRange = '24h';
const kPoints = 300;
const kMostCharts = 12;

function Facts({ story }: { story: InstanceStory }) {
  const facts: [string, preact.ComponentChildren][] = [
    [t('status'), <Text value={word(story.state)} />],
    [
      t('host'),
      story.host && (
        <a href={`/nodes/${encodeURIComponent(story.host)}`}>
          <Text value={story.host} />
        </a>
      ),
    ],
    [w('flavor'), <Text value={story.flavor} />],
    [w('project'), <Text value={story.project_id} />],
    [w('made'), story.created && <At time={story.created} />],
    [w('ended'), story.deleted && <At time={story.deleted} />],
  ];
  return (
    <dl class="facts-list panel">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value || '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

function Step({ chapter }: { chapter: Chapter }) {
  return (
    <li>
      <At time={chapter.time} />
      <span class={chapter.failed ? 'failed' : ''}>
        <Text value={chapter.text || chapter.act} />
      </span>
      {chapter.host && (
        <a href={`/nodes/${encodeURIComponent(chapter.host)}`}>
          <Text value={chapter.from ? `${chapter.from} → ${chapter.host}` : chapter.host} />
        </a>
      )}
      <span class="muted">
        <Text value={chapter.user_name || chapter.user_id} />
      </span>
      {chapter.request_id && (
        <a class="request" href={backtraceHref(chapter.request_id, chapter.time)}>
          {t('follow_request')}
        </a>
      )}
    </li>
  );
}

/** One chart a metric, whatever its other labels say. */
function byMetric(series: readonly Series[]): [string, Series[]][] {
  const groups = new Map<string, Series[]>();
  for (const one of series) {
    const name = one.labels.__name__ ?? '';
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b)).slice(0, kMostCharts);
}

function Gauges({ id, span }: { id: string; span: TimeSpan }) {
  const loaded = useResource(JSON.stringify([id, span]), async (signal) => {
    const [start, end] = [spanEnd(span.from, serverNow()) / 1000, spanEnd(span.to, serverNow()) / 1000];
    const step = Math.max(10, Math.ceil((end - start) / kPoints));
    const series = await queryRange(
      { query: `{resource_id=${JSON.stringify(id)}}`, start, end, step },
      signal,
    );
    return { groups: byMetric(series.filter((one) => one.points.length > 0)), start, end };
  });
  return (
    <Panel title={t('gauges')} class="charts wide">
      <Loaded of={loaded}>
        {({ groups, start, end }) =>
          groups.length > 0 ? (
            <>
              {groups.map(([metric, series]) => (
                <Chart
                  key={metric}
                  name={metric}
                  series={series.slice(0, 4)}
                  unit={unitOf(metric, false)}
                  span={[start * 1000, end * 1000]}
                />
              ))}
            </>
          ) : (
            <Empty>{t('no_gauges')}</Empty>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Story({ id }: { id: string }) {
  const loaded = useResource(id, (signal) => getInstanceStory(id, signal));
  const story = loaded.data.value;
  if (loaded.error.value?.status === 404) return <Empty>{w('no_story')}</Empty>;
  if (loaded.error.value) return <Failure error={loaded.error.value} retry={() => loaded.reload()} />;
  if (!story) return <Skeleton rows={5} />;
  return (
    <>
      {story.name && (
        <p class="lead">
          <Text value={story.name} />
        </p>
      )}
      <Facts story={story} />
      <Panel title={w('chapters')}>
        <ol class="chapters">
          {story.chapters.map((chapter, index) => (
            <Step key={index} chapter={chapter} />
          ))}
        </ol>
      </Panel>
    </>
  );
}

export function InstancePage({ id }: { id: string }) {
  const span = spanOf(kFirstRange);
  return (
    <div class="page instance-page">
      <Title title={`${w('instance')} ${id}`}>
        <RangePicks
          chosen={query.value.has('from') ? null : rangeOf(query.value.get('range'), kFirstRange)}
          first={kFirstRange}
        />
      </Title>
      <Story id={id} />
      <Gauges key={JSON.stringify(span)} id={id} span={span} />
      <Told key={JSON.stringify(span)} id={id} span={span} />
    </div>
  );
}
