import { describe, expect, test } from 'vitest';
import { SseParser } from './sse';

const kText =
  'event: hello\ndata: {"epoch":"e1"}\n\n: heartbeat\n\nid: e1-7\r\nevent: alert\r\ndata: {"a":\r\ndata: 1}\r\n\r\nid: e1-8\ndata\n\n';

describe('server-sent events', () => {
  test('arrive whole, with their names and ids', () => {
    expect(new SseParser().push(kText)).toEqual([
      { event: 'hello', data: '{"epoch":"e1"}', id: '' },
      { event: 'alert', data: '{"a":\n1}', id: 'e1-7' },
      { event: 'message', data: '', id: 'e1-8' },
    ]);
  });

  test('are the same however the network cuts them', () => {
    const whole = new SseParser().push(kText);
    for (let at = 0; at <= kText.length; at += 1) {
      const parser = new SseParser();
      expect([...parser.push(kText.slice(0, at)), ...parser.push(kText.slice(at))]).toEqual(whole);
    }
    const parser = new SseParser();
    expect([...kText].flatMap((letter) => parser.push(letter))).toEqual(whole);
  });

  test('that are unfinished are not given', () => {
    expect(new SseParser().push('data: half\n')).toEqual([]);
  });

  test('that grow beyond the limit are dropped and the next one is taken', () => {
    const parser = new SseParser();
    const megabyte = 'x'.repeat(1024 * 1024);
    parser.push('data: ');
    for (let i = 0; i < 6; i += 1) expect(parser.push(megabyte)).toEqual([]);
    expect(parser.push('\n\ndata: next\n\n')).toEqual([{ event: 'message', data: 'next', id: '' }]);
  });

  test('with a NUL in the id keep the id before', () => {
    expect(new SseParser().push('id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n').map((message) => message.id)).toEqual(['1', '1']);
  });
});
