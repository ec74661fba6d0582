// The rows of the alert table: its columns, and where symptoms that were unfolded stand among the others.
import type { AlertRow, Severity } from '../api/types';

export const kSeverities: readonly Severity[] = ['critical', 'major', 'minor', 'warning', 'informational'];

export type SortKey = 'severity' | 'text' | 'host' | 'service' | 'status' | 'times' | 'age';
const kSortKeys: readonly string[] = ['severity', 'text', 'host', 'service', 'status', 'times', 'age'];

/** As the API takes it; what is no column means by severity. */
export const sortOf = (text: string | null): string =>
  text !== null && kSortKeys.includes(text.replace(/^-/, '')) ? text : 'severity';

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
