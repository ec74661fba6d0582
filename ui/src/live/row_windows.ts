// A list on the server of which only pages near the screen are here. Rows keep their places until refresh(): a page that is
// fetched anew replaces the old one when it has come, so that nothing blinks.
import { signal, type Signal } from '@preact/signals';
import { ApiError } from '../api/error';

export interface RowPage<T> {
  items: T[];
  /** Rows of all pages. */
  total: number;
  /** Things that the list stands for, when rows fold some away. */
  matching: number;
}

export const kRowsOfPage = 100;
/** So many pages are kept. */
const kKept = 40;
/** refresh() asks at most once in this time. */
const kPause = 1000;

export class RowWindows<T extends { id: string }> {
  /** null until the first page has come. */
  readonly total: Signal<number | null> = signal(null);
  readonly matching = signal(0);
  readonly error: Signal<ApiError | null> = signal(null);
  /** Another number whenever rows are others. */
  readonly version = signal(0);
  private readonly pages = new Map<number, T[]>();
  private readonly asked = new Map<number, AbortController>();
  private wanted: [number, number] = [1, 1];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private refreshed = -Infinity;

  /** `load`: pages count from 1 and have kRowsOfPage rows. */
  constructor(private readonly load: (page: number, signal: AbortSignal) => Promise<RowPage<T>>) {}

  row(index: number): T | undefined {
    return this.pages.get(Math.floor(index / kRowsOfPage) + 1)?.[index % kRowsOfPage];
  }

  loaded(): T[] {
    return [...this.pages.values()].flat();
  }

  /** Every row of the list is here. */
  whole(): boolean {
    return this.loaded().length === this.total.peek();
  }

  /** Of a row that is here; -1 for others. */
  indexOf(id: string): number {
    for (const [page, rows] of this.pages) {
      const at = rows.findIndex((row) => row.id === id);
      if (at >= 0) return (page - 1) * kRowsOfPage + at;
    }
    return -1;
  }

  /** Rows `first` to `last` (not included) are on the screen: what is missing of them is fetched. */
  need(first: number, last: number): void {
    const pageOf = (index: number) => Math.floor(Math.max(0, index) / kRowsOfPage) + 1;
    this.wanted = [pageOf(first), pageOf(Math.max(first, last - 1))];
    for (const [page, abort] of this.asked) if (!this.isWanted(page)) abort.abort();
    for (let page = this.wanted[0]; page <= this.wanted[1]; page += 1)
      if (!this.pages.has(page) && !this.asked.has(page)) void this.fetch(page);
  }

  /** What is known of a row is changed in its place; false when it is not here. */
  patch(id: string, change: Partial<T>): boolean {
    const index = this.indexOf(id);
    if (index < 0) return false;
    const rows = this.pages.get(Math.floor(index / kRowsOfPage) + 1)!;
    rows[index % kRowsOfPage] = { ...rows[index % kRowsOfPage]!, ...change };
    this.version.value += 1;
    return true;
  }

  /** Reads what is on the screen anew. */
  refresh(): void {
    if (this.timer !== undefined) return;
    const wait = Math.max(0, this.refreshed + kPause - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.refreshed = performance.now();
      for (const page of [...this.pages.keys()]) if (!this.isWanted(page)) this.pages.delete(page);
      for (let page = this.wanted[0]; page <= this.wanted[1]; page += 1) void this.fetch(page);
    }, wait);
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const abort of this.asked.values()) abort.abort();
  }

  private isWanted(page: number): boolean {
    return page >= this.wanted[0] && page <= this.wanted[1];
  }

  private async fetch(page: number): Promise<void> {
    this.asked.get(page)?.abort();
    const abort = new AbortController();
    this.asked.set(page, abort);
    try {
      const answer = await this.load(page, abort.signal);
      if (abort.signal.aborted) return;
      this.keep(page, answer.items);
      this.total.value = answer.total;
      this.matching.value = answer.matching;
      this.error.value = null;
      this.version.value += 1;
    } catch (cause) {
      if (abort.signal.aborted) return;
      this.error.value = cause instanceof ApiError ? cause : new ApiError(0, 'internal', String(cause));
    } finally {
      if (this.asked.get(page) === abort) this.asked.delete(page);
    }
  }

  /** The newest are at the end of the map. */
  private keep(page: number, rows: T[]): void {
    this.pages.delete(page);
    this.pages.set(page, rows);
    for (const old of this.pages.keys()) {
      if (this.pages.size <= kKept) return;
      if (!this.isWanted(old)) this.pages.delete(old);
    }
  }
}
