// Why was I (not) told? What stands in the way and until when, every message, every attempt.
import { useEffect } from 'preact/hooks';
import { getNotifications, type AlertNotifications } from '../../api/manage';
import type { Alert, Delivery } from '../../api/types';
import { now } from '../../live/clock';
import { onStream } from '../../live/stream';
import { useResource } from '../../live/use_resource';
import { Loaded } from '../../parts/listing';
import { Mark } from '../../parts/mark';
import { Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { clockTime, shortDuration } from '../../text/time';
import { t, word } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';

type Why = AlertNotifications['why_not_notified'][number];

/** Where a stage's own thing can be seen. */
function stageHref(why: Why): string | null {
  if (why.stage === 'channel') return '/channels';
  if (why.stage === 'cause' && why.id) return `/alerts/${encodeURIComponent(why.id)}`;
  if (['silence', 'maintenance', 'blackout'].includes(why.stage))
    return why.id ? `/silences?id=${encodeURIComponent(why.id)}` : '/silences';
  return null;
}

function Stage({ of }: { of: Why }) {
  const href = stageHref(of);
  return (
    <li>
      <b>{href ? <a href={href}>{wordOf('stage_', of.stage)}</a> : wordOf('stage_', of.stage)}</b>{' '}
      <Text value={of.text} />
      {of.until && <span class="muted"> {w('until', { time: clockTime(of.until, now.peek()) })}</span>}
    </li>
  );
}

function Receivers({ of }: { of: AlertNotifications['receivers'] }) {
  if (of.channels.length === 0) return null;
  return (
    <p class="muted pad receivers">
      {of.by === '' ? `${t('channels')}:` : w('for_owner', { name: of.name })}{' '}
      <Text value={of.channels.join(', ')} />
    </p>
  );
}

function Message({ of, attempts }: { of: Delivery; attempts: AlertNotifications['attempts'] }) {
  const mine = attempts.filter((one) => one.channel === of.channel);
  const last = mine.at(-1);
  return (
    <li class={`d-${of.state}`}>
      <At time={of.delivered ?? of.created} />
      <span class="where">
        <Text value={of.channel} />
      </span>
      <span class="text">
        <b>{word(of.state)}</b>{' '}
        <span class="muted">
          {word(of.transition)}, {t('attempts', { n: of.attempts })}
          {last?.ok && of.state === 'delivered' && `, ${shortDuration(last.took_ms)}`}
        </span>
        {of.last_error && (
          <span class="said">
            <Text value={of.last_error} />
          </span>
        )}
      </span>
    </li>
  );
}

function Attempts({ of }: { of: AlertNotifications['attempts'] }) {
  if (of.length === 0) return null;
  return (
    <details class="pad">
      <summary>{w('every_attempt', { n: of.length })}</summary>
      <ul class="changes">
        {of.map((one) => (
          <li key={one.channel + one.time + one.attempt}>
            <At time={one.time} />
            <span class="where">
              <Text value={one.channel} />
            </span>
            <span class="text">
              <Mark kind={one.ok ? 'normal' : 'major'} label={w(one.ok ? 'test_ok' : 'test_failed')} />{' '}
              {shortDuration(one.took_ms)} <Text value={one.answer} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function AlertTold({ alert }: { alert: Alert }) {
  const loaded = useResource(alert.id + alert.updateTime, (signal) => getNotifications(alert.id, signal));
  useEffect(
    () =>
      onStream((event) => {
        if (event.event === 'alert' || event.event === 'resync') loaded.reload();
      }),
    [loaded],
  );
  return (
    <Panel title={t('deliveries')} class="told">
      <Loaded of={loaded} rows={2}>
        {(told) => (
          <>
            {told.why_not_notified.length > 0 && (
              <ul class="why-not">
                {told.why_not_notified.map((one) => (
                  <Stage key={one.stage + one.id + one.text} of={one} />
                ))}
              </ul>
            )}
            {told.deliveries.length > 0 ? (
              <ul class="deliveries">
                {told.deliveries.map((one) => (
                  <Message
                    key={one.channel + one.created + one.transition}
                    of={one}
                    attempts={told.attempts}
                  />
                ))}
              </ul>
            ) : (
              told.why_not_notified.length === 0 && <p class="empty">{t('no_deliveries')}</p>
            )}
            {told.next_notification_at && (
              <p class="muted pad">
                {w('next_told', {
                  time: clockTime(told.next_notification_at, now.peek()),
                  what: wordOf('next_', told.next_is),
                })}
              </p>
            )}
            <Receivers of={told.receivers} />
            <Attempts of={told.attempts} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}
