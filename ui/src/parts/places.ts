// Where the palette leads, and which of it is meant.

export interface Place {
  kind: string;
  name: string;
  href: string;
  /** Done instead of going there. */
  run?: () => void;
}

/** Those whose name has every word; names that begin with the text come first. */
export function matching(places: readonly Place[], text: string): Place[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = places.filter((one) => words.every((word) => one.name.toLowerCase().includes(word)));
  const begins = (one: Place) => Number(one.name.toLowerCase().startsWith(words[0] ?? ''));
  return found.sort((a, b) => begins(b) - begins(a));
}
