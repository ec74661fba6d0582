// What does a tenant use, and is what was measured complete? Resources by type and project; one resource with its metrics at
// each granularity of their policy.
import { useMemo, useState } from 'preact/hooks';
import '../../style/manage.css';
import '../../style/explore.css';
import '../../style/status.css';
import {
  getMeasures,
  getMetric,
  getProjectResources,
  getResource,
  getResources,
  getResourceTypes,
  type CloudMetric,
  type CloudResource,
} from '../../api/resources';
import { serverNow } from '../../live/clock';
import { navigate, query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Icon } from '../../parts/icon';
import { LinesChart } from '../../parts/lines_chart';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Empty, Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { t, word } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { clockTime } from '../../text/time';
import { gapsOf, secondsOf, seriesOf } from './measures';

const kPage = 100;
const kMethods = ['mean', 'min', 'max', 'sum', 'count', 'last'] as const;
const kGaps = 20;

const nameOf = (one: CloudResource): string =>
  String(one.display_name ?? one.name ?? one.original_resource_id ?? one.id);

function Projects({ of }: { of: readonly CloudResource[] }) {
  const tally = new Map<string, number>();
  for (const { project_id } of of) if (project_id) tally.set(project_id, (tally.get(project_id) ?? 0) + 1);
  if (tally.size < 2) return null;
  return (
    <Panel title={w('by_project')}>
      <ul class="plain columns-of-names">
        {[...tally]
          .sort((a, b) => b[1] - a[1])
          .map(([project, n]) => (
            <li key={project}>
              <a href={withParams({ project })}>
                <Text value={project} />
              </a>{' '}
              {w('resources_n', { n })}
            </li>
          ))}
      </ul>
    </Panel>
  );
}

function List({ type, project }: { type: string; project: string }) {
  const [more, setMore] = useState<CloudResource[]>([]);
  const [ended, setEnded] = useState(false);
  const first = useResource(`${type} ${project}`, (signal) =>
    project ? getProjectResources(type, project, 1000, signal) : getResources(type, kPage, '', signal),
  );
  const older = async (last: CloudResource) => {
    const next = await attempt(() => getResources(type, kPage, last.id));
    if (!next) return;
    setMore([...more, ...next]);
    setEnded(next.length < kPage);
  };
  return (
    <Loaded of={first} rows={8}>
      {(items) => {
        const all = [...items, ...more];
        return (
          <>
            <Projects of={all} />
            <Grid
              label={t('resources')}
              columns={[w('resource'), w('kind'), w('project'), t('since'), w('ended'), `#${t('metrics')}`]}
              empty={
                <>
                  {w('no_resources')} <code>gnocchi://</code>
                </>
              }
              rows={all.map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    <a href={`/resources/${encodeURIComponent(one.id)}`}>
                      <Text value={nameOf(one)} />
                    </a>
                  </th>
                  <td>
                    <Text value={one.type} />
                  </td>
                  <td>
                    {one.project_id && (
                      <a href={withParams({ project: one.project_id })}>
                        <Text value={one.project_id} />
                      </a>
                    )}
                  </td>
                  <td>
                    <At time={one.started_at} />
                  </td>
                  <td>{one.ended_at && <At time={one.ended_at} />}</td>
                  <td class="num">{Object.keys(one.metrics).length}</td>
                </tr>
              ))}
            />
            {!project && !ended && all.length >= kPage && (
              <button type="button" onClick={() => void older(all.at(-1)!)}>
                {w('older')}
              </button>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

export function ResourcesPage() {
  const types = useResource('types', getResourceTypes);
  const type = query.value.get('type') ?? 'generic';
  const project = query.value.get('project') ?? '';
  const names = (types.data.value ?? []).map((one) => one.name);
  return (
    <div class="page resources">
      <Title title={t('resources')} />
      <div class="bar">
        <label class="pick">
          <span>{w('kind')}</span>
          <select
            value={type}
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              navigate(withParams({ type: chosen === 'generic' ? undefined : chosen }));
            }}
          >
            {(names.includes(type) ? names : [type, ...names]).map((name) => (
              <option key={name} value={name}>
                {name === 'generic' ? t('any') : name}
              </option>
            ))}
          </select>
        </label>
        {project && (
          <a href={withParams({ project: undefined })}>
            {w('project')} <Text value={project} /> ×
          </a>
        )}
      </div>
      <List key={`${type} ${project}`} type={type} project={project} />
    </div>
  );
}

function Facts({ of }: { of: CloudResource }) {
  const shown = Object.entries(of).filter(
    ([name, value]) => name !== 'metrics' && value !== null && value !== '' && typeof value !== 'object',
  );
  return (
    <Panel title={w('attributes')}>
      <dl class="facts-list">
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt>
              <Text value={word(name)} />
            </dt>
            <dd>
              <Text value={String(value)} />
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Measures({ metric }: { metric: CloudMetric }) {
  const levels = metric.archive_policy.definition.map(({ granularity, points }) => ({
    text: granularity,
    seconds: secondsOf(granularity),
    points,
  }));
  const asked = Number(query.value.get('granularity'));
  const level = levels.find((one) => one.seconds === asked) ?? levels[0];
  const method = kMethods.find((one) => one === query.value.get('method')) ?? 'mean';
  const seconds = level?.seconds ?? 0;
  const loaded = useResource(`${metric.id} ${seconds} ${method}`, (signal) =>
    getMeasures(metric.id, { granularity: seconds, aggregation: method }, signal),
  );
  const measures = loaded.data.value;
  const series = useMemo(() => [seriesOf(metric.name, measures ?? [])], [measures]);
  if (!level) return <Empty>{w('no_policy')}</Empty>;
  const points = series[0]!.points;
  const gaps = measures ? gapsOf(measures, seconds) : [];
  const missing = gaps.reduce((sum, one) => sum + one.count, 0);
  return (
    <Panel
      title={metric.name}
      class="measures"
      aside={
        <span class="bar">
          <span class="ranges" role="group" aria-label={w('granularity')}>
            {levels.map((one) => (
              <a
                key={one.text}
                href={withParams({ granularity: String(one.seconds) })}
                aria-current={one === level ? 'true' : undefined}
              >
                {one.text}
              </a>
            ))}
          </span>
          <select
            aria-label={w('method')}
            value={method}
            onChange={(event) => navigate(withParams({ method: event.currentTarget.value }), 'replace')}
          >
            {kMethods.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </span>
      }
    >
      <Loaded of={loaded} rows={6}>
        {() =>
          points.length > 0 ? (
            <>
              <LinesChart
                series={series}
                span={[points[0]![0], Math.max(points.at(-1)![0], points[0]![0] + seconds * 1000)]}
                marks={gaps
                  .slice(0, kGaps)
                  .map((one) => ({ at: one.from, text: w('missing_n', { n: one.count }) }))}
              />
              <p class="pad measure-count">
                {w('measures_n', { n: points.length })},{' '}
                {missing === 0 ? w('none_missing') : w('missing_n', { n: missing })}
                {missing > 0 &&
                  `: ${gaps
                    .slice(0, kGaps)
                    .map((one) => `${clockTime(one.from, serverNow())} (${one.count})`)
                    .join(', ')}`}
              </p>
            </>
          ) : (
            <Empty>{w('no_measures')}</Empty>
          )
        }
      </Loaded>
    </Panel>
  );
}

function OneMetric({ id }: { id: string }) {
  const metric = useResource(id, (signal) => getMetric(id, signal));
  return <Loaded of={metric}>{(one) => <Measures key={one.id} metric={one} />}</Loaded>;
}

export function ResourcePage({ id }: { id: string }) {
  const loaded = useResource(id, (signal) => getResource(id, signal));
  return (
    <div class="page resource-page">
      <a class="back" href="/resources">
        <Icon name="back" />
        {t('resources')}
      </a>
      <Loaded of={loaded} rows={8}>
        {(resource) => {
          const names = Object.keys(resource.metrics).sort();
          const chosen = query.value.get('metric') ?? names[0];
          const metric = chosen === undefined ? undefined : resource.metrics[chosen];
          return (
            <>
              <Title title={nameOf(resource)}>
                {resource.type === 'instance' && (
                  <a class="button" href={`/instances/${encodeURIComponent(resource.id)}`}>
                    {w('instance_story')}
                  </a>
                )}
              </Title>
              <Facts of={resource} />
              {names.length > 0 ? (
                <>
                  <nav class="views metric-names" aria-label={t('metrics')}>
                    {names.map((name) => (
                      <a
                        key={name}
                        href={withParams({ metric: name })}
                        aria-current={name === chosen ? 'page' : undefined}
                      >
                        <Text value={name} />
                      </a>
                    ))}
                  </nav>
                  {metric && <OneMetric key={metric} id={metric} />}
                </>
              ) : (
                <Empty>{w('no_metrics')}</Empty>
              )}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
