import { describe, expect, test } from 'vitest';
import type { Alert } from '../api/types';
import { folded, frozenRows, sortAlerts } from './alert_rows';

const alert = (id: string, severity: Alert['severity'], minute: number, more: Partial<Alert> = {}): Alert =>
  ({
    id,
    severity,
    createTime: `2026-11-21T12:${String(minute).padStart(2, '0')}:00Z`,
    host: id,
    service: [],
    text: id,
    status: 'open',
    duplicateCount: 0,
    cause: '',
    ...more,
  }) as Alert;
const ids = (alerts: readonly Alert[]) => alerts.map((one) => one.id).join('');

describe('the alert table', () => {
  const all = [
    alert('a', 'minor', 1),
    alert('b', 'critical', 2),
    alert('c', 'critical', 5),
    alert('d', 'informational', 9),
  ];

  test('shows the worst first and among equals the newest', () => {
    expect(ids(sortAlerts(all, 'severity'))).toBe('cbad');
    expect(ids(sortAlerts(all, '-severity'))).toBe('dacb');
    expect(ids(sortAlerts(all, 'age'))).toBe('dcba');
    expect(ids(sortAlerts(all, '-age'))).toBe('abcd');
  });
  test('sorts as by severity when the URL asks for a column that is none', () => {
    expect(ids(sortAlerts(all, 'constructor'))).toBe('cbad');
  });
  test('sorts names as people count', () => {
    const hosts = ['compute10', 'compute2'].map((host) => alert('x', 'minor', 1, { host }));
    expect(sortAlerts(hosts, 'host').map((one) => one.host)).toEqual(['compute2', 'compute10']);
  });
  test('keeps rows in place under the pointer, with their newest content, and counts what waits', () => {
    const latest = sortAlerts(
      [alert('e', 'critical', 11), ...all.filter((one) => one.id !== 'b')],
      'severity',
    );
    latest[latest.findIndex((one) => one.id === 'a')]!.status = 'ack';
    const { rows, waiting } = frozenRows(['c', 'b', 'a', 'd'], latest);
    expect(ids(rows)).toBe('cad');
    expect(rows[1]!.status).toBe('ack');
    expect(waiting).toBe(1);
  });
});

describe('symptoms', () => {
  const all = [
    alert('root', 'critical', 1),
    alert('mid', 'major', 2, { cause: 'root' }),
    alert('leaf', 'minor', 3, { cause: 'mid' }),
    alert('far', 'minor', 4, { cause: 'of another page' }),
  ];
  const shown = (open: string[]) =>
    folded(all, new Set(open)).map((row) => `${row.alert.id}${row.symptoms || ''}${row.under ? '<' : ''}`);

  test('are folded under their first cause, which says how many', () => {
    expect(shown([])).toEqual(['root2', 'far']);
  });
  test('are shown when asked for', () => {
    expect(shown(['root'])).toEqual(['root2', 'mid<', 'leaf<', 'far']);
  });
  test('that name each other in a circle are all shown', () => {
    const circle = [alert('a', 'major', 1, { cause: 'b' }), alert('b', 'major', 2, { cause: 'a' })];
    expect(folded(circle, new Set(['a', 'b'])).length).toBeGreaterThan(0);
  });
});
