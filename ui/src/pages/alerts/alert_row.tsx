// One row of the alert table; all rows are equally high.
import type { ComponentChildren } from 'preact';
import { mayRespond } from '../../api/session';
import type { AlertRow } from '../../api/types';
import { navigate } from '../../live/router';
import { SeverityBadge } from '../../parts/mark';
import { pure } from '../../parts/pure';
import { Text } from '../../parts/text';
import { Age } from '../../parts/when';
import { t, word } from '../../text/i18n';
import { visibleText } from '../../text/visible';
import { w } from '../../text/lazy_words';
import { IsaState, isReturned } from './alert_isa';
import type { Column } from './alert_rows';

export interface RowActs {
  choose: (id: string, range: boolean) => void;
  unfold: (id: string) => void;
}

interface RowProps {
  alert: AlertRow;
  /** Its place in the table, from 0. */
  place: number;
  under: boolean;
  chosen: boolean;
  open: boolean;
  columns: readonly Column[];
  acts: RowActs;
}

/** As the column says it. */
export const statusWord = (alert: AlertRow): string => (isReturned(alert) ? w('over') : word(alert.status));

interface CellProps extends Pick<RowProps, 'alert' | 'open' | 'acts'> {
  href: string;
}
const kCells: Readonly<Record<Column, (of: CellProps) => ComponentChildren>> = {
  severity: ({ alert }) => <SeverityBadge severity={alert.severity} />,
  text: ({ alert, href, open, acts }) => (
    <>
      <a class="row-link" href={href} title={visibleText(alert.text)}>
        <Text value={alert.text} />
      </a>
      <small>
        <Text value={alert.event} />
      </small>
      {alert.symptoms > 0 && (
        <button type="button" class="link fold" aria-expanded={open} onClick={() => acts.unfold(alert.id)}>
          {t('symptoms_folded', { n: alert.symptoms })}
        </button>
      )}
    </>
  ),
  host: ({ alert }) => (
    <a href={`/nodes/${encodeURIComponent(alert.host)}`}>
      <Text value={alert.host} />
    </a>
  ),
  service: ({ alert }) => <Text value={alert.service.join(', ')} />,
  cloud: ({ alert }) => <Text value={alert.environment} />,
  rule: ({ alert }) =>
    alert.ruleId && (
      <a href={`/rules/${encodeURIComponent(alert.ruleId)}`}>
        <Text value={alert.ruleId} />
      </a>
    ),
  status: ({ alert }) => (
    <>
      {statusWord(alert)} <IsaState of={alert} />
    </>
  ),
  owner: ({ alert }) => <Text value={alert.owner} />,
  times: ({ alert }) => `×${alert.duplicateCount + 1}`,
  last: ({ alert }) => <Age time={alert.lastReceiveTime} />,
  age: ({ alert }) => <Age time={alert.createTime} />,
};

function Row({ alert, place, under, chosen, open, columns, acts }: RowProps) {
  const href = `/alerts/${encodeURIComponent(alert.id)}`;
  return (
    <tr
      class={`s-${isReturned(alert) ? 'returned' : alert.status}${under ? ' under' : ''}`}
      data-id={alert.id}
      data-place={place}
      aria-rowindex={place + 2}
      onClick={(event) => {
        if (event.shiftKey && mayRespond.value) acts.choose(alert.id, true);
        else if (!(event.target as Element).closest('a, input, button, label') && !String(getSelection()))
          navigate(href);
      }}
    >
      {mayRespond.value && (
        <td class="c-choose">
          <label>
            <input
              type="checkbox"
              aria-label={t('choose_row')}
              checked={chosen}
              onClick={(event) => event.shiftKey && event.preventDefault()}
              onChange={() => acts.choose(alert.id, false)}
            />
          </label>
        </td>
      )}
      {columns.map((column) => (
        <td key={column} class={`c-${column}`}>
          {kCells[column]({ alert, href, open, acts })}
        </td>
      ))}
    </tr>
  );
}

export const AlertTableRow = pure(Row);

/** A row that is on its way. */
export const WaitingRow = ({ place, wide }: { place: number; wide: number }) => (
  <tr class="waiting" data-place={place} aria-rowindex={place + 2}>
    <td colSpan={wide}>…</td>
  </tr>
);
