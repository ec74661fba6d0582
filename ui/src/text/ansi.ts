// Colours that programs write for a terminal (ECMA-48, Select Graphic Rendition), as names of styles: 31 is red. Other control
// sequences are not obeyed; visible.ts shows them as they are.

export interface Styled {
  text: string;
  /** Class names; "" = plain. */
  style: string;
}

const kSequence = /\u001b\[([0-9;]{0,40})m/g;
const kFlags: Readonly<Record<number, string>> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline' };

interface State {
  colour: number | null;
  flags: Set<string>;
}

/** Colour 0 to 15 that a code means; null for what is no colour of these. */
function colourOf(code: number): number | null {
  if (code >= 30 && code <= 37) return code - 30;
  return code >= 90 && code <= 97 ? code - 82 : null;
}

function obey(state: State, codes: readonly number[]): void {
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i]!;
    if (code === 0) [state.colour, state.flags] = [null, new Set()];
    else if (kFlags[code]) state.flags.add(kFlags[code]);
    else if (code === 22) ['bold', 'dim'].forEach((flag) => state.flags.delete(flag));
    else if (code === 23) state.flags.delete('italic');
    else if (code === 24) state.flags.delete('underline');
    else if (code === 39) state.colour = null;
    else if (code === 38 || code === 48) {
      // 5;n is one of 256 colours, 2;r;g;b any: of these only the first sixteen have a name here.
      if (code === 38 && codes[i + 1] === 5) state.colour = codes[i + 2]! < 16 ? codes[i + 2]! : null;
      i += codes[i + 1] === 2 ? 4 : 2;
    } else state.colour = colourOf(code) ?? state.colour;
  }
}

const nameOf = ({ colour, flags }: State): string =>
  [...(colour === null ? [] : [`ansi-${colour}`]), ...[...flags].map((flag) => `ansi-${flag}`)].join(' ');

export function styled(text: string): Styled[] {
  const state: State = { colour: null, flags: new Set() };
  const pieces: Styled[] = [];
  let end = 0;
  const keep = (to: number) => {
    if (to > end) pieces.push({ text: text.slice(end, to), style: nameOf(state) });
  };
  for (const match of text.matchAll(kSequence)) {
    keep(match.index);
    obey(state, match[1] === '' ? [0] : match[1]!.split(';').map(Number));
    end = match.index + match[0].length;
  }
  keep(text.length);
  return pieces;
}

/** As it reads without its colours. */
export const plain = (text: string): string => text.replace(kSequence, '');
