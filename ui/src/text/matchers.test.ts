import { describe, expect, test } from 'vitest';
import { matchersOf, parseMatcher, showMatcher } from './matchers';

describe('matchers', () => {
  test('all four operators come back as they were written', () => {
    for (const text of ['host=compute1', 'service=~nova-.*', 'severity!=critical', 'event!~Cpu.*'])
      expect(showMatcher(parseMatcher(text)!)).toBe(text);
  });
  test('a value may be quoted and may have operators in it', () => {
    expect(parseMatcher('resource = "a=b"')).toMatchObject({ name: 'resource', value: 'a=b', isEqual: true });
    expect(parseMatcher('text=a!=b')).toMatchObject({ name: 'text', value: 'a!=b', isRegex: false });
  });
  test('what is no matcher is refused', () => {
    expect(parseMatcher('host')).toBeNull();
    expect(parseMatcher('=x')).toBeNull();
    expect(parseMatcher('')).toBeNull();
  });
  test('several alerts become a silence about all of them', () => {
    const about = (host: string, service: string) => ({ host, service: [service], event: 'ServiceDown' });
    expect(matchersOf([about('c1', 'nova-api'), about('c.2', 'nova-api')]).map(showMatcher)).toEqual([
      'host=~c\\.2|c1',
      'service=nova-api',
      'event=ServiceDown',
    ]);
  });
  test('a label of many values, or one that some lack, is left out', () => {
    const many = Array.from({ length: 21 }, (_, n) => ({ host: `c${n}`, service: [], event: 'HostDown' }));
    expect(matchersOf(many).map(showMatcher)).toEqual(['event=HostDown']);
    expect(matchersOf([])).toEqual([]);
  });
});
