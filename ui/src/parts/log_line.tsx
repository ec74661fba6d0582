// One line of a log: time, severity, where, what; a joined traceback folds away.
import type { ComponentChildren } from 'preact';
import '../style/ansi.css';
import { At } from './when';
import { Mark, ofLog } from './mark';
import { Text } from './text';
import { t } from '../text/i18n';

interface LogLineProps {
  time: string;
  severity: string;
  /** Shown before the text: service or logger; "" when the reader knows. */
  origin: string;
  text: string;
  requestId?: string;
  traceback: string;
  /** Shown for the folded traceback instead of its length; "" = its length. */
  frame?: string;
  /** What else can be done with the line, after its text. */
  children?: ComponentChildren;
}

const kAround = 3600_000;

/** The story of a request, looked for around a line of it. */
export function backtraceHref(id: string, time: string): string {
  const at = Date.parse(time);
  const params = new URLSearchParams({ id });
  if (Number.isFinite(at)) {
    params.set('from', new Date(at - kAround).toISOString());
    params.set('to', new Date(at + kAround).toISOString());
  }
  return `/backtrace?${params.toString()}`;
}

// The head that oslo.log writes: date, pid, level. It is kept, as a raw line is evidence, but quieter than what it says.
const kHead = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d{1,9} \d{1,10} [A-Z]{4,8} /;

export function LogLine(props: LogLineProps) {
  const { time, severity, origin, text, requestId = '', traceback, frame = '', children } = props;
  const { mark, word } = ofLog(severity);
  const head = kHead.exec(text)?.[0] ?? '';
  return (
    <li class={`line l-${mark}`}>
      <At time={time} ms />
      <span class="sev">
        <Mark kind={mark} />
        {word}
      </span>
      <div class="what">
        {origin && (
          <span class="origin">
            <Text value={origin} />{' '}
          </span>
        )}
        {head && <span class="origin">{head}</span>}
        <span class="message">
          <Text value={text.slice(head.length)} terminal />
        </span>
        {requestId && (
          <a class="request" href={backtraceHref(requestId, time)} title={t('follow_request')}>
            {text.includes(requestId) ? t('follow_request') : <Text value={requestId} />}
          </a>
        )}
        {traceback && (
          <details>
            <summary>
              {frame ? <Text value={frame} /> : t('traceback', { n: traceback.split('\n').length })}
            </summary>
            <pre tabIndex={0}>
              <Text value={traceback} terminal />
            </pre>
          </details>
        )}
        {children}
      </div>
    </li>
  );
}
