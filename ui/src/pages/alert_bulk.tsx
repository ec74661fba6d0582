// What is done to many alerts at once. All that match the filters may be meant, also those that are not on the page.
import { useState } from 'preact/hooks';
import '../style/manage.css';
import { actOnAlerts, getAlertRows, type AlertRowQuery } from '../api/endpoints';
import type { AlertAction } from '../api/types';
import { say } from '../live/notice';
import { Confirm } from '../parts/form';
import { t } from '../text/i18n';
import { w } from '../text/lazy_words';

/** Small enough for the count to move while one looks. */
const kAtOnce = 250;
const kPage = 1000;
/** Closing more than this asks first. */
const kAsk = 50;

/** Ids of all alerts that match, page by page. */
async function idsOf(asked: AlertRowQuery): Promise<string[]> {
  const ids: string[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await getAlertRows({ ...asked, page, page_size: kPage });
    ids.push(...answer.items.map((one) => one.id));
    if (answer.items.length === 0 || ids.length >= answer.total) return ids;
  }
}

/** How many were done; those that were refused (closed meanwhile) count as not done. */
async function actOnAll(
  ids: readonly string[],
  action: AlertAction,
  progress: (done: number) => void,
): Promise<number> {
  let done = 0;
  for (let from = 0; from < ids.length; from += kAtOnce) {
    done += (await actOnAlerts(ids.slice(from, from + kAtOnce), action)).done;
    progress(done);
  }
  return done;
}

interface AlertBulkProps {
  chosen: ReadonlySet<string>;
  /** How many match the filters, and what they are. */
  total: number;
  asked: AlertRowQuery;
  clear: () => void;
  changed: () => void;
}
export function AlertBulk({ chosen, total, asked, clear, changed }: AlertBulkProps) {
  const [all, setAll] = useState(false);
  const [busy, setBusy] = useState(-1);
  const [closing, setClosing] = useState(false);
  const count = all ? total : chosen.size;
  const run = async (action: AlertAction) => {
    setBusy(0);
    try {
      const ids = all ? await idsOf(asked) : [...chosen];
      const done = await actOnAll(ids, action, setBusy);
      say(w('bulk_done', { n: done, all: ids.length }), { bad: done < ids.length });
    } catch (error) {
      say(t('act_failed', { why: String(error) }), { bad: true });
    }
    setBusy(-1);
    clear();
    changed();
  };
  return (
    <div class="bulk bar" role="region" aria-label={w('bulk')}>
      <strong role="status">
        {busy >= 0 ? w('bulk_busy', { n: busy, all: count }) : w('bulk_chosen', { n: count })}
      </strong>
      <button type="button" class="primary" disabled={busy >= 0} onClick={() => void run('ack')}>
        {w('act_ack')}
      </button>
      <button
        type="button"
        disabled={busy >= 0}
        onClick={() => (count > kAsk ? setClosing(true) : void run('close'))}
      >
        {w('act_close')}
      </button>
      {!all && total > chosen.size && (
        <button type="button" class="link" onClick={() => setAll(true)}>
          {w('bulk_all', { n: total })}
        </button>
      )}
      <button type="button" class="link" disabled={busy >= 0} onClick={clear}>
        {w('bulk_clear')}
      </button>
      {closing && (
        <Confirm
          title={w('act_close')}
          text={w('bulk_close', { n: count })}
          submit={w('act_close')}
          close={() => setClosing(false)}
          run={() => run('close')}
        />
      )}
    </div>
  );
}
