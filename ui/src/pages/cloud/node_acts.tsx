// What is done to a node: planned work that holds messages back (maintenance, blackout), its cloud, forgetting it.
import { useState } from 'preact/hooks';
import {
  classifyNode,
  getClouds,
  makeCloud,
  makeMaintenance,
  removeMaintenance,
  removeNode,
} from '../../api/manage';
import { may } from '../../api/session';
import type { NodeState } from '../../api/types';
import { serverNow } from '../../live/clock';
import { reloadOverview } from '../../live/overview';
import { navigate } from '../../live/router';
import { say } from '../../live/notice';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Confirm, Dialog, Field, Form, field } from '../../parts/form';
import { Select, plainly } from '../../parts/select';
import { t } from '../../text/i18n';
import { duration } from '../../text/time';
import { w, wordOf } from '../../text/lazy_words';

const kDurations = ['30m', '1h', '2h', '4h', '8h', '1d', '3d'] as const;

interface WorkProps {
  host: string;
  kind: 'maintenance' | 'blackout';
  close: () => void;
}
function Work({ host, kind, close }: WorkProps) {
  const save = async (data: FormData) => {
    const made = await makeMaintenance({
      kind,
      matchers: [{ name: 'host', value: host }],
      reason: field(data, 'reason'),
      duration: field(data, 'duration'),
    });
    say(w(kind === 'maintenance' ? 'maintenance_set' : 'blackout_set', { host }), {
      undo: () => void attempt(() => removeMaintenance(made.id), w('work_gone')),
    });
    close();
  };
  return (
    <Dialog title={`${wordOf('kind_', kind)}: ${host}`} close={close}>
      <Form submit={t('save')} cancel={close} onSubmit={save}>
        <p class="muted">{w(kind === 'maintenance' ? 'maintenance_means' : 'blackout_means')}</p>
        <Field label={w('lasts')}>
          <Select name="duration" first="2h" options={plainly(kDurations)} />
        </Field>
        <Field label={w('reason')}>
          <input name="reason" required maxLength={1000} autocomplete="off" />
        </Field>
      </Form>
    </Dialog>
  );
}

function Classify({ node, close }: { node: NodeState; close: () => void }) {
  const clouds = useResource('clouds', getClouds);
  const save = async (data: FormData) => {
    const name = field(data, 'new_cloud');
    const id = name ? (await makeCloud(name)).id : field(data, 'cloud');
    await classifyNode(node.host, id);
    say(w('classified', { host: node.host }));
    reloadOverview();
    close();
  };
  const known = clouds.data.value ?? [];
  return (
    <Dialog title={w('classify_title', { host: node.host })} close={close}>
      <Form submit={t('save')} cancel={close} onSubmit={save}>
        <Field label={t('environment')}>
          <Select
            key={known.length}
            name="cloud"
            first={known.find((one) => one.name === node.cloud)?.id ?? ''}
            options={[['', w('no_cloud')], ...known.map((one): [string, string] => [one.id, one.name])]}
          />
        </Field>
        <Field label={w('or_new_cloud')}>
          <input name="new_cloud" maxLength={100} autocomplete="off" />
        </Field>
      </Form>
    </Dialog>
  );
}

/** Silent for so long, a node is likely gone for good. */
const kGone = 10 * 60_000;

type Open = 'maintenance' | 'blackout' | 'classify' | 'forget' | null;

export function NodeActs({ node }: { node: NodeState }) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  if (!may('responder')) return null;
  const silent = serverNow() - Date.parse(node.last_seen);
  return (
    <div class="acts node-acts">
      <button type="button" onClick={() => setOpen('maintenance')}>
        {w('kind_maintenance')}
      </button>
      <button type="button" onClick={() => setOpen('blackout')}>
        {w('kind_blackout')}
      </button>
      {may('operator') && (
        <>
          <button type="button" onClick={() => setOpen('classify')}>
            {w('classify')}
          </button>
          <button type="button" onClick={() => setOpen('forget')}>
            {w('forget')}
          </button>
          {silent >= kGone && <span class="muted">{w('forget_silent', { age: duration(silent) })}</span>}
          <a class="button" href="/nodes/add">
            {w('add_node')}
          </a>
        </>
      )}
      {(open === 'maintenance' || open === 'blackout') && <Work host={node.host} kind={open} close={close} />}
      {open === 'classify' && <Classify node={node} close={close} />}
      {open === 'forget' && (
        <Confirm
          title={w('forget_title', { host: node.host })}
          text={w('forget_text')}
          submit={w('forget')}
          close={close}
          run={async () => {
            await removeNode(node.host);
            say(w('forgotten', { host: node.host }));
            reloadOverview();
            navigate('/nodes');
          }}
        />
      )}
    </div>
  );
}
