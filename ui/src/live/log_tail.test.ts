import { describe, expect, it } from 'vitest';
import { SseParser } from '../api/sse';
import type { LogRecord } from '../api/types';
import { readPiece } from './log_tail';

describe('a piece of the live tail', () => {
  const read = (parser: SseParser, text: string) => {
    const seen: string[] = [];
    readPiece(parser, text, {
      lines: (lines: LogRecord[]) => seen.push(`lines ${lines.map((line) => line.id).join(' ')}`),
      dropped: (count) => seen.push(`dropped ${count}`),
      resync: () => seen.push('resync'),
      failed: () => seen.push('failed'),
    });
    return seen;
  };

  it('gives its lines together, and remembers where it is', () => {
    const parser = new SseParser();
    expect(read(parser, 'id: 7-0\nevent: log\ndata: {"id":"7-0"}\n\nid: 7-1\nevent: log\nda')).toEqual([
      'lines 7-0',
    ]);
    expect(read(parser, 'ta: {"id":"7-1"}\n\nid: 9-0\n: heartbeat\n\n')).toEqual(['lines 7-1']);
    expect(parser.lastId).toBe('9-0');
  });

  it('tells what is missing', () => {
    const parser = new SseParser();
    expect(read(parser, 'event: dropped\ndata: {"count":3}\n\nevent: resync\ndata: {}\n\n')).toEqual([
      'dropped 3',
      'resync',
    ]);
    expect(read(parser, 'event: log\ndata: no json\n\nevent: log\ndata: {}\n\n')).toEqual([]);
  });
});
