// What the alert hangs on and what hangs on it. A path is a fact of who needs whom; "cause" stands only where the alert
// engine says so.
import { useEffect } from 'preact/hooks';
import { getSurroundings, type Neighbour, type Surroundings } from '../../api/manage';
import type { Alert } from '../../api/types';
import { onStream } from '../../live/stream';
import { useResource } from '../../live/use_resource';
import { Mark, SeverityBadge, markOfService } from '../../parts/mark';
import { Loaded } from '../../parts/listing';
import { Panel } from '../../parts/panel';
import { Text } from '../../parts/text';
import { Age } from '../../parts/when';
import { word } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { TouchedInstances } from './alert_instances';

const kMaxNeighbours = 12;

const isBad = (one: Neighbour): boolean => one.members.some((member) => member.status !== 'up');

/** A service as a chip: its worst member's state, and where that is. */
function Chip({ of, showWhy }: { of: Neighbour; showWhy: boolean }) {
  const worst = of.members[0];
  if (!worst) return null;
  const bad = worst.status !== 'up';
  const down = of.members.filter((one) => one.status !== 'up').length;
  const text = (
    <>
      <Mark kind={markOfService[worst.status]} label={word(worst.status)} />
      <Text value={of.service} />
      {bad && (
        <>
          {' '}
          <b>
            <Text value={of.total > 1 ? w('down_of', { n: down, all: of.total }) : worst.host} />
          </b>{' '}
          {word(worst.status)} <Age time={worst.since} />
        </>
      )}
    </>
  );
  const title = showWhy ? wordOf('need_', of.why.replaceAll(' ', '_')) : undefined;
  return (
    <li class={bad ? 'bad' : ''}>
      {worst.alert_id ? (
        <a href={`/alerts/${encodeURIComponent(worst.alert_id)}`} title={title}>
          {text}
        </a>
      ) : (
        <span title={title}>{text}</span>
      )}
    </li>
  );
}

function Chips({ of, showWhy }: { of: readonly Neighbour[]; showWhy: boolean }) {
  const sorted = [...of].sort((a, b) => Number(isBad(b)) - Number(isBad(a)));
  return (
    <ul class="chips">
      {sorted.slice(0, kMaxNeighbours).map((one) => (
        <Chip key={one.service} of={one} showWhy={showWhy} />
      ))}
      {of.length > kMaxNeighbours && <li>{w('and_more', { n: of.length - kMaxNeighbours })}</li>}
    </ul>
  );
}

function Cause({ of }: { of: Alert }) {
  return (
    <p class="cause">
      <b>{w('cause')}</b>{' '}
      <a href={`/alerts/${encodeURIComponent(of.id)}`}>
        <SeverityBadge severity={of.severity} /> <Text value={of.text} />
      </a>
    </p>
  );
}

/** Of the alert and of what follows from it; in order, so that the same hosts are the same question. */
const hostsOf = (alert: Alert, around: Surroundings): string[] =>
  [...new Set([alert.host, ...around.symptoms.map((one) => one.host)])].filter(Boolean).sort();

function Blast({ alert, around }: { alert: Alert; around: Surroundings }) {
  const hosts = new Set(around.symptoms.map((one) => one.host));
  return (
    <div>
      <h3>{w('blast')}</h3>
      <TouchedInstances hosts={hostsOf(alert, around)} />
      {around.symptoms_total > 0 && (
        <details class="symptoms">
          <summary>{w('symptoms', { n: around.symptoms_total, hosts: hosts.size })}</summary>
          <ul class="rows">
            {around.symptoms.map((one) => (
              <li key={one.id}>
                <a href={`/alerts/${encodeURIComponent(one.id)}`}>
                  <SeverityBadge severity={one.severity} />
                  <span class="text">
                    <Text value={one.text} />
                  </span>
                  <Age time={one.createTime} />
                </a>
              </li>
            ))}
          </ul>
        </details>
      )}
      {around.needed_by.length > 0 ? (
        <Chips of={around.needed_by} showWhy={false} />
      ) : (
        around.symptoms_total === 0 && <p class="muted">{w('nothing_hangs')}</p>
      )}
    </div>
  );
}

export function AlertAround({ alert }: { alert: Alert }) {
  const loaded = useResource(alert.id, (signal) => getSurroundings(alert.id, signal));
  useEffect(
    () =>
      onStream((event) => {
        if (event.event === 'state' || event.event === 'alert' || event.event === 'resync') loaded.reload();
      }),
    [loaded],
  );
  return (
    <Panel title={w('around')} class="around-alert">
      <Loaded of={loaded} rows={2}>
        {(around) => (
          <>
            {around.cause && <Cause of={around.cause} />}
            <div class="two">
              <div>
                <h3>{w('needs')}</h3>
                {around.needs.length > 0 ? (
                  <Chips of={around.needs} showWhy />
                ) : (
                  <p class="muted">{w('needs_nothing')}</p>
                )}
              </div>
              <Blast alert={alert} around={around} />
            </div>
          </>
        )}
      </Loaded>
    </Panel>
  );
}
