// The status page for those who use the cloud and cannot log in here: services, ninety days, incidents. It asks one thing of
// the server, again each minute, and knows nothing that is not on it.
import { useEffect } from 'preact/hooks';
import '../../style/manage.css';
import { ApiError } from '../../api/error';
import { getPublicStatus, type PublicState, type PublicStatus } from '../../api/status_page';
import { useResource } from '../../live/use_resource';
import { Loaded } from '../../parts/listing';
import { Mark, type MarkKind } from '../../parts/mark';
import { Empty, Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { UptimeBars, kUptimeDays, percent } from '../../parts/uptime_bars';
import { At } from '../../parts/when';
import { clockTime, duration, zoneName } from '../../text/time';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';

const kEvery = 60_000;
const kIncidents = 20;
const kMarks: Record<PublicState, MarkKind> = { up: 'normal', trouble: 'major', unknown: 'unknown' };
const kWords = { up: 'public_up', trouble: 'public_trouble', unknown: 'is_unknown' } as const;
const kVerdicts = {
  up: 'public_all_up',
  trouble: 'public_some_trouble',
  unknown: 'public_all_unknown',
} as const;

function Incidents({ of }: { of: PublicStatus }) {
  const all = of.services.flatMap(({ service, incidents }) =>
    incidents.map((incident) => ({ ...incident, service })),
  );
  all.sort((a, b) => b.from.localeCompare(a.from));
  return (
    <Panel title={w('incidents')} aside={<span>{w('days_n', { n: of.days })}</span>}>
      {all.length > 0 ? (
        <ul class="changes incidents">
          {all.slice(0, kIncidents).map((one) => (
            <li key={one.service + one.from}>
              <At time={one.from} />
              <span class="where">
                {one.to === null
                  ? w('lasts_now')
                  : t('lasted', { age: duration(Date.parse(one.to) - Date.parse(one.from)) })}
              </span>
              <span class="text">
                <Text value={one.service} />
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

function Services({ of }: { of: PublicStatus }) {
  return (
    <Panel title={t('services')} aside={<span class="muted">{w('days_n', { n: kUptimeDays })}</span>}>
      {of.services.length > 0 ? (
        <ul class="uptimes">
          {of.services.map(({ service, state, uptime, known, incidents }) => (
            <li key={service}>
              <span class="who">
                <Mark kind={kMarks[state]} label={w(kWords[state])} /> <Text value={service} />
              </span>
              <UptimeBars name={service} share={uptime} outages={incidents} known={known} />
              <span class="share">{percent(uptime)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <Empty>{w('no_services')}</Empty>
      )}
    </Panel>
  );
}

export function PublicStatusPage({ id: slug }: { id: string }) {
  const loaded = useResource(slug, (signal) => getPublicStatus(slug, signal));
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) loaded.reload();
    }, kEvery);
    return () => clearInterval(timer);
  }, [loaded]);
  const title = loaded.data.value?.title || t('status_page');
  useEffect(() => {
    document.title = title;
  }, [title]);
  const gone = loaded.error.value instanceof ApiError && loaded.error.value.status === 404;
  return (
    <main id="page" class="public-status" tabIndex={-1}>
      <div class="page status-page">
        <h1>
          <Text value={title} />
        </h1>
        {gone ? (
          <Empty>{w('public_gone')}</Empty>
        ) : (
          <Loaded of={loaded} rows={10}>
            {(of) => (
              <>
                <p class="lead public-verdict">
                  <Mark kind={kMarks[of.state]} /> {w(kVerdicts[of.state])}{' '}
                  <span class="muted">
                    {w('public_share', { share: percent(of.uptime), n: of.days })}{' '}
                    {w('public_as_of', {
                      time: clockTime(of.generated, Date.parse(of.generated)),
                      zone: zoneName(),
                    })}
                  </span>
                </p>
                <Services of={of} />
                <Incidents of={of} />
              </>
            )}
          </Loaded>
        )}
      </div>
    </main>
  );
}
