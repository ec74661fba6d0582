// An alert as plain text, for a chat.
import type { Alert } from '../api/types';
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
