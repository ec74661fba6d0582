// Who sees to an alert: shown, taken, given to somebody, given back, and asked for in the list.
import { useState } from 'preact/hooks';
import { actOnAlert, getAlertOwners, getAlertRows, type AlertOwners } from '../../api/endpoints';
import { mayRespond, user } from '../../api/session';
import type { Alert, AlertRow } from '../../api/types';
import { say } from '../../live/notice';
import { navigate, query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { mayAssign } from '../../parts/act';
import { attempt } from '../../parts/attempt';
import { Dialog, Field, Form, field } from '../../parts/form';
import { Text } from '../../parts/text';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';

type Owned = Pick<AlertRow, 'id' | 'owner'>;

const myName = (): string => user.value?.name ?? '';

/** Whether the server gives alerts to each of them: not to a program, nor to somebody who is no longer here. */
export async function mayAllHave(owners: readonly string[]): Promise<boolean> {
  const others = owners.filter((owner) => owner !== '' && owner !== myName());
  if (others.length === 0) return true;
  const none: AlertOwners = { people: [], teams: [] };
  const { people, teams } = await getAlertOwners().catch(() => none);
  return others.every((owner) => people.includes(owner) || teams.includes(owner));
}

/** Gives the alert to `owner` ("" = to nobody), and back by its undo where that can be; `then` runs with the alert as it is then. Throws when the
 *  server refuses it. */
async function assign(alert: Owned, owner: string, then: (after: Alert) => void): Promise<void> {
  const after = await actOnAlert(alert.id, 'assign', '', { owner });
  const undo = () => void attempt(() => assign(after, alert.owner, then));
  const back = await mayAllHave([alert.owner]);
  say(after.owner ? w('done_assign', { owner: after.owner }) : w('done_unassign'), back ? { undo } : {});
  then(after);
}

const isMine = (alert: Owned): boolean => alert.owner === myName();

export const take = (alert: Owned, then: (after: Alert) => void): void => {
  if (!isMine(alert)) void attempt(() => assign(alert, myName(), then));
};

interface OwnerDialogProps {
  title: string;
  /** Who has it; null: there are many. */
  owner: string | null;
  /** Throws when the dialog is to stay. */
  choose: (owner: string) => Promise<void>;
  close: () => void;
}
export function OwnerDialog({ title, owner, choose, close }: OwnerDialogProps) {
  const known = useResource('owners', getAlertOwners).data.value;
  const quick = (label: string, name: string) => (
    <button
      type="button"
      onClick={(event) => {
        const form = event.currentTarget.form!;
        (form.elements.namedItem('owner') as HTMLInputElement).value = name;
        // Nobody has no name.
        form.noValidate = true;
        form.requestSubmit();
        form.noValidate = false;
      }}
    >
      {label}
    </button>
  );
  return (
    <Dialog title={title} close={close}>
      <Form
        submit={w('act_assign')}
        cancel={close}
        onSubmit={async (data) => {
          await choose(field(data, 'owner'));
          close();
        }}
      >
        <Field label={t('owner')} hint={w('owner_hint')}>
          <input
            name="owner"
            list="owners"
            defaultValue={owner ?? ''}
            required
            pattern=".*\S.*"
            maxLength={200}
            autocomplete="off"
          />
        </Field>
        <datalist id="owners">
          {[...(known?.people ?? []), ...(known?.teams ?? [])].map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <p class="acts">
          {quick(w('act_take'), myName())} {owner !== '' && quick(w('act_unassign'), '')}
        </p>
      </Form>
    </Dialog>
  );
}

/** On the alert's page. */
export function Owner({ alert, changed }: { alert: Alert; changed: () => void }) {
  const [assigning, setAssigning] = useState(false);
  return (
    <span class="owner">
      <b>{t('owner')}</b> {alert.owner ? <Text value={alert.owner} /> : '–'}
      {mayRespond.value && mayAssign(alert) && (
        <>
          {!isMine(alert) && (
            <button type="button" class="link" onClick={() => take(alert, changed)}>
              {w('act_take')} <kbd>m</kbd>
            </button>
          )}
          <button type="button" class="link" onClick={() => setAssigning(true)}>
            {w('act_assign')}
          </button>
        </>
      )}
      {assigning && (
        <OwnerDialog
          title={w('act_assign')}
          owner={alert.owner}
          choose={(owner) => assign(alert, owner, changed)}
          close={() => setAssigning(false)}
        />
      )}
    </span>
  );
}

/** Most rows that are looked at for owners. */
const kSeen = 500;

/** Whom one may look for: who may give alerts knows everybody's name, others those that stand in the list. */
async function ownersToPick(signal: AbortSignal): Promise<string[]> {
  if (mayRespond.value) {
    const { people, teams } = await getAlertOwners(signal);
    return [...people, ...teams];
  }
  const { items } = await getAlertRows({ page_size: kSeen }, signal);
  return [...new Set(items.map(({ owner }) => owner))].filter((name) => name !== '').sort();
}

/** In the filters of the list; the address has it as `owner`. */
export function OwnerPick() {
  const names = useResource('owners', ownersToPick).data.value ?? [];
  const chosen = query.value.get('owner') ?? '';
  const others = ['', 'me', 'none', ...names].includes(chosen) ? names : [chosen, ...names];
  return (
    <label class="pick">
      <span>{t('owner')}</span>
      <select
        value={chosen}
        onChange={(event) => navigate(withParams({ owner: event.currentTarget.value }), 'replace')}
      >
        <option value="">{t('any')}</option>
        <option value="me">{w('owner_me')}</option>
        <option value="none">{w('owner_none')}</option>
        {others.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
