// Order of the rows of the alert table, and how it is kept still under the user's hand.
import type { Alert, Severity } from '../api/types';

export const kSeverities: readonly Severity[] = ['critical', 'major', 'minor', 'warning', 'informational'];
const kScale: readonly Severity[] = [
  'critical',
  'major',
  'minor',
  'warning',
  'indeterminate',
  'informational',
  'normal',
];
const kStatusOrder = ['open', 'ack', 'closed'];

export type SortKey = 'severity' | 'text' | 'host' | 'service' | 'status' | 'times' | 'age';
type Order = (a: Alert, b: Alert) => number;

const newestFirst: Order = (a, b) => b.createTime.localeCompare(a.createTime);
const natural = (a: string, b: string): number => a.localeCompare(b, undefined, { numeric: true });

const kOrders: Record<SortKey, Order> = {
  severity: (a, b) => kScale.indexOf(a.severity) - kScale.indexOf(b.severity),
  text: (a, b) => natural(a.text, b.text),
  host: (a, b) => natural(a.host, b.host),
  service: (a, b) => natural(a.service.join(), b.service.join()),
  status: (a, b) => kStatusOrder.indexOf(a.status) - kStatusOrder.indexOf(b.status),
  times: (a, b) => a.duplicateCount - b.duplicateCount,
  age: newestFirst,
};

/** `sort` is a column, with '-' before it for the other direction; anything else means by severity. */
export function sortAlerts(alerts: readonly Alert[], sort: string): Alert[] {
  const descending = sort.startsWith('-');
  const key = descending ? sort.slice(1) : sort;
  const order = Object.hasOwn(kOrders, key) ? kOrders[key as SortKey] : kOrders.severity;
  return [...alerts].sort((a, b) => (descending ? order(b, a) : order(a, b)) || newestFirst(a, b));
}

/** The rows in the order of `shown`, with what is known of them now; `waiting` counts those not shown yet. Rows that
 *  are gone are left out. With nothing shown before, all are shown. */
export function frozenRows(
  shown: readonly string[],
  latest: readonly Alert[],
): { rows: Alert[]; waiting: number } {
  if (shown.length === 0) return { rows: [...latest], waiting: 0 };
  const byId = new Map(latest.map((alert) => [alert.id, alert]));
  const rows = shown.flatMap((id) => byId.get(id) ?? []);
  return { rows, waiting: latest.length - rows.length };
}

export interface FoldedRow {
  alert: Alert;
  /** How many of the list follow from it. */
  symptoms: number;
  /** It follows from one above it. */
  under: boolean;
}

const kDeepest = 10;

/** Alerts that follow from another of the list stand under the first cause, and only when that is in `open`. */
export function folded(alerts: readonly Alert[], open: ReadonlySet<string>): FoldedRow[] {
  const byId = new Map(alerts.map((one) => [one.id, one]));
  const firstCause = (one: Alert): Alert => {
    let at = one;
    for (let depth = 0; depth < kDeepest; depth += 1) {
      const next = byId.get(at.cause);
      if (next === one) return one; // a circle has no first
      if (!next) break;
      at = next;
    }
    return at;
  };
  const under = new Map<string, Alert[]>();
  for (const one of alerts) {
    const cause = firstCause(one);
    if (cause === one) continue;
    const mine = under.get(cause.id);
    if (mine) mine.push(one);
    else under.set(cause.id, [one]);
  }
  return alerts.flatMap((one): FoldedRow[] => {
    if (firstCause(one) !== one) return [];
    const mine = under.get(one.id) ?? [];
    const rows = open.has(one.id) ? mine.map((alert) => ({ alert, symptoms: 0, under: true })) : [];
    return [{ alert: one, symptoms: mine.length, under: false }, ...rows];
  });
}
