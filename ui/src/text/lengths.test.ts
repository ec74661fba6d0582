import { expect, test } from 'vitest';
import { lengthOf, offsetOf, sentOffset, shownOffset, typedOffset } from './lengths';

test('lengths and offsets are read as the server reads them', () => {
  expect(['90s', '1h30m', '7d', '2w', '', 'soon'].map(lengthOf)).toEqual([9e4, 54e5, 6048e5, 12096e5, 0, 0]);
  expect(['2h', '+2h', '-3h30m', '-300m', undefined].map(offsetOf)).toEqual([72e5, 72e5, -126e5, -18e6, 0]);
});

test('offsets are shown as on clocks, and go back as they came', () => {
  expect([198e5, -126e5, 0].map(shownOffset)).toEqual(['+05:30', '-03:30', '+00:00']);
  for (const text of ['+05:30', '-03:30', '+00:00']) {
    expect(shownOffset(typedOffset(text))).toBe(text);
    expect(offsetOf(sentOffset(typedOffset(text)))).toBe(typedOffset(text));
  }
});
