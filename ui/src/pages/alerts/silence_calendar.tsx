// What is hidden on which day, four weeks at once: silences and planned work, those that recur each time. The first week is
// in the address: ?cal=2026-11-16, ?cal=1 for that of today.
import '../../style/calendar.css';
import type { Quiet } from '../../api/manage';
import { now, serverNow } from '../../live/clock';
import { withParams } from '../../live/router';
import { Text } from '../../parts/text';
import { w, wordOf } from '../../text/lazy_words';
import { showMatcher } from '../../text/matchers';
import { calendarOf, type CalendarDay, type CalendarEntry } from '../../text/quiet_times';
import { atZone, readSpan } from '../../text/span_text';
import { dayOf, zone, zoneName } from '../../text/time';
import { visibleText } from '../../text/visible';

const kWeek = 7;
const kDays = 4 * kWeek;
const kWeekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const kMost = 6;

/** "22:00–02:00", as far as it is in the day. */
function hoursOf({ from, to }: CalendarEntry<Quiet>, day: CalendarDay<Quiet>): string {
  if (from === day.from && to === day.to) return w('all_day');
  const clock = (ms: number) => atZone(ms, zone.value).slice(11);
  return `${clock(from)}–${to === day.to ? '24:00' : clock(to)}`;
}

function Entry({ entry, day }: { entry: CalendarEntry<Quiet>; day: CalendarDay<Quiet> }) {
  const { of } = entry;
  const matchers = of.matchers.map(showMatcher).join(' ');
  return (
    <li>
      <a
        href={withParams({ id: of.id, cal: undefined })}
        class={`q-${of.state}`}
        title={visibleText(`${wordOf('kind_', of.kind)}: ${matchers}`)}
      >
        <b>{hoursOf(entry, day)}</b> <Text value={matchers} />{' '}
        <small>
          {of.kind !== 'silence' && `${wordOf('kind_', of.kind)}: `}
          <Text value={of.reason} />
        </small>
      </a>
    </li>
  );
}

function Day({ day }: { day: CalendarDay<Quiet> }) {
  const here = now.value;
  const today = day.from <= here && here < day.to;
  return (
    <td class={`${day.to <= here ? 'over' : ''}${day.entries.length === 0 ? ' free' : ''}`}>
      <time dateTime={atZone(day.from, zone.value).slice(0, 10)} aria-current={today ? 'date' : undefined}>
        {dayOf(day.from)}
      </time>
      <ul>
        {day.entries.slice(0, kMost).map((entry) => (
          <Entry key={entry.of.id + entry.from} entry={entry} day={day} />
        ))}
      </ul>
      {day.entries.length > kMost && (
        <small class="muted">{w('and_more', { n: day.entries.length - kMost })}</small>
      )}
    </td>
  );
}

/** `at`: the day in whose week it begins; anything else means today's. */
export function SilenceCalendar({ all, at }: { all: readonly Quiet[]; at: string }) {
  const asked = /^\d{4}-\d\d-\d\d$/.test(at) ? readSpan(at, zone.value, serverNow()) : null;
  const days = calendarOf(all, zone.value, asked ? Date.parse(asked.from) : serverNow(), kDays);
  const [first, last] = [days[0]!, days.at(-1)!];
  /** A day of the week that begins so many days after the first one shown; its noon, as days are not equally long. */
  const weekOf = (days: number) => atZone(first.from + (days + 0.5) * 864e5, zone.value).slice(0, 10);
  return (
    <div class="panel quiet-calendar">
      <header>
        <h2>
          {dayOf(first.from)} – {dayOf(last.from)}
        </h2>
        <span class="muted">{zoneName(first.from)}</span>
        <nav class="aside" aria-label={w('calendar')}>
          <a href={withParams({ cal: weekOf(-kDays) })} aria-label={w('span_back')}>
            ◂
          </a>
          <a href={withParams({ cal: '1' })}>{w('today')}</a>
          <a href={withParams({ cal: weekOf(kDays) })} aria-label={w('span_on')}>
            ▸
          </a>
        </nav>
      </header>
      {days.every(({ entries }) => entries.length === 0) && <p class="pad muted">{w('calendar_empty')}</p>}
      <table>
        <thead>
          <tr>
            {kWeekdays.map((day) => (
              <th key={day} scope="col">
                {wordOf('day_', day)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: kDays / kWeek }, (_, week) => (
            <tr key={week}>
              {days.slice(week * kWeek, (week + 1) * kWeek).map((day) => (
                <Day key={day.from} day={day} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
