// Rows of name, operator, value: what a silence or maintenance is about.
import type { Matcher } from '../api/manage';
import { overview } from '../live/overview';
import { kLabels, kOperators, matcherOf, operatorOf, type Operator } from '../text/matchers';
import { w } from '../text/lazy_words';

interface MatcherFieldsProps {
  matchers: readonly Matcher[];
  change: (matchers: Matcher[]) => void;
}

function known(label: string): string[] {
  const nodes = overview.value?.nodes ?? [];
  if (label === 'host') return nodes.map((node) => node.host);
  if (label === 'service')
    return [...new Set(nodes.flatMap((node) => node.services.map((one) => one.service)))].sort();
  if (label === 'severity') return ['critical', 'major', 'minor', 'warning', 'informational'];
  if (label === 'tier') return ['page', 'ticket', 'info'];
  return [];
}

export function MatcherFields({ matchers, change }: MatcherFieldsProps) {
  const set = (index: number, next: Matcher) => change(matchers.map((one, i) => (i === index ? next : one)));
  return (
    <fieldset class="matchers">
      <legend>{w('matchers')}</legend>
      {matchers.map((matcher, index) => {
        const operator = operatorOf(matcher);
        const values = known(matcher.name);
        return (
          <div key={index} class="matcher">
            <input
              aria-label={w('matcher_name')}
              list="matcher-names"
              required
              value={matcher.name}
              onInput={(event) => set(index, matcherOf(event.currentTarget.value, operator, matcher.value))}
            />
            <select
              aria-label={w('matcher_operator')}
              value={operator}
              onChange={(event) =>
                set(index, matcherOf(matcher.name, event.currentTarget.value as Operator, matcher.value))
              }
            >
              {kOperators.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
            <input
              aria-label={w('matcher_value')}
              list={values.length > 0 ? `matcher-values-${index}` : undefined}
              value={matcher.value}
              onInput={(event) => set(index, matcherOf(matcher.name, operator, event.currentTarget.value))}
            />
            <datalist id={`matcher-values-${index}`}>
              {values.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
            <button
              type="button"
              class="round"
              aria-label={w('matcher_remove')}
              disabled={matchers.length === 1}
              onClick={() => change(matchers.filter((_, i) => i !== index))}
            >
              ×
            </button>
          </div>
        );
      })}
      <datalist id="matcher-names">
        {kLabels.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <button type="button" class="link" onClick={() => change([...matchers, matcherOf('', '=', '')])}>
        {w('matcher_add')}
      </button>
    </fieldset>
  );
}
