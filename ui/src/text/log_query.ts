// The text of a log search as the page handles it (its language: docs/logs-search.md): where its stage begins, and terms
// put in and taken out. The server alone understands it.

/** The search and what comes after its first "|" outside of "phrases" and /expressions/; "" without a stage. */
export function splitStage(text: string): { search: string; stage: string } {
  let closing = '';
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i]!;
    if (closing !== '') {
      if (character === '\\') i += 1;
      else if (character === closing) closing = '';
    } else if (character === '|') {
      return { search: text.slice(0, i).trim(), stage: text.slice(i + 1).trim() };
    } else if (
      (character === '"' || character === '/') &&
      /(^|[\s(:=!-])$/.test(text.slice(Math.max(0, i - 1), i))
    ) {
      closing = character;
    }
  }
  return { search: text.trim(), stage: '' };
}

/** As a phrase, whatever is in it. */
export const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

/** service:nova-api; the value in quotes where the language would read more into it. */
export function term(field: string, value: string): string {
  const plain = /^[\p{L}\p{N}_][\p{L}\p{N}_.@-]*$/u.test(value);
  return `${field}:${plain ? value : quoted(value)}`;
}

const kOr = /\bor\b/i;

export const hasTerm = (search: string, one: string): boolean => ` ${search} `.includes(` ${one} `);

/** The search narrowed by the term. */
export function withTerm(search: string, one: string): string {
  if (search === '' || hasTerm(search, one)) return search || one;
  return `${kOr.test(search) && !/^\([^()]*\)$/.test(search) ? `(${search})` : search} ${one}`;
}

/** The search narrowed by the term, or without it when it has it. */
export const withTermToggled = (search: string, one: string): string =>
  hasTerm(search, one) ? ` ${search} `.replace(` ${one} `, ' ').trim() : withTerm(search, one);
