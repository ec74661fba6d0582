// What do we tell those who use the cloud? Ninety days of each service, what went wrong on them, and how much of the time
// all was well. To be read only.
import '../../style/manage.css';
import { getUptime, type Incident, type Uptime } from '../../api/uptime';
import { ApiError } from '../../api/error';
import { getStatusPage } from '../../api/status_page';
import { overview } from '../../live/overview';
import { useResource } from '../../live/use_resource';
import { Loaded, Title } from '../../parts/listing';
import { Mark, type MarkKind } from '../../parts/mark';
import { Empty, Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { UptimeBars, kUptimeDays, percent } from '../../parts/uptime_bars';
import { At } from '../../parts/when';
import { duration } from '../../text/time';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';

const kSpans = ['now-1d', 'now-7d', 'now-30d', 'now-90d'] as const;
const kIncidents = 30;

const markOf = (of: Uptime): MarkKind =>
  of.down_since !== null ? 'critical' : of.uptime === null ? 'unknown' : 'normal';

const stateOf = (of: Uptime): string =>
  w(of.down_since ? 'is_down' : of.uptime === null ? 'is_unknown' : 'is_up');

function Line({ name, href, of }: { name: string; href: string; of: Uptime }) {
  return (
    <li>
      <span class="who">
        <Mark kind={markOf(of)} label={stateOf(of)} />{' '}
        <a href={href}>
          <Text value={name} />
        </a>
      </span>
      <UptimeBars name={name} share={of.uptime} outages={of.incidents} known={of.known} />
      <span class="share">{percent(of.uptime)}</span>
    </li>
  );
}

interface Named extends Incident {
  name: string;
}
function Incidents({ of }: { of: readonly Uptime[] }) {
  const all = of.flatMap((one) =>
    one.incidents.map((incident): Named => ({ ...incident, name: one.service ?? one.host ?? '' })),
  );
  all.sort((a, b) => b.from.localeCompare(a.from));
  return (
    <Panel title={w('incidents')} aside={<span>{w('days_n', { n: kUptimeDays })}</span>}>
      {all.length > 0 ? (
        <ul class="changes incidents">
          {all.slice(0, kIncidents).map((one) => (
            <li key={`${one.name} ${one.host} ${one.from}`}>
              <At time={one.from} />
              <span class="where">
                {one.to === null
                  ? w('lasts_now')
                  : t('lasted', { age: duration(Date.parse(one.to) - Date.parse(one.from)) })}
              </span>
              <span class="text">
                {one.alert_id ? (
                  <a href={`/alerts/${encodeURIComponent(one.alert_id)}`}>
                    <Text value={`${one.name} ${one.host}`} />
                  </a>
                ) : (
                  <Text value={`${one.name} ${one.host}`} />
                )}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <Empty>{w('no_incidents')}</Empty>
      )}
    </Panel>
  );
}

export function StatusPage() {
  const loaded = useResource('uptime', async (signal) => {
    const reports = await Promise.all(kSpans.map((from) => getUptime(from, signal)));
    return { shares: reports.map((one) => one.cloud.uptime), whole: reports.at(-1)! };
  });
  const shown = useResource('status-page', getStatusPage).data.value?.path;
  const missing = loaded.error.value instanceof ApiError && loaded.error.value.status === 404;
  return (
    <div class="page status-page">
      <Title title={t('status_page')}>
        {shown && (
          <a class="button" href={shown} target="_blank">
            {w('status_public_see')}
          </a>
        )}
      </Title>
      {overview.value && (
        <p class="lead">
          <Text value={overview.value.verdict} />
        </p>
      )}
      {missing ? (
        <Empty>{w('no_uptime')}</Empty>
      ) : (
        <Loaded of={loaded} rows={10}>
          {({ shares, whole }) => (
            <>
              <dl class="figures panel">
                {shares.map((share, index) => (
                  <div key={index}>
                    <dt>{w('up_in', { span: kSpans[index]!.slice(4) })}</dt>
                    <dd>{percent(share)}</dd>
                  </div>
                ))}
              </dl>
              {(whole.cloud.known[0]?.from ?? '') > whole.from && (
                <p class="muted">
                  {w('watched_since')} <At time={whole.cloud.known[0]!.from} />
                </p>
              )}
              <Panel
                title={t('services')}
                aside={<span class="muted">{w('days_n', { n: kUptimeDays })}</span>}
              >
                {whole.services.length > 0 ? (
                  <ul class="uptimes">
                    {whole.services.map((one) => (
                      <Line
                        key={one.service}
                        name={one.service ?? ''}
                        href={`/services/${encodeURIComponent(one.service ?? '')}`}
                        of={one}
                      />
                    ))}
                  </ul>
                ) : (
                  <Empty>{w('no_services')}</Empty>
                )}
              </Panel>
              {whole.clouds.length > 1 && (
                <Panel title={w('clouds')}>
                  <ul class="uptimes clouds">
                    {whole.clouds.map((one) => (
                      <li key={one.cloud}>
                        <span class="who">
                          <Mark kind={markOf(one)} label={stateOf(one)} /> <Text value={one.cloud ?? ''} />
                        </span>
                        <span />
                        <span class="share">{percent(one.uptime)}</span>
                      </li>
                    ))}
                  </ul>
                </Panel>
              )}
              {whole.nodes.length > 0 && (
                <Panel title={t('nodes')}>
                  <ul class="uptimes">
                    {whole.nodes.map((one) => (
                      <Line
                        key={one.host}
                        name={one.host ?? ''}
                        href={`/nodes/${encodeURIComponent(one.host ?? '')}`}
                        of={one}
                      />
                    ))}
                  </ul>
                </Panel>
              )}
              <Incidents of={[...whole.services, ...whole.nodes]} />
            </>
          )}
        </Loaded>
      )}
    </div>
  );
}
