// New log lines as they come: GET /api/v1/logs/tail, read until it is stopped; a connection that ends is opened again
// from the last line seen.
import { ApiError } from '../api/error';
import { send, withQuery } from '../api/request';
import { SseParser } from '../api/sse';
import type { LogRecord } from '../api/types';

export interface LogTailListener {
  /** In order of arrival; never empty. */
  lines: (lines: LogRecord[]) => void;
  /** So many more were too many to be shown. */
  dropped: (count: number) => void;
  /** More came while nobody read than is sent again. */
  resync: () => void;
  failed: (error: unknown) => void;
}

const kSilence = 40_000;
const kFirstDelay = 1_000;
const kMaxDelay = 30_000;

function isRecord(value: unknown): value is LogRecord {
  return typeof value === 'object' && value !== null && typeof (value as LogRecord).id === 'string';
}

/** What one piece of the stream says, lines together. */
export function readPiece(parser: SseParser, text: string, listener: LogTailListener): void {
  const lines: LogRecord[] = [];
  for (const message of parser.push(text)) {
    let data: unknown;
    try {
      data = JSON.parse(message.data);
    } catch {
      continue;
    }
    if (message.event === 'log' && isRecord(data)) lines.push(data);
    else if (message.event === 'dropped') listener.dropped(Number((data as { count?: unknown }).count) || 0);
    else if (message.event === 'resync') listener.resync();
  }
  if (lines.length > 0) listener.lines(lines);
}

/** Begins after the record `after`; '' = with the newest `lines`. Returns what stops it. */
export function followLogs(q: string, after: string, lines: number, listener: LogTailListener): () => void {
  const stopped = new AbortController();
  const parser = new SseParser();
  parser.lastId = after;

  const readOnce = async (): Promise<void> => {
    const silent = new AbortController();
    const stop = () => silent.abort();
    stopped.signal.addEventListener('abort', stop);
    let watchdog = setTimeout(stop, kSilence);
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (parser.lastId) headers['last-event-id'] = parser.lastId;
      const path = withQuery('/logs/tail', { q, lines: parser.lastId ? 0 : lines });
      const response = await send(path, { headers, signal: silent.signal });
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done || stopped.signal.aborted) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(stop, kSilence);
        readPiece(parser, value, listener);
      }
    } finally {
      clearTimeout(watchdog);
      stopped.signal.removeEventListener('abort', stop);
      silent.abort();
    }
  };

  const run = async (): Promise<void> => {
    let delay = kFirstDelay;
    while (!stopped.signal.aborted) {
      const started = Date.now();
      try {
        await readOnce();
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) {
          listener.failed(error);
          return;
        }
      }
      if (Date.now() - started > 10_000) delay = kFirstDelay;
      await new Promise((resolve) => setTimeout(resolve, delay * (0.5 + Math.random() / 2)));
      delay = Math.min(delay * 2, kMaxDelay);
    }
  };
  void run();
  return () => stopped.abort();
}
