// More spans of time than the quick picks: the usual ones, two ends by the calendar, and what was used before.
import { useState } from 'preact/hooks';
import '../style/watch.css';
import { serverNow } from '../live/clock';
import { navigate, query, withParams } from '../live/router';
import { zone, zoneName } from '../text/time';
import { atZone, readSpan, spanEnd, writeSpan, type TimeSpan } from '../text/span_text';
import { w } from '../text/lazy_words';

const kUsual = ['5m', '15m', '30m', '1h', '3h', '6h', '12h', '24h', '2d', '7d', '30d'] as const;
const kMostRecent = 5;
const kKey = 'apollo.spans';

function recent(): TimeSpan[] {
  try {
    const found = JSON.parse(localStorage.getItem(kKey) ?? '[]') as TimeSpan[];
    return found.filter(({ from, to }) => typeof from === 'string' && typeof to === 'string');
  } catch {
    return []; // storage is forbidden, or somebody else wrote there
  }
}

/** Kept in this browser, newest first, each once. */
function remember({ from, to }: TimeSpan): void {
  const others = recent().filter((one) => one.from !== from || one.to !== to);
  try {
    localStorage.setItem(kKey, JSON.stringify([{ from, to }, ...others].slice(0, kMostRecent)));
  } catch {
    // Storage may be forbidden.
  }
}

export function goToSpan({ from, to }: TimeSpan): void {
  remember({ from, to });
  navigate(withParams({ from, to, range: undefined, live: undefined }));
}

/** "90m" as people write it, two instants otherwise. */
function named({ from, to }: TimeSpan): string {
  if (to === 'now' && from.startsWith('now-')) return from.slice(4);
  const now = serverNow();
  return writeSpan(spanEnd(from, now), spanEnd(to, now), zone.value);
}

function Calendar({ span, close }: { span: TimeSpan; close: () => void }) {
  const [wrong, setWrong] = useState(false);
  const ends = [spanEnd(span.from, serverNow()), spanEnd(span.to, serverNow())] as const;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const read = readSpan(`${String(data.get('from'))}/${String(data.get('to'))}`, zone.value, serverNow());
    setWrong(read === null);
    if (!read) return;
    close();
    goToSpan(read);
  };
  return (
    <form onSubmit={submit}>
      <label>
        {w('span_from')}
        <input type="datetime-local" name="from" required defaultValue={atZone(ends[0], zone.value)} />
      </label>
      <label>
        {w('span_to')}
        <input type="datetime-local" name="to" required defaultValue={atZone(ends[1], zone.value)} />
      </label>
      <button type="submit">{w('span_show')}</button> <span class="muted">{zoneName()}</span>
      {wrong && (
        <p class="problem" role="alert">
          {w('span_wrong')}
        </p>
      )}
    </form>
  );
}

export function SpanMenu({ span }: { span: TimeSpan }) {
  const [open, setOpen] = useState(false);
  const close = () => document.getElementById('span-menu')?.hidePopover();
  const pick = (one: TimeSpan) => (
    <li key={one.from + one.to}>
      <button
        type="button"
        aria-current={
          query.value.get('from') === one.from && query.value.get('to') === one.to ? 'true' : undefined
        }
        onClick={() => {
          close();
          goToSpan(one);
        }}
      >
        {named(one)}
      </button>
    </li>
  );
  return (
    <>
      <button type="button" popovertarget="span-menu" title={w('span_more')} aria-label={w('span_more')}>
        ▾
      </button>
      <div
        id="span-menu"
        class="span-menu"
        popover="auto"
        onToggle={(event) => setOpen((event as unknown as ToggleEvent).newState === 'open')}
      >
        {open && (
          <>
            <h3>{w('span_last')}</h3>
            <ul class="usual">{kUsual.map((one) => pick({ from: `now-${one}`, to: 'now' }))}</ul>
            <h3>{w('span_calendar')}</h3>
            <Calendar span={span} close={close} />
            {recent().length > 0 && (
              <>
                <h3>{w('span_recent')}</h3>
                <ul class="recent">{recent().map(pick)}</ul>
              </>
            )}
          </>
        )}
      </div>
    </>
  );
}
