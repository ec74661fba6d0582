// The state of an alert in the alarm model of ISA 18.2, where the server follows that: its short word, and what it means.
import type { Alert } from '../../api/types';
import { wordOf } from '../../text/lazy_words';

/** Over, and nobody has taken note yet: it still waits for somebody, whatever its status says. */
export const isReturned = (of: Pick<Alert, 'alarmState'>): boolean => of.alarmState === 'RTNUN';

export const IsaState = ({ of }: { of: Pick<Alert, 'alarmState'> }) =>
  of.alarmState ? (
    <abbr class="isa" title={wordOf('isa_', of.alarmState)}>
      {of.alarmState}
    </abbr>
  ) : null;

/** In words, for where there is room. */
export const IsaMeaning = ({ of }: { of: Pick<Alert, 'alarmState'> }) =>
  of.alarmState ? (
    <span>
      <IsaState of={of} /> {wordOf('isa_', of.alarmState)}
    </span>
  ) : null;
