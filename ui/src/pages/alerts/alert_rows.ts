// The rows of the alert table: its columns, and where symptoms that were unfolded stand among the others.
import type { AlertRow, Severity } from '../../api/types';
import type { MessageKey } from '../../text/i18n';

export const kSeverities: readonly Severity[] = ['critical', 'major', 'minor', 'warning', 'informational'];

export type SortKey = 'severity' | 'text' | 'host' | 'service' | 'status' | 'times' | 'age';
const kSortKeys: readonly string[] = ['severity', 'text', 'host', 'service', 'status', 'times', 'age'];

/** As the API takes it; what is no column means by severity. */
export const sortOf = (text: string | null): string =>
  text !== null && kSortKeys.includes(text.replace(/^-/, '')) ? text : 'severity';

export type Column = SortKey | 'cloud' | 'rule' | 'owner' | 'last';
/** In the order of the table. `fixed`: always there; `usual`: there unless others were chosen. */
export const kColumns: readonly {
  key: Column;
  label: MessageKey;
  fixed?: true;
  usual?: true;
  sorts?: true;
}[] = [
  { key: 'severity', label: 'severity', usual: true, sorts: true },
  { key: 'text', label: 'what', fixed: true, usual: true, sorts: true },
  { key: 'host', label: 'host', usual: true, sorts: true },
  { key: 'service', label: 'service', usual: true, sorts: true },
  { key: 'cloud', label: 'environment' },
  { key: 'rule', label: 'rule' },
  { key: 'status', label: 'status', usual: true, sorts: true },
  { key: 'owner', label: 'owner' },
  { key: 'times', label: 'times', usual: true, sorts: true },
  { key: 'last', label: 'last_seen' },
  { key: 'age', label: 'age', usual: true, sorts: true },
];
const kUsual = kColumns.filter(({ usual }) => usual).map(({ key }) => key);

/** What `cols` of the address names, in the order of the table; the usual ones when it names none that there is. */
export function columnsOf(text: string | null): readonly Column[] {
  const named = (text ?? '').split(',');
  if (!kColumns.some(({ key }) => named.includes(key))) return kUsual;
  return kColumns.filter(({ key, fixed }) => fixed || named.includes(key)).map(({ key }) => key);
}

/** As the address has them; undefined = the usual ones, which it need not name. */
export function namesOf(columns: readonly Column[]): string | undefined {
  const names = columnsOf(columns.join()).join();
  return names === kUsual.join() ? undefined : names;
}

/** Symptoms that stand under the row at `at` of the list. */
export interface Unfolded {
  at: number;
  rows: readonly AlertRow[];
}

export interface RowAt {
  /** Its place in the list when it is one of the list's own. */
  index: number;
  symptom: AlertRow | null;
}

/** What stands at `place` of the table; `unfolded` in order of `at`. */
export function rowAtPlace(unfolded: readonly Unfolded[], place: number): RowAt {
  let index = place;
  for (const { at, rows } of unfolded) {
    if (index <= at) break;
    if (index <= at + rows.length) return { index: at, symptom: rows[index - at - 1]! };
    index -= rows.length;
  }
  return { index, symptom: null };
}

/** The place of a row of the table: of the list's own at `index`, or, when that is -1, of a symptom; -1 = it is neither. */
export function placeOfRow(unfolded: readonly Unfolded[], index: number, id: string): number {
  let before = 0;
  for (const { at, rows } of unfolded) {
    if (index >= 0 && index <= at) break;
    const symptom = index < 0 ? rows.findIndex((row) => row.id === id) : -1;
    if (symptom >= 0) return at + before + symptom + 1;
    before += rows.length;
  }
  return index < 0 ? -1 : index + before;
}
