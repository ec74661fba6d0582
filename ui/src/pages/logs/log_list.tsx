// The lines found, newest first. Only those on the screen are in the page and only those near it were fetched; the scroll bar
// stands for all of them. Live, those that come stand on top.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import '../../style/log_list.css';
import { exportLogs, getLog, searchLogs, type ExportFormat } from '../../api/endpoints';
import type { LogHistogram } from '../../api/types';
import { serverNow } from '../../live/clock';
import { useKeys } from '../../live/keys';
import { LogRun } from '../../live/log_run';
import { followLogs } from '../../live/log_tail';
import { say } from '../../live/notice';
import { navigate, query, withParams } from '../../live/router';
import { stored } from '../../live/stored';
import { useResource } from '../../live/use_resource';
import { rowHeights } from '../../live/theme';
import { useGrid } from '../../live/use_grid';
import { useVirtual } from '../../live/use_virtual';
import { reason } from '../../parts/attempt';
import { backtraceHref } from '../../parts/log_line';
import { ofLog } from '../../parts/mark';
import { Find } from '../../parts/find';
import { Failure, Panel, Skeleton } from '../../parts/panel';
import { fixedSpan, type Span } from '../../parts/range';
import { ApiError } from '../../api/error';
import { plain } from '../../text/ansi';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { Nothing } from './log_nothing';
import { quoted, withTerm } from '../../text/log_query';
import { LogRow, originOf, WaitingLine, type LineActs } from './log_row';

/** Live begins with so many of the newest. */
const kFirstLive = 200;
const kMostSaved = 100_000;
const kFormats: readonly ExportFormat[] = ['jsonl', 'csv', 'raw'];
/** A row of three lines, here and on a phone. */
const kWrapped = 64;
const kPhoneWrapped = 88;

const wrap = stored<'no' | 'yes'>('wrap-lines', 'no', ['no', 'yes']);
const phone = matchMedia('(max-width: 767px)');
const rowHeight = (): number =>
  wrap.value === 'no' ? rowHeights.value.log : phone.matches ? kPhoneWrapped : kWrapped;

const failed = (error: unknown): void => say(t('act_failed', { why: reason(error) }), { bad: true });

function Save({ q, span }: { q: string; span: Span }) {
  const save = async (format: ExportFormat) => {
    try {
      const { file, total } = await exportLogs({ q, ...span, format, limit: kMostSaved });
      const anchor = document.createElement('a');
      anchor.href = URL.createObjectURL(file);
      anchor.download = `logs.${format === 'raw' ? 'txt' : format}`;
      anchor.click();
      URL.revokeObjectURL(anchor.href);
      if (total > kMostSaved) say(w('lines_saved_part', { n: kMostSaved, total }), { bad: true });
      else say(w('lines_saved', { n: total }));
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

interface LogListProps {
  q: string;
  span: Span;
  live: boolean;
  counts: LogHistogram | null;
}

/** The run of lines, its follower while live, and what went wrong. */
function useRun({ q, span, live, counts }: LogListProps) {
  const [, redraw] = useState(0);
  const [error, setError] = useState<ApiError | null>(null);
  /** Lines that were too many to be shown while live. */
  const [dropped, setDropped] = useState(0);
  /** By how many places the lines on the screen have moved since they were drawn. */
  const moved = useRef(0);
  const run = useMemo(() => {
    const { from, to } = fixedSpan(span, serverNow());
    return new LogRun((ask, signal) => searchLogs({ q, ...ask }, signal), from, to, {
      changed: () => redraw((n) => n + 1),
      moved: (by) => {
        moved.current += by;
      },
      failed: (cause) =>
        setError(cause instanceof ApiError ? cause : new ApiError(0, 'internal', String(cause))),
    });
  }, []);
  useEffect(() => {
    run.open();
    return () => run.close();
  }, [run]);
  useEffect(() => {
    if (counts) run.learn(counts.buckets, counts.step_seconds);
  }, [run, counts]);
  // Not after the next frame: what is paused stands still at once.
  useLayoutEffect(() => {
    if (!live) return undefined;
    return followLogs(q, '', kFirstLive, {
      lines: (lines) => run.add(lines),
      dropped: (count) => setDropped((before) => before + count),
      resync: () => run.open(),
      failed,
    });
  }, [run, live, q]);
  const retry = () => {
    setError(null);
    run.open();
  };
  return { run, error, retry, dropped, moved };
}

const kPatience = 1000;

/** Shown when the server takes its time. */
function Waiting({ since, cancel }: { since: number; cancel: () => void }) {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (since === 0) return undefined;
    const timer = setTimeout(() => redraw((n) => n + 1), kPatience + 50);
    return () => clearTimeout(timer);
  }, [since]);
  if (since === 0 || Date.now() - since < kPatience) return null;
  return (
    <span class="searching" role="status">
      {w('searching')}{' '}
      <button type="button" onClick={cancel}>
        {t('cancel')}
      </button>
    </span>
  );
}

/** The parameter that names the open line. */
export const kOpenLine = 'line';

/** Whichever row the focus is in, or the open one. */
function useOpenLine() {
  const [around, setAround] = useState(false);
  const id = query.value.get(kOpenLine);
  const open = id === null ? null : { id, around };
  const setOpen = (line: { id: string; around: boolean } | null) => {
    setAround(line?.around ?? false);
    navigate(withParams({ [kOpenLine]: line?.id }), 'replace');
  };
  const focused = () => document.activeElement?.closest<HTMLElement>('.log-list li[data-id]')?.dataset;
  const toggle = (pressed: string) =>
    setOpen(query.peek().get(kOpenLine) === pressed ? null : { id: pressed, around: false });
  return { open, setOpen, toggle, focused };
}

/** To be keyed by q and span: what was read of one search is not shown for another. */
export function LogList(props: LogListProps) {
  const { q, span, live } = props;
  const { run, error, retry, dropped, moved } = useRun(props);
  const [extra, setExtra] = useState(0);
  const list = useRef<HTMLOListElement>(null);
  const total = run.ready ? run.total : 0;
  const { open, setOpen, toggle, focused } = useOpenLine();
  const placeOf = (id: string): number => {
    const index = run.lines.findIndex((line) => line.id === id);
    return index < 0 ? -1 : index + run.start;
  };
  const openPlace = open ? placeOf(open.id) : -1;
  const met = useRef<string | null>(null);
  if (openPlace >= 0) met.current = open!.id;
  const height = rowHeight();
  const rows = useVirtual(
    list,
    { count: total, row: height, open: openPlace >= 0 ? { index: openPlace, extra } : null },
    { own: true },
  );
  const grid = useGrid(list, {
    count: total,
    rows,
    controls: '.opener',
    main: '.opener',
    placeOf,
    whole: total > 0 && run.lines.length === total,
  });
  useLayoutEffect(() => {
    const by = moved.current;
    moved.current = 0;
    if (by !== 0 && !(by > 0 && rows.atTop())) rows.shift(by);
  });
  useEffect(() => run.need(rows.first, rows.last), [rows.first, rows.last, run.ready, run.start, run.lines]);
  const acts = useMemo<LineActs>(() => ({ toggle, measured: setExtra }), []);
  const chosen = () => run.lines.find((line) => line.id === (focused()?.id ?? open?.id));
  useKeys({
    j: () => grid.step(1),
    k: () => grid.step(-1),
    w: () => {
      wrap.value = wrap.value === 'yes' ? 'no' : 'yes';
    },
    p: () => navigate(withParams({ live: live ? undefined : '1' }), 'replace'),
    c: () => {
      const line = chosen();
      if (line) setOpen({ id: line.id, around: true });
    },
    d: () => {
      const line = chosen();
      if (line) toggle(line.id);
    },
    f: () => {
      const line = chosen();
      if (line?.request_id) navigate(backtraceHref(line.request_id, line.time));
    },
  });
  const places = Array.from({ length: rows.last - rows.first }, (_, i) => rows.first + i);
  const cancelled = run.cancelled;
  const counted = run.ready ? (run.lines.length === 0 ? 0 : total) : null;
  return (
    <Panel
      title={t('lines')}
      class="evidence log-list"
      aside={
        <>
          <Waiting since={run.waitingSince} cancel={() => run.cancel()} />
          {cancelled && <span class="warning">{w('search_cancelled')}</span>}
          {dropped > 0 && <span class="warning">{t('lines_dropped', { n: dropped })}</span>}
          {counted !== null && <span>{t('lines_shown', { n: counted })}</span>}
          <button
            type="button"
            class="wrap-toggle"
            aria-pressed={wrap.value === 'yes'}
            onClick={() => {
              wrap.value = wrap.value === 'yes' ? 'no' : 'yes';
            }}
          >
            {w('wrap')}
          </button>
          <Save q={q} span={span} />
        </>
      }
    >
      <Find
        list={list}
        rows={() =>
          run.lines.map((line, i) => ({
            place: run.start + i,
            id: line.id,
            text: `${ofLog(line.severity).word}\n${originOf(line)}\n${plain(line.message)}`,
          }))
        }
        version={`${run.start} ${run.lines.length} ${run.lines[0]?.id}`}
        total={counted ?? 0}
        seen={() => rows.seen().first}
        show={(place) => rows.show(place, 'middle')}
        go={grid.go}
        everywhere={(text) => withParams({ q: withTerm(q, quoted(text)), [kOpenLine]: undefined })}
      />
      {open && run.ready && met.current !== open.id && <LinkedLine {...open} acts={acts} />}
      {error && <Failure error={error} retry={retry} />}
      {run.ready ? (
        counted === 0 ? (
          <Nothing search={q} span={span} />
        ) : null
      ) : (
        !error && <Skeleton rows={10} />
      )}
      <ol
        ref={list}
        class={`lines virtual${wrap.value === 'yes' ? ' wrapped' : ''}`}
        aria-label={t('lines')}
        aria-rowcount={total}
        hidden={!counted}
        {...grid.props}
        style={{ '--before': `${rows.before}px`, '--after': `${rows.after}px`, '--row': `${height}px` }}
      >
        {places.map((place) => {
          const line = run.at(place);
          return line ? (
            <LogRow
              key={line.id}
              line={line}
              place={place}
              open={open?.id === line.id}
              around={open?.id === line.id && open.around}
              acts={acts}
            />
          ) : (
            <WaitingLine key={place} place={place} />
          );
        })}
      </ol>
    </Panel>
  );
}

/** The line of a link, when the search has not brought it. */
function LinkedLine({ id, around, acts }: { id: string; around: boolean; acts: LineActs }) {
  const loaded = useResource(id, (signal) => getLog(id, signal));
  const line = loaded.data.value;
  if (loaded.error.value) return <Failure error={loaded.error.value} retry={() => loaded.reload()} />;
  if (!line) return <Skeleton rows={1} />;
  return (
    <ol class="lines linked" role="grid" aria-label={t('lines_this')}>
      <LogRow line={line} place={0} open around={around} acts={acts} />
    </ol>
  );
}
