// Where the list of alerts was left, so that leaving an alert leads back there: the same filters, the same row.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AlertRow } from '../../api/types';
import { path, withParams } from '../../live/router';
import type { RowWindows } from '../../live/row_windows';
import type { Unfolded } from './alert_rows';

interface Left {
  address: string;
  /** The alert that was opened, and its row; "" = none was. */
  id: string;
  index: number;
}
const kKey = 'alerts-left';
const kList = '/alerts';

/** Of this tab, also after a reload. */
function stored(): Left {
  const never: Left = { address: kList, id: '', index: 0 };
  try {
    return { ...never, ...(JSON.parse(sessionStorage.getItem(kKey) ?? '{}') as Partial<Left>) };
  } catch {
    return never;
  }
}
let left = stored();

function leave(next: Left): void {
  left = next;
  try {
    sessionStorage.setItem(kKey, JSON.stringify(next));
  } catch {
    // Storage may be forbidden; it is then known as long as the page.
  }
}

export const listAddress = (): string => left.address;

/** Whoever goes elsewhere from the alert has done with its row. */
export const forgetRow = (): void => leave({ ...left, id: '' });

/** The row to return to in the list of this address, once. */
function takeRow(address: string): Left | null {
  const row = left.id !== '' && left.address === address ? left : null;
  forgetRow();
  return row;
}

interface Returning {
  windows: RowWindows<AlertRow>;
  unfolded: readonly Unfolded[];
  /** Brings a row into view and gives it the focus as soon as it is there. */
  focus: (index: number) => void;
}

/** The list is left for an alert, and found again as it was. */
export function useReturn({ windows, unfolded, focus }: Returning): void {
  // Columns and the zone change without a new table.
  const address = useRef('');
  if (path.peek() === kList) address.current = withParams({});
  const [first] = useState(() => takeRow(address.current));
  const back = useRef(first);
  const total = windows.total.value;
  const latest = useRef(unfolded);
  latest.current = unfolded;
  useEffect(
    () => () => {
      const id = decodeURIComponent(/^\/alerts\/(.+)$/.exec(path.peek())?.[1] ?? '');
      const cause = latest.current.find(({ rows }) => rows.some((row) => row.id === id));
      leave({ address: address.current, id, index: cause?.at ?? Math.max(0, windows.indexOf(id)) });
    },
    [],
  );
  useEffect(() => {
    if (!back.current || !total) return;
    const found = windows.indexOf(back.current.id);
    const index = found >= 0 ? found : Math.min(back.current.index, total - 1);
    focus(index);
    if (windows.row(index)) back.current = null;
  });
}
