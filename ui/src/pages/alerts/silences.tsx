// What is hidden, by whom, until when? Also planned work (maintenance, blackout), which hides in the same way. A silence
// that is being made is in the URL: ?new=1&m=host=compute1.
import { useState } from 'preact/hooks';
import '../../style/manage.css';
import {
  changeMaintenance,
  changeSilence,
  getMaintenances,
  getSilences,
  previewSilence,
  type Matcher,
  type Quiet,
} from '../../api/manage';
import { may } from '../../api/session';
import { now, serverNow } from '../../live/clock';
import { useKeys } from '../../live/keys';
import { navigate, query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { offsetOf, shownOffset } from '../../text/lengths';
import { duration } from '../../text/time';
import { matcherOf, parseMatcher, showMatcher } from '../../text/matchers';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { SilenceCalendar } from './silence_calendar';
import { SilenceForm } from './silence_form';

const kOrder = ['active', 'pending', 'expired'];

function HidesNow({ of }: { of: Quiet }) {
  const loaded = useResource(of.id + of.ends, (signal) => previewSilence(of.matchers, signal));
  const answer = loaded.data.value;
  return <>{answer ? w('alerts_hidden', { n: answer.total }) : '…'}</>;
}

/** "2 h left", "in 3 h", "ended 5 m ago". */
function Left({ of }: { of: Quiet }) {
  const here = now.value;
  const [from, to] = [Date.parse(of.starts), Date.parse(of.ends)];
  // The browser's clock may be a second behind the server's: what is active has begun.
  if (of.state === 'pending' && here < from) return <>{w('begins_in', { age: duration(from - here) })}</>;
  if (here < to) return <>{w('ends_in', { age: duration(to - here) })}</>;
  return <>{w('ended_ago', { age: duration(here - to) })}</>;
}

function Recurs({ of }: { of: Quiet }) {
  const again = of.recurrence;
  if (!again) return null;
  const days = (again.weekdays ?? []).map((day) => wordOf('day_', day)).join(' ') || w('every_day');
  const offset = shownOffset(offsetOf(again.utc_offset));
  return (
    <small class="muted said">
      {w('recurs_at', { days, start: again.start, length: again.length, offset })}
    </small>
  );
}

function endNow(of: Quiet, changed: () => void): void {
  const { matchers, reason, starts, ends, recurrence } = of;
  const put = of.kind === 'silence' ? changeSilence : changeMaintenance;
  const input = {
    matchers,
    reason,
    starts,
    ...(recurrence ? { recurrence } : {}),
    ...(of.kind === 'silence' ? {} : { kind: of.kind }),
  };
  const end = new Date(serverNow()).toISOString();
  void attempt(
    () => put(of.id, { ...input, ends: end }),
    w(of.kind === 'silence' ? 'silence_ended' : 'maintenance_ended'),
    () => void attempt(() => put(of.id, { ...input, ends })).then(changed),
  ).then(changed);
}

interface RowProps {
  of: Quiet;
  edit: (of: Quiet) => void;
  changed: () => void;
}
function Row({ of, edit, changed }: RowProps) {
  const over = of.state === 'expired';
  return (
    <tr class={over ? 'over' : ''} data-id={of.id}>
      <td>
        <span class={`tag q-${of.state}`}>{wordOf('state_', of.state)}</span>
        {of.kind !== 'silence' && <small class="said">{wordOf('kind_', of.kind)}</small>}
      </td>
      <td class="wide-cell">
        <ul class="matcher-list">
          {of.matchers.map((matcher) => (
            <li key={showMatcher(matcher)}>
              <code>
                <Text value={showMatcher(matcher)} />
              </code>
            </li>
          ))}
        </ul>
      </td>
      <td class="wide-cell">
        <Text value={of.reason} />
        <Recurs of={of} />
      </td>
      <td>
        <Text value={of.created_by} />
      </td>
      <td>
        <Left of={of} />
        <small class="muted said">
          <At time={of.starts} /> – <At time={of.ends} />
        </small>
      </td>
      <td class="num">{over ? '' : <HidesNow of={of} />}</td>
      <td class="acts">
        {may('responder') && (
          <>
            {of.kind === 'silence' && (
              <button type="button" onClick={() => edit(of)}>
                {w(over ? 'again' : 'edit')}
              </button>
            )}
            {!over && (
              <button type="button" onClick={() => endNow(of, changed)}>
                {w('end_now')}
              </button>
            )}
          </>
        )}
      </td>
    </tr>
  );
}

/** From the URL: what a link elsewhere ("silence this") asks for. */
function asked(): Matcher[] {
  const found = query.value.getAll('m').flatMap((text) => parseMatcher(text) ?? []);
  return found.length > 0 ? found : [matcherOf('host', '=', '')];
}

export function SilencesPage() {
  const all = useResource('silences', async (signal) => {
    const [silences, planned] = await Promise.all([getSilences(signal), getMaintenances(signal)]);
    return [...silences, ...planned];
  });
  const [cal, only] = [query.value.get('cal'), query.value.get('id')];
  const [editing, setEditing] = useState<Quiet | null>(null);
  const making = query.value.get('new') === '1';
  const start = () => navigate(withParams({ new: '1' }));
  useKeys(may('responder') ? { s: start } : {});
  const close = () => {
    setEditing(null);
    if (making) navigate(withParams({ new: undefined, m: undefined, for: undefined }), 'replace');
  };
  const reload = () => all.reload();
  return (
    <div class="page silences">
      <Title title={t('silences')}>
        {may('responder') && (
          <button type="button" class="primary" onClick={start}>
            {w('silence_new')} <kbd>s</kbd>
          </button>
        )}
        <nav class="tabs" aria-label={w('view')}>
          <a href={withParams({ cal: undefined })} aria-current={cal === null ? 'page' : undefined}>
            {w('list')}
          </a>
          <a href={withParams({ cal: '1', id: undefined })} aria-current={cal === null ? undefined : 'page'}>
            {w('calendar')}
          </a>
        </nav>
      </Title>
      {cal === null && only !== null && (
        <p class="muted">
          <a href="/silences">{w('silences_all')}</a>
        </p>
      )}
      <Loaded of={all}>
        {(items) =>
          cal !== null ? (
            <SilenceCalendar all={items} at={cal} />
          ) : (
            <Grid
              label={t('silences')}
              columns={[
                t('status'),
                w('matchers'),
                w('reason'),
                w('by'),
                w('time_left'),
                `#${w('hides')}`,
                '',
              ]}
              empty={
                only === null ? (
                  w('no_silences')
                ) : (
                  <>
                    {w('silence_not_there')} <a href="/silences">{w('silences_all')}</a>
                  </>
                )
              }
              rows={items
                .filter(({ id }) => only === null || id === only)
                .sort(
                  (a, b) =>
                    kOrder.indexOf(a.state) - kOrder.indexOf(b.state) ||
                    (a.state === 'expired' ? b.ends.localeCompare(a.ends) : a.ends.localeCompare(b.ends)),
                )
                .map((one) => (
                  <Row key={one.id} of={one} edit={setEditing} changed={reload} />
                ))}
            />
          )
        }
      </Loaded>
      {making && (
        <SilenceForm
          silence={null}
          first={asked()}
          lasts={/^\d{1,3}[mhd]$/.exec(query.value.get('for') ?? '')?.[0] ?? '2h'}
          close={close}
          changed={reload}
        />
      )}
      {editing && (
        <SilenceForm
          key={editing.id}
          silence={editing.state === 'expired' ? null : editing}
          first={editing.matchers}
          close={close}
          changed={reload}
        />
      )}
    </div>
  );
}
