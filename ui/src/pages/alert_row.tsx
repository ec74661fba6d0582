// One row of the alert table; all rows are equally high.
import { mayRespond } from '../api/session';
import type { AlertRow } from '../api/types';
import { navigate } from '../live/router';
import { SeverityBadge } from '../parts/mark';
import { pure } from '../parts/pure';
import { Text } from '../parts/text';
import { Age } from '../parts/when';
import { t, word } from '../text/i18n';
import { visibleText } from '../text/visible';

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
  acts: RowActs;
}

function Row({ alert, place, under, chosen, open, acts }: RowProps) {
  const href = `/alerts/${encodeURIComponent(alert.id)}`;
  return (
    <tr
      class={`s-${alert.status}${under ? ' under' : ''}`}
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
      <td class="c-severity">
        <SeverityBadge severity={alert.severity} />
      </td>
      <td class="c-text">
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
      </td>
      <td class="c-host">
        <a href={`/nodes/${encodeURIComponent(alert.host)}`}>
          <Text value={alert.host} />
        </a>
      </td>
      <td class="c-service">
        <Text value={alert.service.join(', ')} />
      </td>
      <td class="c-status">{word(alert.status)}</td>
      <td class="c-times">×{alert.duplicateCount + 1}</td>
      <td class="c-age">
        <Age time={alert.createTime} />
      </td>
    </tr>
  );
}

export const AlertTableRow = pure(Row);

/** A row that is on its way. */
export const WaitingRow = ({ place }: { place: number }) => (
  <tr class="waiting" data-place={place} aria-rowindex={place + 2}>
    <td colSpan={8}>…</td>
  </tr>
);
