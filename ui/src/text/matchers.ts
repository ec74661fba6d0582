// What a silence is about, as text: host=compute1, service=~nova-.*, severity!=critical. The forms of the API are those of
// Alertmanager.
import type { Matcher } from '../api/manage';

export type Operator = '=' | '!=' | '=~' | '!~';
export const kOperators: readonly Operator[] = ['=', '!=', '=~', '!~'];
/** Labels that every alert has; others come from whoever sent it. */
export const kLabels: readonly string[] = [
  'host',
  'service',
  'event',
  'severity',
  'environment',
  'resource',
  'rule',
  'tier',
];

export const operatorOf = ({ isRegex = false, isEqual = true }: Matcher): Operator =>
  isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';

export const matcherOf = (name: string, operator: Operator, value: string): Matcher => ({
  name,
  value,
  isRegex: operator.endsWith('~'),
  isEqual: !operator.startsWith('!'),
});

/** null: the text is no matcher. The value may be in double quotes. */
export function parseMatcher(text: string): Matcher | null {
  const found = /^\s*([A-Za-z_][\w.-]{0,99})\s*(=~|!~|!=|=)\s*(.{0,1000}?)\s*$/s.exec(text);
  if (!found) return null;
  const [, name = '', operator = '=', given = ''] = found;
  const quoted = given.length >= 2 && given.startsWith('"') && given.endsWith('"');
  return matcherOf(name, operator as Operator, quoted ? given.slice(1, -1) : given);
}

export const showMatcher = (matcher: Matcher): string => matcher.name + operatorOf(matcher) + matcher.value;
