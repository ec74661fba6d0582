// What a person does to an alert, with its undo.
import { actOnAlert } from '../api/endpoints';
import type { Alert, AlertAction, AlertStatus } from '../api/types';
import { say } from '../live/notice';
import { t } from '../text/i18n';
import { w } from '../text/lazy_words';

const kUndo: Partial<Record<AlertAction, AlertAction>> = {
  ack: 'unack',
  unack: 'ack',
  close: 'open',
  open: 'close',
  shelve: 'unshelve',
};
const kTimeout: Partial<Record<AlertAction, string>> = { shelve: '2h' };

/** True when the server took it; `then` runs after it and after its undo. */
export async function act(id: string, action: AlertAction, text: string, then: () => void): Promise<boolean> {
  try {
    await actOnAlert(id, action, text, kTimeout[action]);
  } catch (error) {
    say(t('act_failed', { why: error instanceof Error ? error.message : String(error) }), { bad: true });
    return false;
  }
  const back = kUndo[action];
  if (back) say(w(`done_${action}`), { undo: () => void act(id, back, '', then) });
  else say(w(`done_${action}`));
  then();
  return true;
}

/** What the server's status machine takes. */
const kActions: Partial<Record<AlertStatus, AlertAction[]>> = {
  open: ['ack', 'shelve', 'close'],
  ack: ['unack', 'shelve', 'close'],
  shelved: ['unshelve', 'close'],
  closed: ['open'],
  expired: ['open'],
};

export function actionsFor(alert: Alert): AlertAction[] {
  return kActions[alert.status] ?? [];
}
