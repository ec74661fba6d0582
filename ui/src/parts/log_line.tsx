// One line of a log: time, severity, where, what; a joined traceback folds away.
import { At } from './when';
import { Mark, ofLog } from './mark';
import { Text } from './text';
import { t } from '../text/i18n';

interface LogLineProps {
  time: string;
  severity: string;
  /** Shown before the text: service or logger. */
  origin: string;
  text: string;
  requestId?: string;
  traceback: string;
}

export function LogLine({ time, severity, origin, text, requestId = '', traceback }: LogLineProps) {
  const { mark, word } = ofLog(severity);
  return (
    <li class={`line l-${mark}`}>
      <At time={time} ms />
      <span class="sev">
        <Mark kind={mark} />
        {word}
      </span>
      <div class="what">
        <span class="origin">
          <Text value={origin} />
        </span>{' '}
        <span class="message">
          <Text value={text} />
        </span>
        {requestId && (
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
