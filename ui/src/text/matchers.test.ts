import { describe, expect, test } from 'vitest';
import { parseMatcher, showMatcher } from './matchers';

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
});
