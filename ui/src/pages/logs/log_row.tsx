// One line of the log list. Rows are equally high; the one that is open shows the whole record: its text, its fields, what can
// be done with it, the lines around it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { getLog, getLogContext } from '../../api/endpoints';
import type { LogRecord } from '../../api/types';
import { query, withParams } from '../../live/router';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { backtraceHref, LogLine } from '../../parts/log_line';
import { Mark, ofLog } from '../../parts/mark';
import { Failure, Skeleton } from '../../parts/panel';
import { pure } from '../../parts/pure';
import { copyText } from '../../parts/secret';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { t, word } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { term, withTermToggled } from '../../text/log_query';

const kAround = 50;
/** Of a line that is not open. */
const kShown = 400;

const kFields = [
  'host',
  'service',
  'component',
  'severity',
  'source',
  'request_id',
  'instance',
  'project_id',
  'user_id',
] as const;
/** What a field is called in a search. */
const kTerms: Partial<Record<(typeof kFields)[number], string>> = { project_id: 'project', user_id: 'user' };

/** Host and service, as lines of many stand together. */
export const originOf = (line: LogRecord): string =>
  [line.host, line.service || line.component].filter(Boolean).join(' ');

function Around({ line }: { line: LogRecord }) {
  const loaded = useResource(line.id, (signal) => getLogContext(line.id, kAround, signal));
  const list = useRef<HTMLOListElement>(null);
  const items = loaded.data.value?.items;
  useEffect(() => {
    const here = list.current?.querySelector<HTMLElement>('.this');
    if (here) list.current!.scrollTop = here.offsetTop - list.current!.clientHeight / 2;
  }, [items]);
  if (loaded.error.value) return <Failure error={loaded.error.value} retry={() => loaded.reload()} />;
  if (!items) return <Skeleton rows={3} />;
  return (
    <>
      <p class="muted">
        <Text value={`${line.host} ${line.source}`} />
      </p>
      <ol class="lines" tabIndex={0} ref={list}>
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

function Fields({ line }: { line: LogRecord }) {
  const search = query.value.get('q') ?? '';
  return (
    <dl class="fields">
      {kFields.map((name) => {
        const value = line[name];
        if (!value) return null;
        const found = term(kTerms[name] ?? name, value);
        return (
          <div key={name}>
            <dt>{word(name)}</dt>
            <dd>
              <Text value={value} />{' '}
              <a
                href={withParams({ q: withTermToggled(search, found), live: undefined })}
                title={w('field_only')}
                aria-label={`${w('field_only')}: ${value}`}
              >
                +
              </a>{' '}
              <a
                href={withParams({ q: withTermToggled(search, `not ${found}`), live: undefined })}
                title={w('field_not')}
                aria-label={`${w('field_not')}: ${value}`}
              >
                −
              </a>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Detail({ line: given, around }: { line: LogRecord; around: boolean }) {
  const [context, setContext] = useState(around);
  const [line, setLine] = useState(given);
  useEffect(() => setContext(around), [around]);
  const whole = async () => {
    const loaded = await attempt(() => getLog(given.id));
    if (loaded) setLine(loaded);
  };
  const copy = async () => {
    const loaded = await attempt(() => getLog(given.id));
    if (loaded) await copyText(loaded.raw);
  };
  return (
    <div class="detail">
      <pre class="whole" tabIndex={0}>
        <Text value={line.message} terminal />
      </pre>
      {line.traceback && (
        <pre class="whole" tabIndex={0}>
          <Text value={line.traceback} terminal />
        </pre>
      )}
      <p class="bar">
        {line.shortened && (
          <button type="button" onClick={() => void whole()}>
            {w('line_whole')}
          </button>
        )}
        {line.request_id && (
          <a class="button request" href={backtraceHref(line.request_id, line.time)}>
            {t('follow_request')} <kbd>f</kbd>
          </a>
        )}
        {line.instance && (
          <a class="button" href={`/instances/${encodeURIComponent(line.instance)}`}>
            {w('instance_story')}
          </a>
        )}
        <button type="button" class="around" aria-expanded={context} onClick={() => setContext(!context)}>
          {t('lines_context')} <kbd>c</kbd>
        </button>
        <button type="button" class="copy-raw" onClick={() => void copy()}>
          {w('copy_raw')}
        </button>
      </p>
      {context && <Around line={line} />}
      <Fields line={line} />
    </div>
  );
}

export interface LineActs {
  toggle: (id: string) => void;
  /** The open line is so much higher than the others. */
  measured: (extra: number) => void;
}

interface LogRowProps {
  line: LogRecord;
  place: number;
  open: boolean;
  around: boolean;
  acts: LineActs;
}
function Row({ line, place, open, around, acts }: LogRowProps) {
  const { mark, word: severity } = ofLog(line.severity);
  const detail = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const sizes = new ResizeObserver(() => acts.measured(detail.current?.offsetHeight ?? 0));
    sizes.observe(detail.current!);
    return () => sizes.disconnect();
  }, [open]);
  return (
    <li
      class={`line l-${mark}${open ? ' opened' : ''}`}
      data-id={line.id}
      data-place={place}
      role="row"
      aria-rowindex={place + 1}
    >
      <div
        class="row"
        onClick={(event) => {
          if (!(event.target as Element).closest('a, button') && !String(getSelection()))
            acts.toggle(line.id);
        }}
      >
        <span role="gridcell">
          <button
            type="button"
            class="opener"
            aria-expanded={open}
            aria-label={w('line_details')}
            onClick={() => acts.toggle(line.id)}
          >
            {open ? '▾' : '▸'}
          </button>
        </span>
        <span role="gridcell">
          <At time={line.time} ms />
        </span>
        <span class="sev" role="gridcell">
          <Mark kind={mark} />
          {severity}
        </span>
        <span class="origin" role="gridcell">
          <Text value={originOf(line)} />
        </span>
        <span class="message" role="gridcell">
          <Text value={line.message.slice(0, kShown)} terminal />
        </span>
      </div>
      {open && (
        <div ref={detail} role="gridcell">
          <Detail line={line} around={around} />
        </div>
      )}
    </li>
  );
}
export const LogRow = pure(Row);

export const WaitingLine = ({ place }: { place: number }) => (
  <li class="line waiting" data-place={place} role="row" aria-rowindex={place + 1}>
    <span role="gridcell">…</span>
  </li>
);
