import { describe, expect, test } from 'vitest';
import { matching, placeAt } from './completion';

const at = (text: string) => {
  const caret = text.indexOf('|');
  const place = placeAt(text.replace('|', ''), caret);
  return place && [place.kind, place.typed, place.label, place.metric].join(' ').trim();
};

describe('completion of PromQL', () => {
  test('names where a metric or a function may stand', () => {
    expect(at('sum(rate(host_cp|')).toBe('name host_cp');
    expect(at('|')).toBeNull();
    expect(at('up == 1|')).toBeNull();
  });
  test('labels within braces and after by', () => {
    expect(at('host_load1{ho|')).toBe('label ho  host_load1');
    expect(at('host_load1{host="a", |')).toBe('label   host_load1');
    expect(at('sum by (host, ser|')).toBe('label ser');
  });
  test('values within the quotes of a label', () => {
    expect(at('host_load1{host=~"comp|')).toBe('value comp host host_load1');
  });
  test('nothing within a text elsewhere', () => {
    expect(at('label_replace(up, "a|')).toBeNull();
  });
  test('what begins with it comes first, and never only what stands there', () => {
    expect(matching(['irate', 'rate', 'iterate'], 'rate')).toEqual(['irate', 'iterate']);
    expect(matching(['avg_over_time', 'over', 'overlap'], 'over')).toEqual(['overlap', 'avg_over_time']);
  });
});
