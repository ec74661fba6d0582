import { useState } from 'preact/hooks';
import { changeChannel, makeChannel, type Channel, type Tier } from '../../api/manage';
import { say } from '../../live/notice';
import { Dialog, Field, Form, field } from '../../parts/form';
import { Select, plainly } from '../../parts/select';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { kChannelKinds, settingsOf, shownSetting, type SettingField } from './channel_kinds';

const kTiers: readonly Tier[] = ['page', 'ticket', 'info'];

function Setting({ of, value }: { of: SettingField; value: unknown }) {
  const hint = of.secret && value === '***' ? w('secret_kept') : undefined;
  const common = { name: `set_${of.name}`, required: of.required ?? false, placeholder: of.placeholder };
  return (
    <Field label={w(of.label)} hint={hint}>
      {of.choices ? (
        <Select
          name={common.name}
          first={shownSetting(value) || (of.choices[0] ?? '')}
          options={plainly(of.choices)}
        />
      ) : of.many ? (
        <textarea {...common} rows={2} defaultValue={shownSetting(value)} />
      ) : (
        <input
          {...common}
          type={of.number ? 'number' : of.secret ? 'password' : 'text'}
          autocomplete="off"
          spellcheck={false}
          defaultValue={shownSetting(value)}
        />
      )}
    </Field>
  );
}

interface ChannelFormProps {
  channel: Channel | null;
  close: () => void;
  /** Gets the channel as it is now. */
  saved: (channel: Channel) => void;
}
export function ChannelForm({ channel, close, saved }: ChannelFormProps) {
  const [kind, setKind] = useState(channel?.kind ?? 'webhook');
  const before = channel && channel.kind === kind ? channel.settings : {};
  const save = async (data: FormData) => {
    const input = {
      name: field(data, 'name'),
      kind,
      min_tier: field(data, 'min_tier') as Tier,
      enabled: data.get('enabled') !== null,
      settings: settingsOf(kind, (name) => field(data, `set_${name}`), before),
    };
    const now = channel ? await changeChannel(channel.id, input) : await makeChannel(input);
    say(w('channel_saved'));
    saved(now);
    close();
  };
  return (
    <Dialog title={w(channel ? 'channel_edit' : 'channel_new')} close={close}>
      <Form submit={t('save')} cancel={close} onSubmit={save}>
        <div class="field-row">
          <Field label={t('name')}>
            <input
              name="name"
              required
              maxLength={100}
              autocomplete="off"
              defaultValue={channel?.name ?? ''}
            />
          </Field>
          <Field label={w('kind')}>
            <select name="kind" value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
              {Object.keys(kChannelKinds).map((one) => (
                <option key={one} value={one}>
                  {wordOf('channel_', one)}
                </option>
              ))}
            </select>
          </Field>
        </div>
        <div key={kind} class="form">
          {(kChannelKinds[kind] ?? []).map((one) => (
            <Setting key={one.name} of={one} value={before[one.name]} />
          ))}
        </div>
        <Field label={w('takes')} hint={w('takes_hint')}>
          <Select
            name="min_tier"
            first={channel?.min_tier ?? 'page'}
            options={kTiers.map((one) => [one, wordOf('takes_', one)])}
          />
        </Field>
        <label class="check">
          <input type="checkbox" name="enabled" defaultChecked={channel?.enabled ?? true} />
          {w('enabled')}
        </label>
      </Form>
    </Dialog>
  );
}
