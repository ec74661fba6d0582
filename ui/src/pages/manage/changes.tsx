// What was different before it broke? Every change, newest first: what agents saw, what pipelines told, what people did here.
import { useEffect, useState } from 'preact/hooks';
import '../../style/manage.css';
import { getChanges } from '../../api/endpoints';
import { tellChange } from '../../api/manage';
import { may } from '../../api/session';
import type { ChangeEvent, Cursor } from '../../api/types';
import { overview } from '../../live/overview';
import { navigate, query, withParams } from '../../live/router';
import { say } from '../../live/notice';
import { onStream } from '../../live/stream';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Dialog, Field, Form, field } from '../../parts/form';
import { Grid, Loaded, Title } from '../../parts/listing';
import { RangePicks, rangeOf, spanOf } from '../../parts/range';
import { Text } from '../../parts/text';
import { Age, At } from '../../parts/when';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { WaysOut } from '../ways_out';

/** A lane is a glob over the types of changes. */
const kLanes = {
  all: '',
  services: 'service.*',
  nodes: 'node.*',
  deploys: 'deploy*',
  people: 'audit.*',
} as const;
type Lane = keyof typeof kLanes;
const laneOf = (text: string | null): Lane =>
  text !== null && Object.hasOwn(kLanes, text) ? (text as Lane) : 'all';

export function ChangeRow({ change }: { change: ChangeEvent }) {
  return (
    <tr>
      <td class="nowrap">
        <At time={change.time} />
        <small class="muted said">
          <Age time={change.time} />
        </small>
      </td>
      <td>
        <code>
          <Text value={change.type} />
        </code>
      </td>
      <td>
        {change.host && (
          <a href={`/nodes/${encodeURIComponent(change.host)}`}>
            <Text value={change.host} />
          </a>
        )}
      </td>
      <td>
        <Text value={change.service} />
      </td>
      <td class="wide-cell">
        <Text value={change.summary} />
      </td>
      <td>
        <Text value={change.origin} />
      </td>
    </tr>
  );
}

const kColumns = () => [t('time'), w('kind'), t('host'), t('service'), t('what'), w('told_by')];

interface ChangeListProps {
  asked: Parameters<typeof getChanges>[0];
  live: boolean;
}
export function ChangeList({ asked, live }: ChangeListProps) {
  const first = useResource(JSON.stringify(asked), (signal) => getChanges(asked, signal));
  const [more, setMore] = useState<ChangeEvent[]>([]);
  const [cursor, setCursor] = useState<string | null | undefined>(undefined);
  useEffect(
    () =>
      onStream((event) => {
        if (live && (event.event === 'change' || event.event === 'resync')) first.reload();
      }),
    [first, live],
  );
  const older = async (from: string) => {
    const page: Cursor<ChangeEvent> | undefined = await attempt(() => getChanges({ ...asked, cursor: from }));
    if (!page) return;
    setMore([...more, ...page.items]);
    setCursor(page.next_cursor);
  };
  return (
    <Loaded of={first} rows={10}>
      {(page) => {
        const next = cursor === undefined ? page.next_cursor : cursor;
        const known = new Set(page.items.map((one) => one.id));
        return (
          <>
            <Grid
              label={t('changes')}
              columns={kColumns()}
              empty={
                <>
                  {w('no_changes_here')}{' '}
                  <WaysOut filters={['host', 'service', 'lane']} week={asked.from === 'now-7d'} />
                </>
              }
              rows={[...page.items, ...more.filter((one) => !known.has(one.id))].map((one) => (
                <ChangeRow key={one.id} change={one} />
              ))}
            />
            {next && (
              <button type="button" class="older" onClick={() => void older(next)}>
                {w('older')}
              </button>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function Tell({ close }: { close: () => void }) {
  const save = async (data: FormData) => {
    const [host, service] = [field(data, 'host'), field(data, 'service')];
    await tellChange({
      type: field(data, 'type'),
      summary: field(data, 'summary'),
      ...(host ? { host } : {}),
      ...(service ? { service } : {}),
    });
    say(w('change_told'));
    close();
  };
  return (
    <Dialog title={w('tell_change')} close={close}>
      <Form submit={w('tell')} cancel={close} onSubmit={save}>
        <Field label={w('kind')} hint={w('change_kind_hint')}>
          <input name="type" required maxLength={200} defaultValue="deploy" autocomplete="off" />
        </Field>
        <Field label={t('what')}>
          <input name="summary" required maxLength={2000} autocomplete="off" />
        </Field>
        <div class="field-row">
          <Field label={t('host')}>
            <input name="host" list="change-hosts" autocomplete="off" />
          </Field>
          <Field label={t('service')}>
            <input name="service" autocomplete="off" />
          </Field>
        </div>
        <datalist id="change-hosts">
          {(overview.value?.nodes ?? []).map((node) => (
            <option key={node.host} value={node.host} />
          ))}
        </datalist>
      </Form>
    </Dialog>
  );
}

export function ChangesPage() {
  const [telling, setTelling] = useState(false);
  const params = query.value;
  const lane = laneOf(params.get('lane'));
  const span = spanOf('24h');
  const asked = {
    from: span.from,
    ...(span.to === 'now' ? {} : { to: span.to }),
    host: params.get('host') ?? '',
    service: params.get('service') ?? '',
    type: kLanes[lane],
  };
  const set = (name: string) => (event: { currentTarget: HTMLInputElement }) =>
    navigate(withParams({ [name]: event.currentTarget.value.trim() }), 'replace');
  return (
    <div class="page changes-page">
      <Title title={t('changes')}>
        {may('operator') && (
          <button type="button" class="primary" onClick={() => setTelling(true)}>
            {w('tell_change')}
          </button>
        )}
      </Title>
      <div class="bar">
        <nav class="tabs" aria-label={w('kind')}>
          {(Object.keys(kLanes) as Lane[]).map((one) => (
            <a
              key={one}
              href={withParams({ lane: one === 'all' ? undefined : one })}
              aria-current={one === lane ? 'page' : undefined}
            >
              {wordOf('lane_', one)}
            </a>
          ))}
        </nav>
        <input
          key={`host ${asked.host}`}
          aria-label={t('host')}
          placeholder={t('host')}
          defaultValue={asked.host}
          onChange={set('host')}
        />
        <input
          key={`service ${asked.service}`}
          aria-label={t('service')}
          placeholder={t('service')}
          defaultValue={asked.service}
          onChange={set('service')}
        />
        <RangePicks chosen={rangeOf(params.get('range'), '24h')} first="24h" />
      </div>
      <ChangeList key={JSON.stringify(asked)} asked={asked} live={span.to === 'now'} />
      {telling && <Tell close={() => setTelling(false)} />}
    </div>
  );
}
