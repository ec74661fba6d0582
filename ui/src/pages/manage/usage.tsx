// What the series are of: which metrics have the most, and which labels make them many. A chosen metric is in the address:
// ?metric=host_disk_read_bytes_total.
import '../../style/manage.css';
import { getLabelNames, getLabelValues } from '../../api/endpoints';
import { getJson } from '../../api/request';
import { query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { showValue } from '../../text/units';
import { visibleText } from '../../text/visible';
import { SettingsTabs } from './settings_tabs';

interface Named {
  name: string;
  value: number;
}
interface Usage {
  headStats: { numSeries: number; numLabelPairs: number };
  /** Those with the most, the most first. */
  seriesCountByMetricName: Named[];
  labelValueCountByLabelName: Named[];
}

async function getUsage(signal: AbortSignal): Promise<Usage> {
  return (await getJson<{ data: Usage }>('/status/tsdb', { signal, door: '/prometheus/api/v1' })).data;
}

/** How many values each label of the metric has, the most first. */
async function labelsOf(metric: string): Promise<Named[]> {
  const names = (await getLabelNames(metric)).filter((name) => name !== '__name__');
  const found = names.map(async (name) => ({ name, value: (await getLabelValues(name, metric)).length }));
  return (await Promise.all(found)).sort((a, b) => b.value - a.value);
}

const count = (value: number): string => showValue(value, 'number');

function Counted({ label, of, empty }: { label: string; of: readonly Named[]; empty: string }) {
  return (
    <Grid
      label={label}
      columns={[label, `#${w('values')}`]}
      empty={empty}
      rows={of.map(({ name, value }) => (
        <tr key={name}>
          <th scope="row">
            <Text value={name} />
          </th>
          <td class="num">{count(value)}</td>
        </tr>
      ))}
    />
  );
}

function Metrics({ of }: { of: Usage }) {
  const all = of.headStats.numSeries;
  return (
    <Grid
      label={t('metrics')}
      columns={[w('metric_name'), `#${w('series_kept')}`, `#${w('share_of_all')}`, '']}
      empty={w('no_series_now')}
      rows={of.seriesCountByMetricName.map(({ name, value }) => (
        <tr key={name}>
          <th scope="row">
            <a href={withParams({ metric: name })}>
              <Text value={name} />
            </a>
          </th>
          <td class="num">{count(value)}</td>
          <td class="num">{showValue(all > 0 ? value / all : 0, 'ratio')}</td>
          <td class="acts">
            <a href={`/explore?${new URLSearchParams({ q: name })}`}>{w('look_at')}</a>
          </td>
        </tr>
      ))}
    />
  );
}

function OneMetric({ name }: { name: string }) {
  const labels = useResource(name, () => labelsOf(name));
  return (
    <Panel title={w('labels_of', { name: visibleText(name) })}>
      <Loaded of={labels}>
        {(found) => <Counted label={w('label')} of={found} empty={w('no_series_now')} />}
      </Loaded>
    </Panel>
  );
}

export function UsagePage() {
  const usage = useResource('usage', getUsage);
  const metric = query.value.get('metric');
  return (
    <div class="page usage">
      <Title title={w('usage')} />
      <SettingsTabs here="/settings/usage" />
      {metric && <OneMetric name={metric} />}
      <Loaded of={usage}>
        {(of) => (
          <>
            <p class="muted">{w('usage_text', { n: count(of.headStats.numSeries) })}</p>
            <Metrics of={of} />
            <Counted label={w('label')} of={of.labelValueCountByLabelName} empty={w('no_series_now')} />
          </>
        )}
      </Loaded>
    </div>
  );
}
