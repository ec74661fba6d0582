// The box for a PromQL expression, with a list of what may stand at the caret: arrows choose, Tab or Enter takes, Escape
// closes the list. Ctrl and the arrows bring back what was asked before.
import { useEffect, useRef, useState, type MutableRef } from 'preact/hooks';
import { getLabelNames, getLabelValues, metricNames } from '../api/endpoints';
import { t } from '../text/i18n';
import { kFunctions, matching, placeAt, type Place } from '../text/completion';
import { w } from '../text/lazy_words';
import '../style/watch.css';
import { Text } from './text';

/** Fetched once a page each; what cannot be fetched is not proposed. */
const known = new Map<string, Promise<string[]>>();
function once(key: string, load: () => Promise<string[]>): Promise<string[]> {
  let found = known.get(key);
  if (!found) {
    found = load().catch(() => {
      known.delete(key);
      return [];
    });
    known.set(key, found);
  }
  return found;
}

async function candidates({ kind, label, metric }: Place): Promise<readonly string[]> {
  if (kind === 'label') return once(`labels ${metric}`, () => getLabelNames(metric));
  if (kind === 'value') return once(`values ${metric} ${label}`, () => getLabelValues(label, metric));
  return [...(await once('names', metricNames)), ...kFunctions];
}

interface Proposed {
  place: Place;
  names: string[];
}

interface ExpressionBoxProps {
  box: MutableRef<HTMLTextAreaElement | null>;
  value: string;
  run: () => void;
  /** The expression asked so many before; undefined when there is none. */
  recall: (step: number) => string | undefined;
}
export function ExpressionBox({ box, value, run, recall }: ExpressionBoxProps) {
  const [proposed, setProposed] = useState<Proposed | null>(null);
  const [at, setAt] = useState(0);
  const turn = useRef(0);
  useEffect(() => () => void (turn.current = -1), []);
  const close = () => {
    turn.current += 1;
    setProposed(null);
  };
  const propose = async (text: string, caret: number) => {
    const mine = (turn.current += 1);
    const place = placeAt(text, caret);
    const names = place ? matching(await candidates(place), place.typed) : [];
    if (turn.current !== mine) return;
    setAt(0);
    setProposed(place && names.length > 0 ? { place, names } : null);
  };
  const take = (name: string) => {
    const element = box.current;
    if (!element || !proposed) return;
    const { from, typed } = proposed.place;
    element.setRangeText(name, from, from + typed.length, 'end');
    element.focus();
    close();
  };
  const key = (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (step !== undefined && event.ctrlKey)
      event.currentTarget.value = recall(step) ?? event.currentTarget.value;
    else if (proposed && step !== undefined)
      setAt((at - step + proposed.names.length) % proposed.names.length);
    else if (proposed && event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (proposed && event.key === 'Tab') take(proposed.names[at]!);
    else if (proposed && at > 0 && event.key === 'Enter' && !event.ctrlKey) take(proposed.names[at]!);
    else if (event.key === 'Enter' && !event.shiftKey) {
      close();
      run();
    } else return;
    event.preventDefault();
  };
  return (
    <div class="expression-box">
      <textarea
        ref={box}
        key={value}
        rows={2}
        spellcheck={false}
        autocomplete="off"
        role="combobox"
        aria-label={t('expression')}
        aria-expanded={proposed !== null}
        aria-autocomplete="list"
        aria-controls="proposals"
        aria-activedescendant={proposed ? `proposal-${at}` : undefined}
        placeholder={t('expression_hint')}
        defaultValue={value}
        onInput={(event) => void propose(event.currentTarget.value, event.currentTarget.selectionStart)}
        onBlur={close}
        onKeyDown={key}
      />
      <ul id="proposals" role="listbox" aria-label={w('proposals')} hidden={proposed === null}>
        {proposed?.names.map((name, index) => (
          <li
            key={name}
            id={`proposal-${index}`}
            role="option"
            aria-selected={index === at}
            onMouseDown={(event) => {
              event.preventDefault(); // the box keeps the focus
              take(name);
            }}
          >
            <Text value={name} />
          </li>
        ))}
      </ul>
    </div>
  );
}
