import { expect, test } from 'vitest';
import type { AlertRow } from '../../api/types';
import { columnsOf, namesOf, placeOfRow, rowAtPlace, sortOf } from './alert_rows';

const symptom = (id: string): AlertRow => ({
  id,
  event: 'ServiceDown',
  host: 'ctl',
  service: [],
  severity: 'major',
  status: 'open',
  text: id,
  duplicateCount: 0,
  createTime: '2026-11-21T10:00:00Z',
  lastReceiveTime: '2026-11-21T10:00:00Z',
  environment: 'Production',
  ruleId: '',
  cause: 'db',
  owner: '',
  symptoms: 0,
});

test('unfolded symptoms stand under their cause, and later rows move down', () => {
  const unfolded = [
    { at: 1, rows: [symptom('a'), symptom('b')] },
    { at: 2, rows: [symptom('c')] },
  ];
  const seen = Array.from({ length: 7 }, (_, place) => {
    const { index, symptom } = rowAtPlace(unfolded, place);
    return symptom?.id ?? index;
  });
  expect(seen).toEqual([0, 1, 'a', 'b', 2, 'c', 3]);
  const found = seen.map((one) =>
    typeof one === 'number' ? placeOfRow(unfolded, one, 'own') : placeOfRow(unfolded, -1, one),
  );
  expect(found).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(placeOfRow(unfolded, -1, 'gone')).toBe(-1);
});

test('without any, places are those of the list', () => {
  expect(rowAtPlace([], 4711)).toEqual({ index: 4711, symptom: null });
});

test('an order that is none means by severity', () => {
  expect(sortOf('-age')).toBe('-age');
  expect(sortOf('colour')).toBe('severity');
  expect(sortOf(null)).toBe('severity');
});

test('columns are those of the address in the order of the table, and the usual ones have no name', () => {
  expect(columnsOf('age,rule,colour')).toEqual(['text', 'rule', 'age']);
  expect(namesOf(['rule', 'age', 'text'])).toBe('text,rule,age');
  for (const none of [null, '', 'colour'])
    expect(columnsOf(none)).toEqual(['severity', 'text', 'host', 'service', 'status', 'times', 'age']);
  expect(namesOf(columnsOf(null))).toBeUndefined();
});
