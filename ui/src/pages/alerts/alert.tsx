// One alert on one screen: what, since when, which log lines, what it hangs on, what changed before, how the service did,
// what to do, who was told, who has it.
import { useEffect, useState } from 'preact/hooks';
import '../../style/manage.css';
import { getAlert, getLog } from '../../api/endpoints';
import { ApiError } from '../../api/error';
import { mayRespond } from '../../api/session';
import type { Alert, AlertDetail, AlertHistory, ChangeBefore } from '../../api/types';
import { useKeys } from '../../live/keys';
import { navigate, path } from '../../live/router';
import { onStream } from '../../live/stream';
import { useResource } from '../../live/use_resource';
import { act, actionsFor, mayAssign } from '../../parts/act';
import { ChangeWhy } from '../../parts/change_why';
import { Icon } from '../../parts/icon';
import { backtraceHref, LogLine } from '../../parts/log_line';
import { Mark, SeverityBadge } from '../../parts/mark';
import { Markdown } from '../../parts/markdown';
import { Empty, Failure, Panel, Skeleton } from '../../parts/panel';
import { copyText } from '../../parts/secret';
import { Text } from '../../parts/text';
import { Age, At } from '../../parts/when';
import { duration } from '../../text/time';
import { visibleText } from '../../text/visible';
import { t, word } from '../../text/i18n';
import { alertSummary } from '../../text/alert_summary';
import { w } from '../../text/lazy_words';
import { AlertAround } from './alert_around';
import { AlertBefore } from './alert_before';
import { AlertCharts } from './alert_charts';
import { IsaMeaning, isReturned } from './alert_isa';
import { NoteActs } from './alert_note';
import { Owner, take } from './alert_owner';
import { AlertTold } from './alert_told';
import { forgetRow, listAddress } from './alerts_left';
import { term } from '../../text/log_query';

export function silenceHref(alert: Alert): string {
  const params = new URLSearchParams([['new', '1']]);
  for (const [name, value] of [
    ['host', alert.host],
    ['service', alert.service[0] ?? ''],
    ['event', alert.event],
  ] as const)
    if (value) params.append('m', `${name}=${value}`);
  return `/silences?${params}`;
}

const kSetsStatus = new Set([
  ...['new', 'open', 'ack', 'unack', 'shelve', 'unshelve'],
  ...['close', 'status', 'timeout', 'expired'],
]);

/** Until when the status holds, and who gave it, when that was a person. */
function Standing({ alert }: { alert: Alert }) {
  const last = [...(alert.history ?? [])].reverse().find((entry) => kSetsStatus.has(entry.type));
  return (
    <>
      {alert.statusUntil && (
        <span>
          <b>{w('holds_until')}</b> <At time={alert.statusUntil} />
        </span>
      )}
      {last?.user && (
        <span>
          <Text value={w('acted_by', { what: word(`history_${last.type}`), who: last.user })} />
        </span>
      )}
    </>
  );
}

function Head({ alert, changed }: { alert: Alert; changed: () => void }) {
  return (
    <header class="alert-head">
      <div class="title">
        <SeverityBadge severity={alert.severity} />
        <h1 title={visibleText(alert.text)}>
          <Text value={alert.text} />
        </h1>
      </div>
      <div class="facts">
        <span class={`tag status-${isReturned(alert) ? 'open' : alert.status}`}>
          {isReturned(alert) ? w('returned') : word(alert.status)}{' '}
          <Age time={alert.status === 'closed' ? alert.updateTime : alert.createTime} />
        </span>
        <IsaMeaning of={alert} />
        <Standing alert={alert} />
        <Owner alert={alert} changed={changed} />
        <span>
          <b>{t('since')}</b> <At time={alert.createTime} />
        </span>
        <span>
          <b>{t('host')}</b>{' '}
          <a href={`/nodes/${encodeURIComponent(alert.host)}`}>
            <Text value={alert.host} />
          </a>
        </span>
        {alert.service.some(Boolean) && (
          <span>
            <b>{t('service')}</b> <Text value={alert.service.join(', ')} />
          </span>
        )}
        <span>
          <b>{t('event')}</b> <Text value={alert.event} />
        </span>
        {alert.value && (
          <span>
            <b>{t('value')}</b> <Text value={alert.value} />
          </span>
        )}
        <span>{t('repeated', { n: alert.duplicateCount + 1 })}</span>
        <span>
          <b>{t('environment')}</b> <Text value={alert.environment} />
        </span>
        <span>
          <b>{t('rule')}</b>{' '}
          {alert.ruleId ? (
            <a href={`/rules/${encodeURIComponent(alert.ruleId)}`}>
              <Text value={alert.ruleId} />
            </a>
          ) : (
            '–'
          )}
        </span>
      </div>
      <div class="actions">
        {mayRespond.value &&
          actionsFor(alert).map((action, index) => (
            <button
              key={action}
              type="button"
              class={index === 0 ? 'primary' : ''}
              onClick={() => void act(alert.id, action, '', changed)}
            >
              {w(`act_${action}`)}
              {action === 'ack' && <kbd>a</kbd>}
            </button>
          ))}
        {mayRespond.value && (
          <a class="button" href={silenceHref(alert)}>
            {w('silence_this')} <kbd>s</kbd>
          </a>
        )}
        <button type="button" onClick={() => void copyText(alertSummary(alert, location.href))}>
          {w('copy_for_chat')}
        </button>
      </div>
    </header>
  );
}

/** Whether the log no longer has the line; the alert has it all the same. */
async function isGone(id: string, signal: AbortSignal): Promise<boolean> {
  try {
    await getLog(id, signal);
    return false;
  } catch (error) {
    return error instanceof ApiError && error.status === 404;
  }
}

/** All that its host and service said around the time at which it was raised. */
function logsHref(alert: Alert): string {
  const services = alert.service.map((one) => term('service', one));
  const q = [
    term('host', alert.host),
    ...(services.length > 1 ? [`(${services.join(' or ')})`] : services),
  ].join(' ');
  const raised = Date.parse(alert.createTime);
  const [from, to] = [raised - 5 * 60_000, raised + 60_000].map((end) => new Date(end).toISOString());
  return `/logs?${new URLSearchParams({ from: from!, q, to: to! })}`;
}

function Evidence({ alert }: { alert: Alert }) {
  // The last words say most: they come first.
  const lines = [...(alert.evidence ?? [])].reverse();
  const oldest = lines.at(-1)?.id ?? '';
  const gone = useResource(`kept ${oldest}`, (signal) =>
    oldest ? isGone(oldest, signal) : Promise.resolve(false),
  );
  return (
    <Panel
      title={t('evidence')}
      aside={
        <>
          {gone.data.value ? <span class="kept">{w('evidence_kept')}</span> : t('newest_first')}{' '}
          {alert.host && (
            <a class="logs-link" href={logsHref(alert)}>
              {w('logs_of_alert')}
            </a>
          )}{' '}
          <a class="story-link" href={backtraceHref(alert.id, alert.createTime)}>
            {w('story_of_alert')}
          </a>
        </>
      }
      class="evidence"
    >
      {lines.length > 0 ? (
        <ol class="lines">
          {lines.map((line) => (
            <LogLine
              key={line.id}
              time={line.time}
              severity={line.severity}
              origin={alert.service.includes(line.service) ? '' : line.service}
              text={line.text}
              requestId={line.requestId}
              traceback={line.traceback}
            />
          ))}
        </ol>
      ) : (
        <Empty>{t('no_evidence')}</Empty>
      )}
    </Panel>
  );
}

function ChangedBefore({ alert, changes }: { alert: Alert; changes: readonly ChangeBefore[] }) {
  const raised = Date.parse(alert.createTime);
  return (
    <Panel title={t('changed_before')}>
      {changes.length > 0 ? (
        <ul class="changes">
          {changes.map((change) => {
            const distance = raised - Date.parse(change.time);
            return (
              <li key={change.id}>
                <At time={change.time} />
                <span class="where">
                  {t(distance >= 0 ? 'before_raise' : 'after_raise', { age: duration(Math.abs(distance)) })}
                </span>
                <span class="text" title={change.type}>
                  <Text value={change.summary || change.type} /> <ChangeWhy of={change} />
                </span>
              </li>
            );
          })}
        </ul>
      ) : (
        <Empty>{t('no_changed_before', { host: alert.host })}</Empty>
      )}
    </Panel>
  );
}

function NoteForm({ alert, changed }: { alert: Alert; changed: () => void }) {
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const text = String(new FormData(form).get('note')).trim();
    if (text && (await act(alert.id, 'note', text, changed))) form.reset();
  };
  return (
    <form class="note" onSubmit={(event) => void submit(event)}>
      <input
        name="note"
        aria-label={w('act_note')}
        placeholder={t('note_hint')}
        maxLength={2000}
        required
        autocomplete="off"
      />
      <button type="submit">{w('act_note')}</button>
    </form>
  );
}

const kSaysSeverity = new Set(['new', 'severity']);

interface HistoryItemProps {
  alert: Alert;
  entry: AlertHistory;
  changed: () => void;
}
function HistoryItem({ alert, entry, changed }: HistoryItemProps) {
  return (
    <li>
      <At time={entry.time} />
      <span class="dot">
        <Mark
          kind={
            kSaysSeverity.has(entry.type)
              ? entry.severity
              : entry.status === 'closed'
                ? 'normal'
                : 'informational'
          }
        />
      </span>
      <span>
        <b>
          <Text value={word(`history_${entry.type}`).replace(/^history_/, '')} />
        </b>{' '}
        {kSaysSeverity.has(entry.type) && `${word(entry.severity)} `}
        {entry.type === 'assign' && (
          <>
            <Text value={entry.owner ? w('to_owner', { owner: entry.owner }) : w('to_nobody')} />{' '}
          </>
        )}
        <span class="muted">
          <Text value={entry.user || t('engine')} />
        </span>{' '}
        {entry.type === 'note' && <NoteActs alert={alert.id} note={entry} changed={changed} />}
        {entry.text && (
          <span class="said">
            <Text value={entry.text} />
          </span>
        )}
      </span>
    </li>
  );
}

function Timeline({ alert, changed }: { alert: Alert; changed: () => void }) {
  const newestFirst = [...(alert.history ?? [])].reverse();
  return (
    <Panel title={t('timeline')}>
      <ol class="timeline">
        {newestFirst.map((entry) => (
          <HistoryItem key={entry.time + entry.type} alert={alert} entry={entry} changed={changed} />
        ))}
      </ol>
      {mayRespond.value && <NoteForm alert={alert} changed={changed} />}
    </Panel>
  );
}

function Body({ detail, changed }: { detail: AlertDetail; changed: () => void }) {
  const { alert } = detail;
  // The window is fixed when the page opens, so that charts do not jump with each refresh of the alert.
  const [chartEnd] = useState(() => alert.updateTime);
  const charts = (
    <AlertCharts
      alert={alert}
      threshold={detail.threshold}
      metrics={detail.series}
      changes={detail.changes}
      closedAt={alert.status === 'closed' ? chartEnd : null}
    />
  );
  return (
    <>
      <Head alert={alert} changed={changed} />
      <AlertAround key={alert.id} alert={alert} />
      <div class="columns">
        <div>
          <Evidence alert={alert} />
          <Panel title={t('playbook')}>
            {alert.playbook ? <Markdown source={alert.playbook} /> : <Empty>{t('no_playbook')}</Empty>}
          </Panel>
          <Timeline alert={alert} changed={changed} />
        </div>
        <div>
          {detail.threshold && charts}
          <ChangedBefore alert={alert} changes={detail.changes} />
          {!detail.threshold && charts}
          <AlertTold alert={alert} />
          <AlertBefore key={alert.id} alert={alert} previous={detail.previous} />
        </div>
      </div>
    </>
  );
}

export function AlertPage({ id }: { id: string }) {
  const detail = useResource(id, (signal) => getAlert(id, signal));
  const reload = () => detail.reload();
  useEffect(
    () =>
      onStream((event) => {
        if (event.event === 'resync' || (event.event === 'alert' && (event.data as Alert).id === id))
          detail.reload();
      }),
    [detail],
  );
  useEffect(
    () => () => {
      if (path.peek() !== '/alerts') forgetRow();
    },
    [],
  );
  const loaded = detail.data.value;
  useKeys({
    Escape: () => navigate(listAddress()),
    s: () => {
      if (loaded && mayRespond.value) navigate(silenceHref(loaded.alert));
    },
    n: () => document.querySelector<HTMLElement>('.note input')?.focus(),
    m: () => {
      if (loaded && mayRespond.value && mayAssign(loaded.alert)) take(loaded.alert, reload);
    },
    a: () => {
      if (loaded && mayRespond.value && actionsFor(loaded.alert).includes('ack'))
        void act(id, 'ack', '', reload);
    },
  });
  return (
    <div class="page alert-page">
      <a class="back" href={listAddress()}>
        <Icon name="back" />
        {t('alerts')}
      </a>
      {detail.error.value && <Failure error={detail.error.value} retry={reload} />}
      {loaded ? <Body detail={loaded} changed={reload} /> : !detail.error.value && <Skeleton rows={8} />}
    </div>
  );
}
