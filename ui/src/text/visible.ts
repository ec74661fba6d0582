// Text from outside, made safe to look at: control and bidirectional-override characters become visible escapes, as
// otherwise a log line could hide or reorder what it says. Newline and tab stay.

export interface Piece {
  text: string;
  /** True for an escape that stands for a character. */
  escaped: boolean;
}

// C0, DEL and C1 controls; soft hyphen, Arabic letter mark, zero-width characters and marks, bidi embeddings,
// overrides and isolates, line and paragraph separators, the byte-order mark, tag characters; lone surrogates.
const kHidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

export function visible(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(kHidden)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), escaped: false });
    const last = pieces.at(-1);
    const escape = escapeOf(match[0]);
    if (last?.escaped) last.text += escape;
    else pieces.push({ text: escape, escaped: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), escaped: false });
  return pieces;
}

export const visibleText = (text: string): string =>
  visible(text)
    .map((piece) => piece.text)
    .join('');

/** An address that may be a link, or null: only http and https lead anywhere. */
export function safeHref(address: string): string | null {
  try {
    const url = new URL(address);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}
