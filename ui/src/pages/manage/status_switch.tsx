// Whether everybody who has its address sees the status page. An administrator's switch; others see how it stands.
import { useState } from 'preact/hooks';
import { serverAddress } from '../../api/origin';
import { may } from '../../api/session';
import { getStatusPage, setStatusPage, type StatusPageSettings } from '../../api/status_page';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Field, Form, field } from '../../parts/form';
import { Loaded } from '../../parts/listing';
import { Panel } from '../../parts/panel';
import { Secret } from '../../parts/secret';
import { w } from '../../text/lazy_words';

function Switch({ of, changed }: { of: StatusPageSettings; changed: (next: StatusPageSettings) => void }) {
  const [busy, setBusy] = useState(false);
  const off = async () => {
    setBusy(true);
    const next = await attempt(() => setStatusPage(false, of.title), w('status_public_is_off'));
    setBusy(false);
    if (next) changed(next);
  };
  if (of.path)
    return (
      <div class="pad">
        <p>{w('status_public_at')}</p>
        <Secret value={serverAddress() + of.path} />
        {may('admin') && (
          <button type="button" disabled={busy} onClick={() => void off()}>
            {w('switch_off')}
          </button>
        )}
      </div>
    );
  if (!may('admin')) return <p class="pad muted">{w('status_public_off')}</p>;
  return (
    <div class="pad">
      <p class="muted">{w('status_public_text')}</p>
      <Form
        submit={w('switch_on')}
        onSubmit={async (data) => changed(await setStatusPage(true, field(data, 'title')))}
      >
        <Field label={w('status_public_title')}>
          <input name="title" maxLength={60} autocomplete="off" defaultValue={of.title} />
        </Field>
      </Form>
    </div>
  );
}

export function StatusSwitch() {
  const loaded = useResource('status-page', getStatusPage);
  return (
    <Panel title={w('status_public')} class="status-switch">
      <Loaded of={loaded} rows={2}>
        {(of) => (
          <Switch
            of={of}
            changed={(next) => {
              loaded.data.value = next;
            }}
          />
        )}
      </Loaded>
    </Panel>
  );
}
