// The span of time that is shown, as a text to type, copy and paste, and its steps: back, on, wider.
import { useState } from 'preact/hooks';
import { serverNow } from '../live/clock';
import { useKeys } from '../live/keys';
import { navigate, query, withParams } from '../live/router';
import { w } from '../text/lazy_words';
import { readSpan, spanEnd, writeSpan, type TimeSpan } from '../text/span_text';
import { zone, zoneName } from '../text/time';
import { namedZone } from '../text/zones';
import { Icon } from './icon';
import { copyLink, copyText } from './secret';
import { SpanMenu, goToSpan } from './span_menu';

const iso = (ms: number): string => new Date(ms).toISOString();

export function SpanField({ span }: { span: TimeSpan }) {
  const [wrong, setWrong] = useState(false);
  const ends = (): [number, number] => [spanEnd(span.from, serverNow()), spanEnd(span.to, serverNow())];
  const absolute = query.value.has('from') && span.to !== 'now';
  const text = absolute
    ? writeSpan(...ends(), zone.value)
    : query.value.has('from')
      ? span.from.slice(4)
      : '';
  const take = (input: HTMLInputElement) => {
    const read = readSpan(input.value, zone.value, serverNow());
    setWrong(read === null && input.value.trim() !== '');
    if (read) goToSpan(read);
    else if (input.value.trim() === '') navigate(withParams({ from: undefined, to: undefined }));
  };
  const move = (by: number, wider = 0) => {
    const [from, to] = ends();
    const length = to - from;
    const end = iso(Math.min(serverNow(), to + length * (by + wider)));
    navigate(
      withParams({ from: iso(from + length * (by - wider)), to: end, range: undefined, live: undefined }),
    );
  };
  const fix = () => {
    const [from, to] = ends();
    const tz = namedZone(zone.value);
    navigate(withParams({ from: iso(from), to: iso(to), tz, range: undefined, live: undefined }), 'replace');
    void copyLink();
  };
  useKeys({
    y: fix,
    't a': fix,
    't ArrowLeft': () => move(-1),
    't ArrowRight': () => move(1),
    't -': () => move(0, 0.5),
    't +': () => move(0, -0.25),
  });
  return (
    <div class="span-field" role="group" aria-label={w('span')}>
      <input
        key={text}
        class={`span-text${wrong ? ' wrong' : ''}`}
        aria-label={w('span_text', { zone: zoneName() })}
        aria-invalid={wrong}
        title={w('span_hint')}
        placeholder="90m, yesterday, 08:00-09:30"
        autocomplete="off"
        spellcheck={false}
        defaultValue={text}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          take(event.currentTarget);
        }}
        onChange={(event) => take(event.currentTarget)}
      />
      <SpanMenu span={span} />
      <button
        type="button"
        title={w('span_copy')}
        aria-label={w('span_copy')}
        onClick={() => void copyText(writeSpan(...ends(), zone.value))}
      >
        <Icon name="copy" />
      </button>
      <button type="button" title={w('span_back')} aria-label={w('span_back')} onClick={() => move(-1)}>
        ◂
      </button>
      <button type="button" title={w('span_on')} aria-label={w('span_on')} onClick={() => move(1)}>
        ▸
      </button>
      <button type="button" title={w('span_wider')} aria-label={w('span_wider')} onClick={() => move(0, 0.5)}>
        −
      </button>
    </div>
  );
}
