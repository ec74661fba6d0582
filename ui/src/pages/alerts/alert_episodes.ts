// How often an alert stood before, how long, and what people wrote about it then: out of its history, as an alert that
// comes again is the same one.
import type { AlertHistory } from '../../api/types';

export interface Note {
  time: string;
  user: string;
  text: string;
}
export interface Episode {
  /** Unix ms. */
  from: number;
  to: number;
  /** What somebody wrote last while it stood, or as it was closed. */
  note: Note | null;
}

const kBegins = new Set(['new', 'open']);
const kEnds = new Set(['close', 'expired']);

const isNote = ({ user, text, type }: AlertHistory): boolean =>
  user !== '' && text !== '' && (type === 'note' || type === 'ack' || type === 'close');

/** Those that are over, oldest first. `history`: oldest first. */
export function episodesOf(history: readonly AlertHistory[]): Episode[] {
  const over: Episode[] = [];
  let from: number | null = null;
  let note: Note | null = null;
  for (const entry of history) {
    const at = Date.parse(entry.time);
    if (from === null && kBegins.has(entry.type)) {
      from = at;
      note = null;
    }
    if (isNote(entry)) {
      const said = { time: entry.time, user: entry.user, text: entry.text };
      // What is written after the end is about what has ended.
      const last = over.at(-1);
      if (from !== null) note = said;
      else if (last) last.note = said;
    }
    if (from === null || !kEnds.has(entry.type)) continue;
    over.push({ from, to: at, note });
    from = null;
  }
  return over;
}

/** The newest of what people wrote about episodes that are over. */
export const lastNote = (episodes: readonly Episode[]): Note | null =>
  [...episodes].reverse().find(({ note }) => note !== null)?.note ?? null;
