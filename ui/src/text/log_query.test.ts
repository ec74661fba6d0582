import { describe, expect, test } from 'vitest';
import { hasTerm, splitStage, term, withTermToggled } from './log_query';

describe('a log search', () => {
  test('is told from its stage', () => {
    expect(splitStage('spawn failed | count by host')).toEqual({
      search: 'spawn failed',
      stage: 'count by host',
    });
    expect(splitStage(' severity>=error ')).toEqual({ search: 'severity>=error', stage: '' });
    expect(splitStage('| patterns')).toEqual({ search: '', stage: 'patterns' });
  });

  test('may have bars in its phrases and expressions, and slashes in its words', () => {
    expect(splitStage('"a | \\" b" host:/c|d/ | count')).toEqual({
      search: '"a | \\" b" host:/c|d/',
      stage: 'count',
    });
    expect(splitStage('var/log | rate').stage).toBe('rate');
  });

  test('is narrowed by a term and widened again', () => {
    const one = term('service', 'nova-api');
    expect(one).toBe('service:nova-api');
    expect(withTermToggled('', one)).toBe(one);
    expect(withTermToggled('a or b', one)).toBe('(a or b) service:nova-api');
    expect(withTermToggled(`a ${one} b`, one)).toBe('a b');
    expect(hasTerm('service:nova-api-wsgi', one)).toBe(false);
  });

  test('takes any value as it is', () => {
    expect(term('host', 'a b"c\\*')).toBe('host:"a b\\"c\\\\*"');
    expect(term('source', '/var/log/x')).toBe('source:"/var/log/x"');
  });
});
