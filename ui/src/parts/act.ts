// What a person does to an alert, with its undo.
import { actOnAlert } from '../api/endpoints';
import type { Alert, AlertAction } from '../api/types';
import { say } from '../live/notice';
import { t } from '../text/i18n';

const kUndo: Partial<Record<AlertAction, AlertAction>> = { ack: 'unack', unack: 'ack', close: 'open', open: 'close' };

/** True when the server took it; `then` runs after it and after its undo. */
export async function act(id: string, action: AlertAction, text: string, then: () => void): Promise<boolean> {
  try {
    await actOnAlert(id, action, text);
  } catch (error) {
    say(t('act_failed', { why: error instanceof Error ? error.message : String(error) }), { bad: true });
    return false;
  }
  const back = kUndo[action];
  if (back) say(t(`done_${action}`), { undo: () => void act(id, back, '', then) });
  else say(t(`done_${action}`));
  then();
  return true;
}

export function actionsFor(alert: Alert): AlertAction[] {
  if (alert.status === 'open') return ['ack', 'close'];
  if (alert.status === 'ack') return ['unack', 'close'];
  return ['open'];
}
