// Will I be told? Was I told? Channels, a test for each, and the log of what was delivered, or why not.
import { useState } from 'preact/hooks';
import '../../style/manage.css';
import { getChannels, getDeliveries, removeChannel, testChannel, type Channel } from '../../api/manage';
import { may } from '../../api/session';
import { navigate, query, withParams } from '../../live/router';
import { say } from '../../live/notice';
import { useResource } from '../../live/use_resource';
import { Confirm } from '../../parts/form';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Mark } from '../../parts/mark';
import { Panel } from '../../parts/panel';
import { attempt } from '../../parts/attempt';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { t, word } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { ChannelForm } from './channel_form';
import { shownSetting } from './channel_kinds';

/** Where it goes, in a few words. */
function target({ settings }: Channel): string {
  const place = settings.to ?? settings.channel ?? settings.url ?? settings.host ?? '';
  return shownSetting(place).replaceAll('\n', ', ');
}

interface Said {
  ok: boolean;
  detail: string;
}

function TestButton({ channel }: { channel: Channel }) {
  const [said, setSaid] = useState<Said | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setSaid(null);
    const answer = await attempt(() => testChannel(channel.id));
    setBusy(false);
    if (answer) setSaid(answer);
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void run()}>
        {w(busy ? 'test_busy' : 'test')}
      </button>
      {said && (
        <p class={`test-result ${said.ok ? 'good' : 'bad'}`} role="status">
          <Mark kind={said.ok ? 'normal' : 'critical'} /> {w(said.ok ? 'test_ok' : 'test_failed')}{' '}
          <Text value={said.detail} />
        </p>
      )}
    </>
  );
}

function Log({ channel }: { channel: Channel }) {
  const log = useResource(channel.id, (signal) => getDeliveries(channel.id, signal));
  return (
    <Panel
      title={w('delivery_log', { name: channel.name })}
      class="delivery-log"
      aside={
        <button type="button" onClick={() => log.reload()}>
          {w('refresh')}
        </button>
      }
    >
      <Loaded of={log}>
        {({ items }) => (
          <Grid
            label={w('delivery_log', { name: channel.name })}
            columns={[t('time'), t('alert'), t('what'), t('status'), `#${w('attempts')}`, w('last_answer')]}
            empty={w('no_deliveries_yet')}
            rows={items.map((one) => (
              <tr key={one.id + one.created} class={`d-${one.state}`}>
                <td>
                  <At time={one.delivered ?? one.created} />
                </td>
                <td>
                  {one.alert_id ? (
                    <a href={`/alerts/${encodeURIComponent(one.alert_id)}`}>{w('open_alert')}</a>
                  ) : (
                    ''
                  )}
                </td>
                <td>{word(one.transition)}</td>
                <td>
                  <b>{word(one.state)}</b>
                </td>
                <td class="num">{one.attempts}</td>
                <td class="wide-cell">
                  <Text value={one.last_error} />
                </td>
              </tr>
            ))}
          />
        )}
      </Loaded>
    </Panel>
  );
}

interface RowProps {
  channel: Channel;
  open: boolean;
  edit: () => void;
  remove: () => void;
}
function Row({ channel, open, edit, remove }: RowProps) {
  return (
    <tr data-id={channel.id} class={channel.enabled ? '' : 'over'}>
      <th scope="row">
        <Text value={channel.name} />
      </th>
      <td>{wordOf('channel_', channel.kind)}</td>
      <td class="wide-cell">
        <Text value={target(channel)} />
      </td>
      <td>{wordOf('takes_', channel.min_tier)}</td>
      <td>{w(channel.enabled ? 'on' : 'off')}</td>
      <td class="acts">
        <TestButton channel={channel} />
        <a
          class="button"
          href={withParams({ log: open ? undefined : channel.id })}
          aria-current={open ? 'true' : undefined}
        >
          {w('log')}
        </a>
        {may('admin') && (
          <>
            <button type="button" onClick={edit}>
              {w('edit')}
            </button>
            <button type="button" onClick={remove}>
              {w('remove')}
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

export function ChannelsPage() {
  const all = useResource('channels', getChannels);
  const [editing, setEditing] = useState<Channel | 'new' | null>(null);
  const [removing, setRemoving] = useState<Channel | null>(null);
  const logOf = query.value.get('log');
  const shown = all.data.value?.find((one) => one.id === logOf);
  return (
    <div class="page channels">
      <Title title={t('channels')}>
        {may('admin') && (
          <button type="button" class="primary" onClick={() => setEditing('new')}>
            {w('channel_new')}
          </button>
        )}
      </Title>
      <Loaded of={all}>
        {(items) => (
          <Grid
            label={t('channels')}
            columns={[t('name'), w('kind'), w('goes_to'), w('takes'), t('status'), '']}
            empty={
              <>
                <strong>{w('no_channels')}</strong> {w('no_channels_hint')}
              </>
            }
            rows={items.map((one) => (
              <Row
                key={one.id}
                channel={one}
                open={one.id === logOf}
                edit={() => setEditing(one)}
                remove={() => setRemoving(one)}
              />
            ))}
          />
        )}
      </Loaded>
      {shown && <Log key={shown.id} channel={shown} />}
      {editing && (
        <ChannelForm
          channel={editing === 'new' ? null : editing}
          close={() => setEditing(null)}
          saved={() => all.reload()}
        />
      )}
      {removing && (
        <Confirm
          title={w('channel_remove')}
          text={w('channel_remove_text', { name: removing.name })}
          submit={w('remove')}
          close={() => setRemoving(null)}
          run={async () => {
            await removeChannel(removing.id);
            say(w('channel_removed'));
            if (removing.id === logOf) navigate(withParams({ log: undefined }), 'replace');
            all.reload();
          }}
        />
      )}
    </div>
  );
}
