// One line of a log: time, severity, where, what; a joined traceback folds away.
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
}

// The head that oslo.log writes: date, pid, level. It is kept, as a raw line is evidence, but quieter than what it says.
const kHead = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d{1,9} \d{1,10} [A-Z]{4,8} /;

export function LogLine({ time, severity, origin, text, requestId = '', traceback }: LogLineProps) {
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
          <Text value={text.slice(head.length)} />
        </span>
        {requestId && !text.includes(requestId) && (
          <span class="request">
            {' '}
            <Text value={requestId} />
          </span>
        )}
        {traceback && (
          <details>
            <summary>{t('traceback', { n: traceback.split('\n').length })}</summary>
            <pre tabIndex={0}>
              <Text value={traceback} />
            </pre>
          </details>
        )}
      </div>
    </li>
  );
}
