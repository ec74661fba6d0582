// Alerts as plain text, for a chat.
import type { Alert, AlertRow } from '../api/types';
import { fullTime } from './time';
import { visibleText } from './visible';

export function alertSummary(alert: Alert, address: string): string {
  const last = alert.evidence?.at(-1);
  return [
    `${alert.severity.toUpperCase()} ${alert.text}`,
    `${alert.event} on ${[alert.host, ...alert.service].filter(Boolean).join(' / ')}, ${alert.status} since ${fullTime(alert.createTime)}`,
    ...(last ? [`last line: ${last.text.slice(0, 300)}`] : []),
    address,
  ]
    .map(visibleText)
    .join('\n');
}

/** A line for each, with its address at `origin`. */
export const rowsSummary = (rows: readonly AlertRow[], origin: string): string =>
  rows
    .map(({ id, severity, text, host, service, status, createTime }) => {
      const where = [host, ...service].filter(Boolean).join(' / ');
      const what = `${severity.toUpperCase()} ${text} (${where}), ${status} since ${fullTime(createTime)}`;
      return `${visibleText(what)} ${origin}/alerts/${encodeURIComponent(id)}`;
    })
    .join('\n');
