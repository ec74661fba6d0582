// The server about itself, one's own logins, and who changed what.
import { useEffect } from 'preact/hooks';
import '../../style/manage.css';
import {
  endSession,
  getLogRetention,
  getSessions,
  getStatus,
  type LogRetention,
  type ServerStatus,
} from '../../api/manage';
import { now } from '../../live/clock';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Panel } from '../../parts/panel';
import { RangePicks, rangeOf, spanOf } from '../../parts/range';
import { query } from '../../live/router';
import { Text } from '../../parts/text';
import { Age, At } from '../../parts/when';
import { duration } from '../../text/time';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { showValue } from '../../text/units';
import { ChangeList } from './changes';
import { SettingsTabs } from './settings_tabs';
import { StatusSwitch } from './status_switch';

const count = (value: number): string => showValue(value, 'number');
const bytes = (value: number): string => showValue(value, 'bytes');

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Health({ of }: { of: ServerStatus }) {
  const behind = of.intake.last_offset - of.intake.applied_offset;
  return (
    <>
      <Panel title={w('self_health')} class="self-health">
        <dl class="figures">
          <Figure name={w('version_name')} value={of.version} />
          <Figure name={w('runs_since')} value={duration(now.value - Date.parse(of.started))} />
          <Figure name={w('batches')} value={count(of.intake.batches)} />
          <Figure name={w('repeats')} value={count(of.intake.duplicates)} />
          <Figure name={w('refused')} value={count(of.intake.refused)} />
          <Figure name={w('behind')} value={count(behind)} />
          <Figure name={w('samples')} value={count(of.intake.samples)} />
          <Figure name={w('log_records')} value={count(of.intake.log_records)} />
          <Figure name={w('events')} value={count(of.intake.events)} />
        </dl>
      </Panel>
      <Panel title={w('storage')}>
        <dl class="figures">
          <Figure name={w('journal')} value={bytes(of.journal_bytes)} />
          <Figure name={w('series_kept')} value={count(of.stores.series.series)} />
          <Figure name={w('series_bytes')} value={bytes(of.stores.series.bytes_on_disk)} />
          <Figure name={w('logs_kept')} value={count(of.stores.logs.records)} />
          <Figure name={w('logs_bytes')} value={bytes(of.stores.logs.bytes_on_disk)} />
        </dl>
      </Panel>
    </>
  );
}

function Retention({ of }: { of: LogRetention }) {
  return (
    <Panel title={w('log_retention')}>
      <p class="pad muted">
        {w('kept_for', {
          age: of.max_age_seconds === null ? '–' : duration(of.max_age_seconds * 1000),
          bytes: of.max_bytes === null ? '–' : bytes(of.max_bytes),
        })}
      </p>
      <Grid
        label={w('log_retention')}
        columns={[t('service'), `#${w('text_size')}`, `#${w('on_disk')}`, w('oldest'), w('newest')]}
        empty={w('no_logs_kept')}
        rows={of.services.map((one) => (
          <tr key={one.service}>
            <th scope="row">
              <Text value={one.service || t('facet_none')} />
            </th>
            <td class="num">{bytes(one.raw_bytes)}</td>
            <td class="num">{bytes(one.bytes)}</td>
            <td>
              <At time={one.oldest} />
            </td>
            <td>
              <At time={one.newest} />
            </td>
          </tr>
        ))}
      />
    </Panel>
  );
}

const kEvery = 10_000;

export function SettingsPage() {
  const status = useResource('status', getStatus);
  const retention = useResource('retention', getLogRetention);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) status.reload();
    }, kEvery);
    return () => clearInterval(timer);
  }, [status]);
  return (
    <div class="page settings">
      <Title title={t('settings')} />
      <SettingsTabs here="/settings" />
      <Loaded of={status}>{(of) => <Health of={of} />}</Loaded>
      <StatusSwitch />
      <Loaded of={retention}>{(of) => <Retention of={of} />}</Loaded>
    </div>
  );
}

export function SessionsPage() {
  const all = useResource('sessions', getSessions);
  const end = async (id: string) => {
    await attempt(() => endSession(id), w('session_ended'));
    all.reload();
  };
  return (
    <div class="page sessions">
      <Title title={w('sessions')} />
      <SettingsTabs here="/settings/sessions" />
      <p class="muted">{w('sessions_text')}</p>
      <Loaded of={all}>
        {(items) => (
          <Grid
            label={w('sessions')}
            columns={[w('client'), w('last_used'), w('expires'), '']}
            empty={w('no_sessions')}
            rows={items.map((one) => (
              <tr key={one.id} data-id={one.id}>
                <td class="wide-cell">
                  <Text value={one.client || '–'} />
                </td>
                <td>
                  <Age time={one.rotated} />
                </td>
                <td>
                  <At time={one.expires} />
                </td>
                <td class="acts">
                  <button type="button" onClick={() => void end(one.id)}>
                    {w('end_session')}
                  </button>
                </td>
              </tr>
            ))}
          />
        )}
      </Loaded>
    </div>
  );
}

export function AuditPage() {
  const span = spanOf('7d');
  const asked = { from: span.from, type: 'audit.*' };
  return (
    <div class="page audit">
      <Title title={w('audit')} />
      <SettingsTabs here="/settings/audit" />
      <div class="bar">
        <p class="muted grow">{w('audit_text')}</p>
        <RangePicks chosen={rangeOf(query.value.get('range'), '7d')} first="7d" />
      </div>
      <ChangeList key={span.from} asked={asked} live />
    </div>
  );
}
