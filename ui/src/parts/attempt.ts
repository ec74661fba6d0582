// Doing something at the server whose failure is said in the notice bar.
import { say } from '../live/notice';
import { t } from '../text/i18n';

export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The answer; undefined when it failed and that was said. `done` is said on success. */
export async function attempt<T>(
  work: () => Promise<T>,
  done?: string,
  undo?: () => void,
): Promise<T | undefined> {
  try {
    const answer = await work();
    if (done !== undefined) say(done, undo ? { undo } : {});
    return answer;
  } catch (error) {
    say(t('act_failed', { why: reason(error) }), { bad: true });
    return undefined;
  }
}
