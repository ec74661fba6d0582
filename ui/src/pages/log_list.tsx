// The lines found, newest first: older ones by cursor, live with those that come, each with the lines around it.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { exportLogs, getLogContext, searchLogs, type ExportFormat } from '../api/endpoints';
import type { Cursor, LogRecord } from '../api/types';
import { followLogs } from '../live/log_tail';
import { say } from '../live/notice';
import { navigate, withParams } from '../live/router';
import { useResource } from '../live/use_resource';
import { LogLine } from '../parts/log_line';
import { Empty, Failure, Panel, Skeleton } from '../parts/panel';
import type { Span } from '../parts/range';
import { Text } from '../parts/text';
import { t } from '../text/i18n';

const kPage = 200;
/** More are not kept on the page while it is live. */
const kMostLive = 1000;
const kAround = 20;
const kMostSaved = 100_000;
const kFormats: readonly ExportFormat[] = ['jsonl', 'csv', 'raw'];

const failed = (error: unknown): void =>
  say(t('act_failed', { why: error instanceof Error ? error.message : String(error) }), { bad: true });

/** Host and service, as lines of many stand together. */
const originOf = (line: LogRecord): string =>
  [line.host, line.service || line.component].filter(Boolean).join(' ');

function Around({ line }: { line: LogRecord }) {
  const loaded = useResource(line.id, (signal) => getLogContext(line.id, kAround, signal));
  const items = loaded.data.value?.items;
  if (loaded.error.value) return <Failure error={loaded.error.value} retry={() => loaded.reload()} />;
  if (!items) return <Skeleton rows={3} />;
  return (
    <>
      <p class="muted">
        <Text value={`${line.host} ${line.source}`} />
      </p>
      <ol class="lines" tabIndex={0}>
        {items.map((one) => (
          <LogLine
            key={one.id}
            time={one.time}
            severity={one.severity}
            origin={one.component}
            text={one.message}
            traceback={one.traceback}
          >
            {one.id === line.id && <b class="this">{t('lines_this')}</b>}
          </LogLine>
        ))}
      </ol>
    </>
  );
}

function Context({ line }: { line: LogRecord }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="around" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('lines_context')}</summary>
      {open && <Around line={line} />}
    </details>
  );
}

function Save({ q, span }: { q: string; span: Span }) {
  const save = async (format: ExportFormat) => {
    try {
      const blob = await exportLogs({ q, ...span, format, limit: kMostSaved });
      const anchor = document.createElement('a');
      anchor.href = URL.createObjectURL(blob);
      anchor.download = `logs.${format === 'raw' ? 'txt' : format}`;
      anchor.click();
      URL.revokeObjectURL(anchor.href);
      say(t('lines_saved', { n: kMostSaved }));
    } catch (error) {
      failed(error);
    }
  };
  return (
    <select
      class="save"
      aria-label={t('lines_save_as')}
      value=""
      onChange={(event) => {
        void save(event.currentTarget.value as ExportFormat);
        event.currentTarget.value = '';
      }}
    >
      <option value="">{t('lines_save')}</option>
      {kFormats.map((format) => (
        <option key={format} value={format}>
          {format}
        </option>
      ))}
    </select>
  );
}

/** The newest page with the lines that have come since. Lines may be in both. */
function withTail(page: Cursor<LogRecord> | null, came: readonly LogRecord[]): Cursor<LogRecord> | null {
  if (came.length === 0) return page;
  const byId = new Map([...came, ...(page?.items ?? [])].map((line) => [line.id, line]));
  const items = [...byId.values()].sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
  // What was cut off at the end would be left out between these and the older ones.
  const whole = items.length <= kMostLive;
  return { items: items.slice(0, kMostLive), next_cursor: whole ? (page?.next_cursor ?? null) : null };
}

interface LogListProps {
  q: string;
  span: Span;
  live: boolean;
}
/** To be keyed by q and span: what was read of one search is not shown for another. */
export function LogList({ q, span, live }: LogListProps) {
  const first = useResource(JSON.stringify([q, span]), (signal) =>
    searchLogs({ q, ...span, limit: kPage, order: 'desc' }, signal),
  );
  /** The newest page and those read after it, once there is one. */
  const [kept, setKept] = useState<Cursor<LogRecord> | null>(null);
  const [busy, setBusy] = useState(false);
  /** Those that came while live, newest first; and how many were too many to be told. */
  const [came, setCame] = useState<readonly LogRecord[]>([]);
  const [dropped, setDropped] = useState(0);
  const onScreen = useRef<Cursor<LogRecord> | null>(null);
  // Not after the next frame: what is paused stands still at once.
  useLayoutEffect(() => {
    if (!live) return undefined;
    const afresh = () => {
      setKept(null);
      setCame([]);
      setDropped(0);
      first.reload();
    };
    afresh();
    const stop = followLogs(q, '', kPage, {
      lines: (lines) => setCame((before) => [...lines.slice().reverse(), ...before].slice(0, kMostLive)),
      dropped: (count) => setDropped((before) => before + count),
      resync: afresh,
      failed,
    });
    return () => {
      stop();
      setKept(onScreen.current); // whatever else is still on its way
    };
  }, [first, live, q]);
  const shown = (live ? null : kept) ?? withTail(first.data.value, came);
  onScreen.current = shown;

  const older = async () => {
    if (!shown?.next_cursor) return;
    setBusy(true);
    setKept(shown);
    if (live) navigate(withParams({ live: undefined }), 'replace');
    try {
      const next = await searchLogs({ q, ...span, limit: kPage, order: 'desc', cursor: shown.next_cursor });
      setKept({ items: [...shown.items, ...next.items], next_cursor: next.next_cursor });
    } catch (error) {
      failed(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Panel
      title={t('lines')}
      class="evidence log-list"
      aside={
        <>
          {dropped > 0 && <span class="warning">{t('lines_dropped', { n: dropped })}</span>}
          {shown && <span>{t('lines_shown', { n: shown.items.length })}</span>}
          <Save q={q} span={span} />
        </>
      }
    >
      {first.error.value && <Failure error={first.error.value} retry={() => first.reload()} />}
      {shown ? (
        shown.items.length > 0 ? (
          <ol class="lines">
            {shown.items.map((line) => (
              <LogLine
                key={line.id}
                time={line.time}
                severity={line.severity}
                origin={originOf(line)}
                text={line.message}
                requestId={line.request_id}
                traceback={line.traceback}
              >
                <Context line={line} />
              </LogLine>
            ))}
          </ol>
        ) : (
          <Empty>{t('no_lines_found')}</Empty>
        )
      ) : (
        !first.error.value && <Skeleton rows={10} />
      )}
      {shown?.next_cursor && (
        <button type="button" class="older" disabled={busy} onClick={() => void older()}>
          {t('lines_older')}
        </button>
      )}
    </Panel>
  );
}
