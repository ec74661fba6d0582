// Who may do what? People with their roles, API keys with their last use, the key that enrols agents. A new key is shown once.
import { useState } from 'preact/hooks';
import '../../style/manage.css';
import {
  changePerson,
  getKeys,
  getPeople,
  makeKey,
  makePerson,
  removeKey,
  removePerson,
  rotateAccountKey,
  type ApiKey,
  type Person,
} from '../../api/manage';
import { user } from '../../api/session';
import type { Role } from '../../api/types';
import { say } from '../../live/notice';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Confirm, Dialog, Field, Form, field } from '../../parts/form';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Panel } from '../../parts/panel';
import { Secret } from '../../parts/secret';
import { Select } from '../../parts/select';
import { Text } from '../../parts/text';
import { Age, At } from '../../parts/when';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { SettingsTabs } from './settings_tabs';

const kRoles: readonly Role[] = ['viewer', 'responder', 'operator', 'admin'];
const kExpiries = ['', 'now+30d', 'now+90d', 'now+365d'] as const;

function RoleSelect({ value }: { value: Role }) {
  return (
    <Field label={w('role')} hint={w('role_hint')}>
      <Select name="role" first={value} options={kRoles.map((one) => [one, wordOf('role_', one)])} />
    </Field>
  );
}

interface PersonFormProps {
  person: Person | null;
  close: () => void;
  changed: () => void;
}
function PersonForm({ person, close, changed }: PersonFormProps) {
  const save = async (data: FormData) => {
    const role = field(data, 'role') as Role;
    const password = String(data.get('password') ?? '');
    if (person) await changePerson(person.id, password ? { role, password } : { role });
    else await makePerson({ name: field(data, 'name'), password, role });
    say(w('person_saved'));
    changed();
    close();
  };
  return (
    <Dialog title={person ? w('person_edit', { name: person.name }) : w('person_new')} close={close}>
      <Form submit={t('save')} cancel={close} onSubmit={save}>
        {!person && (
          <Field label={t('name')}>
            <input name="name" required maxLength={100} autocomplete="off" />
          </Field>
        )}
        <RoleSelect value={person?.role ?? 'viewer'} />
        <Field label={t('new_password')} hint={person ? w('password_kept') : undefined}>
          <input
            type="password"
            name="password"
            minLength={12}
            required={!person}
            autocomplete="new-password"
          />
        </Field>
      </Form>
    </Dialog>
  );
}

export function PeoplePage() {
  const all = useResource('people', getPeople);
  const [editing, setEditing] = useState<Person | 'new' | null>(null);
  const [removing, setRemoving] = useState<Person | null>(null);
  return (
    <div class="page people">
      <Title title={w('people')}>
        <button type="button" class="primary" onClick={() => setEditing('new')}>
          {w('person_new')}
        </button>
      </Title>
      <SettingsTabs here="/settings/users" />
      <Loaded of={all}>
        {(items) => (
          <Grid
            label={w('people')}
            columns={[t('name'), w('role'), w('since_day'), '']}
            empty={w('nobody')}
            rows={items.map((one) => (
              <tr key={one.id}>
                <th scope="row">
                  <Text value={one.name} />{' '}
                  {one.id === user.value?.id && <small class="muted">{w('you')}</small>}
                </th>
                <td>
                  {wordOf('role_', one.role)}
                  {one.server_admin && <small class="muted"> {w('server_admin')}</small>}
                </td>
                <td>
                  <At time={one.created} />
                </td>
                <td class="acts">
                  <button type="button" onClick={() => setEditing(one)}>
                    {w('edit')}
                  </button>
                  <button type="button" onClick={() => setRemoving(one)} disabled={one.id === user.value?.id}>
                    {w('remove')}
                  </button>
                </td>
              </tr>
            ))}
          />
        )}
      </Loaded>
      {editing && (
        <PersonForm
          person={editing === 'new' ? null : editing}
          close={() => setEditing(null)}
          changed={() => all.reload()}
        />
      )}
      {removing && (
        <Confirm
          title={w('person_remove')}
          text={w('person_remove_text', { name: removing.name })}
          submit={w('remove')}
          close={() => setRemoving(null)}
          run={async () => {
            await removePerson(removing.id);
            say(w('person_removed'));
            all.reload();
          }}
        />
      )}
    </div>
  );
}

function KeyForm({ close, made }: { close: () => void; made: (key: ApiKey) => void }) {
  const save = async (data: FormData) => {
    const expires = field(data, 'expires');
    made(
      await makeKey({
        name: field(data, 'name'),
        role: field(data, 'role') as Role,
        ...(expires ? { expires } : {}),
      }),
    );
    close();
  };
  return (
    <Dialog title={w('key_new')} close={close}>
      <Form submit={w('make')} cancel={close} onSubmit={save}>
        <Field label={t('name')}>
          <input name="name" required maxLength={100} autocomplete="off" />
        </Field>
        <RoleSelect value="viewer" />
        <Field label={w('expires')}>
          <Select
            name="expires"
            first="now+90d"
            options={kExpiries.map((one) => [
              one,
              one === '' ? w('never') : w('days_n', { n: Number(/\d+/.exec(one)![0]) }),
            ])}
          />
        </Field>
      </Form>
    </Dialog>
  );
}

function AccountKey() {
  const [key, setKey] = useState('');
  const [asking, setAsking] = useState(false);
  return (
    <Panel title={w('account_key')} class="account-key">
      <div class="pad">
        <p>{w('account_key_text')}</p>
        {key ? (
          <Secret value={key} />
        ) : (
          <button type="button" onClick={() => setAsking(true)}>
            {w('rotate')}
          </button>
        )}
      </div>
      {asking && (
        <Confirm
          title={w('rotate')}
          text={w('rotate_text')}
          submit={w('rotate')}
          close={() => setAsking(false)}
          run={async () => setKey((await rotateAccountKey()).account_key)}
        />
      )}
    </Panel>
  );
}

export function KeysPage() {
  const all = useResource('keys', getKeys);
  const [making, setMaking] = useState(false);
  const [fresh, setFresh] = useState<ApiKey | null>(null);
  const [removing, setRemoving] = useState<ApiKey | null>(null);
  return (
    <div class="page keys-page">
      <Title title={w('api_keys')}>
        <button type="button" class="primary" onClick={() => setMaking(true)}>
          {w('key_new')}
        </button>
      </Title>
      <SettingsTabs here="/settings/keys" />
      {fresh?.key && (
        <Panel title={w('key_made', { name: fresh.name })} class="fresh-key">
          <div class="pad">
            <p>{w('key_once')}</p>
            <Secret value={fresh.key} />
          </div>
        </Panel>
      )}
      <Loaded of={all}>
        {(items) => (
          <Grid
            label={w('api_keys')}
            columns={[t('name'), w('role'), w('made'), w('last_used'), w('expires'), '']}
            empty={w('no_keys')}
            rows={items.map((one) => (
              <tr key={one.id}>
                <th scope="row">
                  <Text value={one.name} />
                </th>
                <td>{wordOf('role_', one.role)}</td>
                <td>
                  <At time={one.created} />
                </td>
                <td>{one.last_used ? <Age time={one.last_used} /> : w('never')}</td>
                <td>{one.expires ? <At time={one.expires} /> : w('never')}</td>
                <td class="acts">
                  <button type="button" onClick={() => setRemoving(one)}>
                    {w('revoke')}
                  </button>
                </td>
              </tr>
            ))}
          />
        )}
      </Loaded>
      <AccountKey />
      {making && (
        <KeyForm
          close={() => setMaking(false)}
          made={(key) => {
            setFresh(key);
            all.reload();
          }}
        />
      )}
      {removing && (
        <Confirm
          title={w('revoke')}
          text={w('revoke_text', { name: removing.name })}
          submit={w('revoke')}
          close={() => setRemoving(null)}
          run={async () => {
            if ((await attempt(() => removeKey(removing.id).then(() => true))) !== true) return;
            if (fresh?.id === removing.id) setFresh(null);
            all.reload();
          }}
        />
      )}
    </div>
  );
}
