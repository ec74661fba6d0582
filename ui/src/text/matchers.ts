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

/** A regular expression with more names than this is no silence that anybody reads. */
const kMostNames = 20;
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** About one of these alerts or another: equal where all are, else one of the values; a label with many is left out, so
 *  that more may be hidden than was chosen, which the form's preview shows. */
export function matchersOf(
  alerts: readonly { host: string; service: readonly string[]; event: string }[],
): Matcher[] {
  const values = {
    host: new Set(alerts.map(({ host }) => host)),
    service: new Set(alerts.map(({ service }) => service[0] ?? '')),
    event: new Set(alerts.map(({ event }) => event)),
  };
  return Object.entries(values).flatMap(([name, all]) => {
    if (all.size === 0 || all.has('') || all.size > kMostNames) return [];
    const some = [...all].sort();
    return [
      some.length === 1 ? matcherOf(name, '=', some[0]!) : matcherOf(name, '=~', some.map(escaped).join('|')),
    ];
  });
}
