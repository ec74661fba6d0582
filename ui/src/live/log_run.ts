// The lines of a search that are here: a run of neighbours out of what may be millions, newest first. It grows at both ends
// as one scrolls and is left for another run when one goes far away. Where a run stands among all lines is known exactly at
// both ends of the span, and by the histogram in between.
import type { Cursor, LogBucket, LogRecord } from '../api/types';

export const kLinesAtOnce = 500;
/** So many are kept; the far end is forgotten first. */
const kMostKept = 20_000;
/** Live lines are kept longer: nobody can scroll back to what was never stored under a place. */
const kMostLive = 50_000;
/** Nearer than this to the end of the run, more is fetched. */
const kAhead = 150;
/** Farther than this from the run, it is left. */
const kFar = 1000;
/** Lines of one instant may fill pages. */
const kMostPages = 20;

export interface LogAsk {
  from?: string;
  to?: string;
  order: 'asc' | 'desc';
  limit: number;
  cursor?: string;
}
type Search = (ask: LogAsk, signal: AbortSignal) => Promise<Cursor<LogRecord>>;

/** When the line at `index` (newest first) was, by the histogram; Unix ms of the end of its bucket at the latest. */
export function timeAt(buckets: readonly LogBucket[], stepSeconds: number, index: number): number {
  let left = index;
  for (let at = buckets.length - 1; at >= 0; at -= 1) {
    const { time, count } = buckets[at]!;
    if (left < count) return Date.parse(time) + (1 - left / count) * stepSeconds * 1000;
    left -= count;
  }
  return Date.parse(buckets[0]?.time ?? '');
}

export interface RunListener {
  /** What is here or where it stands has changed. */
  changed: () => void;
  /** Lines that are on the screen stand so many places later (earlier, below zero) than before. */
  moved: (by: number) => void;
  failed: (error: unknown) => void;
}

export class LogRun {
  lines: LogRecord[] = [];
  /** Place of lines[0] among all lines. */
  start = 0;
  /** The first page has come, or is not waited for. */
  ready = false;
  /** What is here is a part of what would have been found. */
  cancelled = false;
  private opened = false;
  private oldest = false;
  private newest = true;
  private counted = 0;
  private buckets: readonly LogBucket[] = [];
  private step = 0;
  private abort = new AbortController();
  private busySince = 0;

  /** `search` within `from` and `to`, RFC 3339; to = '' goes on to now. */
  constructor(
    private readonly search: Search,
    private readonly from: string,
    private readonly to: string,
    private readonly listener: RunListener,
  ) {}

  /** Of all lines, as far as that is known. */
  get total(): number {
    const end = this.start + this.lines.length;
    if (this.oldest || this.cancelled) return end;
    return Math.max(this.counted, end + 1);
  }

  at(index: number): LogRecord | undefined {
    return this.lines[index - this.start];
  }

  /** What the histogram says: how many lines when. */
  learn(buckets: readonly LogBucket[], stepSeconds: number): void {
    this.buckets = buckets;
    this.step = stepSeconds;
    this.counted = buckets.reduce((sum, one) => sum + one.count, 0);
    this.listener.changed();
  }

  /** Reads the newest page, the second time anew. */
  open(): void {
    if (this.opened) this.lines = [];
    this.cancelled = false;
    this.opened = true;
    void this.work(async (signal) => {
      const page = await this.search({ ...this.span(), order: 'desc', limit: kLinesAtOnce }, signal);
      const came = this.lines;
      this.put(page.items, 0, { oldest: page.next_cursor === null, newest: true });
      this.ready = true;
      this.add(came.reverse()); // live was faster
    });
  }

  /** Lines `first` to `last` (not included) are on the screen. */
  need(first: number, last: number): void {
    if (!this.ready || this.busySince > 0 || this.cancelled) return;
    const end = this.start + this.lines.length;
    if (first > end + kFar || last < this.start - kFar) this.jump(first, last);
    else if (last + kAhead > end && !this.oldest) void this.grow('desc');
    else if (first - kAhead < this.start && !this.newest) void this.grow('asc');
  }

  /** A line that came while live, the newest last. */
  add(lines: readonly LogRecord[]): void {
    const here = new Set(this.lines.slice(0, 2000).map((one) => one.id));
    const fresh = lines.filter((one) => !here.has(one.id)).reverse();
    if (fresh.length === 0) return;
    this.lines = [...fresh, ...this.lines];
    this.counted += fresh.length;
    if (this.lines.length > kMostLive) {
      this.lines.length = kMostLive;
      this.oldest = false;
    }
    this.ready = true;
    this.listener.moved(fresh.length);
    this.listener.changed();
  }

  close(): void {
    this.abort.abort();
  }

  /** Unix ms since when an answer is waited for; 0 = none is. */
  get waitingSince(): number {
    return this.busySince;
  }

  /** Waits no longer, and tells the server so; what is here stays. */
  cancel(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.busySince = 0;
    this.ready = true;
    this.cancelled = true;
    this.listener.changed();
  }

  private span(): { from: string; to?: string } {
    return this.to === '' ? { from: this.from } : { from: this.from, to: this.to };
  }

  private put(lines: LogRecord[], start: number, ends: { oldest: boolean; newest: boolean }): void {
    this.lines = lines;
    this.start = Math.max(0, start);
    this.oldest = ends.oldest;
    this.newest = ends.newest;
  }

  private jump(first: number, last: number): void {
    void this.work(async (signal) => {
      if (last >= this.total - kLinesAtOnce / 2) {
        const page = await this.search({ ...this.span(), order: 'asc', limit: kLinesAtOnce }, signal);
        const lines = page.items.reverse();
        this.put(lines, this.counted - lines.length, { oldest: true, newest: page.next_cursor === null });
        return;
      }
      const begin = Math.max(0, first - kAhead);
      const time = timeAt(this.buckets, this.step, begin);
      const top = begin === 0 || !Number.isFinite(time);
      const ask = top ? this.span() : { from: this.from, to: new Date(time).toISOString() };
      const page = await this.search({ ...ask, order: 'desc', limit: kLinesAtOnce }, signal);
      this.put(page.items, top ? 0 : begin, { oldest: page.next_cursor === null, newest: top });
    });
  }

  private grow(order: 'asc' | 'desc'): Promise<void> {
    return this.work(async (signal) => {
      const edge = order === 'desc' ? this.lines.at(-1) : this.lines[0];
      const here = new Set(this.lines.map((one) => one.id));
      const span = this.span();
      const ask: LogAsk = { ...span, order, limit: kLinesAtOnce };
      if (edge && order === 'desc') ask.to = edge.time;
      if (edge && order === 'asc') ask.from = edge.time;
      let fresh: LogRecord[] = [];
      let cursor: string | null = '';
      for (let page = 0; page < kMostPages && cursor !== null && fresh.length === 0; page += 1) {
        const answer: Cursor<LogRecord> = await this.search(cursor ? { ...ask, cursor } : ask, signal);
        fresh = answer.items.filter((one) => !here.has(one.id));
        cursor = answer.next_cursor;
      }
      if (order === 'desc') this.after(fresh, cursor === null);
      else this.before(fresh.reverse(), cursor === null);
    });
  }

  private after(lines: LogRecord[], isEnd: boolean): void {
    this.lines = [...this.lines, ...lines];
    this.oldest = isEnd;
    const over = this.lines.length - kMostKept;
    if (over <= 0) return;
    this.lines = this.lines.slice(over);
    this.start += over;
    this.newest = false;
  }

  private before(lines: LogRecord[], isEnd: boolean): void {
    this.lines = [...lines, ...this.lines];
    this.newest = isEnd;
    const start = isEnd ? 0 : Math.max(1, this.start - lines.length);
    const moved = start - (this.start - lines.length);
    this.start = start;
    if (this.lines.length > kMostKept) {
      this.lines.length = kMostKept;
      this.oldest = false;
    }
    if (moved !== 0) this.listener.moved(moved);
  }

  private async work(task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.busySince = Date.now();
    const { signal } = this.abort;
    this.listener.changed();
    try {
      await task(signal);
    } catch (error) {
      if (!signal.aborted) this.listener.failed(error);
    } finally {
      if (!signal.aborted) {
        this.busySince = 0;
        this.listener.changed();
      }
    }
  }
}
