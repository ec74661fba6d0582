import { describe, expect, test } from 'vitest';
import type { AlertHistory } from '../../api/types';
import { episodesOf, lastNote } from './alert_episodes';

const entry = (minute: number, type: string, user = '', text = ''): AlertHistory => ({
  time: new Date(minute * 60_000).toISOString(),
  type,
  severity: 'critical',
  status: 'open',
  event: 'ServiceDown',
  value: '',
  text,
  user,
});
const spans = (history: AlertHistory[]) =>
  episodesOf(history).map(({ from, to, note }) => [from / 60_000, to / 60_000, note?.text ?? '']);

describe('episodes of an alert', () => {
  test('what stands still is none of those before', () => {
    expect(spans([entry(0, 'new'), entry(5, 'ack', 'ana')])).toEqual([]);
    expect(spans([entry(0, 'new'), entry(5, 'close'), entry(9, 'open')])).toEqual([[0, 5, '']]);
  });
  test('the note of an episode is what people wrote last, not what the engine says', () => {
    const history = [
      entry(0, 'new', '', 'it died'),
      entry(1, 'note', 'ana', 'looking'),
      entry(2, 'note', 'ana', 'restarted rabbitmq'),
      entry(3, 'close', '', 'it runs'),
      entry(10, 'open', '', 'it died'),
      entry(12, 'expired'),
    ];
    expect(spans(history)).toEqual([
      [0, 3, 'restarted rabbitmq'],
      [10, 12, ''],
    ]);
    expect(lastNote(episodesOf(history))?.text).toBe('restarted rabbitmq');
  });
  test('a note after the end is about what has ended; one of today is about no episode before', () => {
    const history = [
      entry(0, 'new'),
      entry(3, 'close'),
      entry(4, 'note', 'ben', 'it was the switch'),
      entry(9, 'open'),
    ];
    expect(spans(history)).toEqual([[0, 3, 'it was the switch']]);
    const now = [...history, entry(10, 'note', 'ana', 'again?')];
    expect(lastNote(episodesOf(now))?.text).toBe('it was the switch');
  });
  test('an end without a beginning, as the oldest entries are dropped, is left out', () => {
    expect(spans([entry(3, 'close'), entry(5, 'open'), entry(6, 'close')])).toEqual([[5, 6, '']]);
  });
});
