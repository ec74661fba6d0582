// What a person does to an alert, with its undo.
import { actOnAlert } from '../api/endpoints';
import type { AlarmState, Alert, AlertAction, AlertStatus } from '../api/types';
import { say } from '../live/notice';
import { t } from '../text/i18n';
import { w } from '../text/lazy_words';

/** What act() does: whom an alert is given to is more than that (pages/alerts/alert_owner.tsx). */
type Plain = Exclude<AlertAction, 'assign'>;

const kUndo: Partial<Record<Plain, Plain>> = {
  ack: 'unack',
  unack: 'ack',
  close: 'open',
  open: 'close',
  shelve: 'unshelve',
};

/** True when the server took it; `then` runs after it and after its undo, with the alert as it is then. */
export async function act(
  id: string,
  action: Plain,
  text: string,
  then: (after: Alert) => void,
): Promise<boolean> {
  let after: Alert;
  try {
    after = await actOnAlert(id, action, text, action === 'shelve' ? { timeout: '2h' } : {});
  } catch (error) {
    say(t('act_failed', { why: error instanceof Error ? error.message : String(error) }), { bad: true });
    return false;
  }
  // Who notes what was over already leaves nothing to take back.
  const back = action === 'ack' && after.status !== 'ack' ? undefined : kUndo[action];
  if (back) say(w(`done_${action}`), { undo: () => void act(id, back, '', then) });
  else say(w(`done_${action}`));
  then(after);
  return true;
}

/** What the server's status machine takes. */
const kActions: Partial<Record<AlertStatus, Plain[]>> = {
  open: ['ack', 'shelve', 'close'],
  ack: ['unack', 'shelve', 'close'],
  shelved: ['unshelve', 'close'],
  closed: ['open'],
  expired: ['open'],
};

/** Under the model of ISA 18.2. */
const kIsaActions: Readonly<Record<AlarmState, Plain[]>> = {
  NORM: ['open'],
  UNACK: ['ack', 'shelve', 'close'],
  ACKED: ['unack', 'shelve', 'close'],
  RTNUN: ['ack', 'open'],
  SHLVD: ['unshelve', 'close'],
  DSUPR: ['open', 'shelve', 'close'],
  OOSRV: ['open', 'shelve', 'close'],
};

export function actionsFor({ status, alarmState }: Alert): Plain[] {
  return (alarmState ? kIsaActions[alarmState] : kActions[status]) ?? [];
}

/** What waits for somebody may be given to somebody: also what is over before anybody took note of it. */
export const mayAssign = ({ status, alarmState }: Pick<Alert, 'status' | 'alarmState'>): boolean =>
  alarmState ? alarmState !== 'NORM' : status !== 'closed' && status !== 'expired';
