// What is done to many alerts at once. All that match the filters may be meant, also those that are not on the page.
import { useState } from 'preact/hooks';
import '../../style/manage.css';
import { actOnAlerts, getAlertRows, type AlertRowQuery } from '../../api/endpoints';
import type { Matcher } from '../../api/manage';
import type { AlertAction, AlertRow } from '../../api/types';
import { say } from '../../live/notice';
import { attempt } from '../../parts/attempt';
import { Confirm, Dialog, Field, Form, field } from '../../parts/form';
import { copyText } from '../../parts/secret';
import { rowsSummary } from '../../text/alert_summary';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { matchersOf } from '../../text/matchers';
import { mayAllHave, OwnerDialog } from './alert_owner';
import { SilenceForm } from './silence_form';

/** Small enough for the count to move while one looks. */
const kAtOnce = 250;
const kPage = 1000;
/** Closing more than this asks first. */
const kAsk = 50;

/** All alerts that match, page by page. */
async function rowsOf(asked: AlertRowQuery): Promise<AlertRow[]> {
  const rows: AlertRow[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await getAlertRows({ ...asked, page, page_size: kPage });
    rows.push(...answer.items);
    if (answer.items.length === 0 || rows.length >= answer.total) return rows;
  }
}

/** Ids of those that were done; what was refused (closed meanwhile) is not among them. */
async function actOnAll(
  ids: readonly string[],
  action: AlertAction,
  text: string,
  progress: (done: number) => void,
  owner?: string,
): Promise<string[]> {
  const done: string[] = [];
  for (let from = 0; from < ids.length; from += kAtOnce) {
    const some = ids.slice(from, from + kAtOnce);
    const refused = new Set((await actOnAlerts(some, action, text, owner)).refused.map(({ id }) => id));
    done.push(...some.filter((id) => !refused.has(id)));
    progress(done.length);
  }
  return done;
}

/** Ids of alerts by who has them. */
function ownersOf(rows: readonly AlertRow[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { id, owner } of rows) {
    const some = ids.get(owner);
    if (some) some.push(id);
    else ids.set(owner, [id]);
  }
  return ids;
}

async function giveBack(had: ReadonlyMap<string, readonly string[]>): Promise<void> {
  for (const [owner, ids] of had) await actOnAll(ids, 'assign', '', () => undefined, owner);
}

/** What takes an action back. */
const kBack: Partial<Record<AlertAction, AlertAction>> = { ack: 'unack', close: 'open' };

interface AlertBulkProps {
  chosen: ReadonlySet<string>;
  /** Those that are on the page, chosen or not. */
  rows: readonly AlertRow[];
  /** How many match the filters, and what they are. */
  total: number;
  asked: AlertRowQuery;
  clear: () => void;
  changed: () => void;
}
export function AlertBulk({ chosen, rows, total, asked, clear, changed }: AlertBulkProps) {
  const [all, setAll] = useState(false);
  const [busy, setBusy] = useState(-1);
  const [closing, setClosing] = useState(false);
  const [noting, setNoting] = useState(false);
  const [assigning, setAssigning] = useState(false);
  const [silencing, setSilencing] = useState<readonly Matcher[] | null>(null);
  const count = all ? total : chosen.size;
  const meant = async (): Promise<readonly AlertRow[]> => {
    const here = rows.filter(({ id }) => chosen.has(id));
    if (!all && here.length === chosen.size) return here;
    // Some of them were scrolled out of the page.
    const found = await rowsOf(asked);
    return all ? found : found.filter(({ id }) => chosen.has(id));
  };
  const takeBack = async (undo: () => Promise<unknown>, n: number) => {
    await attempt(undo, w('bulk_undone', { n }));
    changed();
  };
  /** Throws when the server refuses it: those that were chosen stay chosen then. */
  const run = async (action: AlertAction, text = '', owner?: string) => {
    setBusy(0);
    try {
      const before = all || owner !== undefined ? await meant() : [];
      const ids = all ? before.map(({ id }) => id) : [...chosen];
      const done = await actOnAll(ids, action, text, setBusy, owner);
      const back = kBack[action];
      const given = new Set(done);
      const had = ownersOf(before.filter(({ id }) => given.has(id)));
      const undo = back
        ? () => actOnAll(done, back, '', () => undefined)
        : owner !== undefined && before.length === ids.length && (await mayAllHave([...had.keys()]))
          ? () => giveBack(had)
          : null;
      say(w('bulk_done', { n: done.length, all: ids.length }), {
        bad: done.length < ids.length,
        ...(undo && done.length > 0 ? { undo: () => void takeBack(undo, done.length) } : {}),
      });
      clear();
    } finally {
      setBusy(-1);
      changed();
    }
  };
  const runAtOnce = (action: AlertAction) => void attempt(() => run(action));
  const silence = async () => {
    const about = await attempt(meant);
    if (about) setSilencing(matchersOf(about));
  };
  const share = async () => {
    const told = await attempt(meant);
    if (told) await copyText(rowsSummary(told, location.origin));
  };
  return (
    <div class="bulk bar" role="region" aria-label={w('bulk')}>
      <strong role="status">
        {busy >= 0 ? w('bulk_busy', { n: busy, all: count }) : w('bulk_chosen', { n: count })}
      </strong>
      <button type="button" class="primary" disabled={busy >= 0} onClick={() => runAtOnce('ack')}>
        {w('act_ack')}
      </button>
      <button
        type="button"
        disabled={busy >= 0}
        onClick={() => (count > kAsk ? setClosing(true) : runAtOnce('close'))}
      >
        {w('act_close')}
      </button>
      <button type="button" disabled={busy >= 0} onClick={() => void silence()}>
        {w('silence_this')}
      </button>
      <button type="button" disabled={busy >= 0} onClick={() => setAssigning(true)}>
        {w('act_assign')}
      </button>
      <button type="button" disabled={busy >= 0} onClick={() => setNoting(true)}>
        {w('act_note')}
      </button>
      <button type="button" disabled={busy >= 0} onClick={() => void share()}>
        {w('copy_for_chat')}
      </button>
      {!all && total > chosen.size && (
        <button type="button" class="link" onClick={() => setAll(true)}>
          {w('bulk_all', { n: total })}
        </button>
      )}
      <button type="button" class="link" disabled={busy >= 0} onClick={clear}>
        {w('bulk_clear')}
      </button>
      {noting && (
        <Dialog title={w('bulk_note', { n: count })} close={() => setNoting(false)}>
          <Form
            submit={w('act_note')}
            cancel={() => setNoting(false)}
            onSubmit={async (data) => {
              await run('note', field(data, 'note'));
              setNoting(false);
            }}
          >
            <Field label={t('note_hint')}>
              <input name="note" maxLength={2000} required autocomplete="off" />
            </Field>
          </Form>
        </Dialog>
      )}
      {assigning && (
        <OwnerDialog
          title={w('bulk_assign', { n: count })}
          owner={null}
          choose={(owner) => run('assign', '', owner)}
          close={() => setAssigning(false)}
        />
      )}
      {silencing && (
        <SilenceForm
          silence={null}
          first={silencing}
          close={() => setSilencing(null)}
          changed={() => {
            clear();
            changed();
          }}
        />
      )}
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
