// Ninety days as bars: how long something was down on each. A day of trouble is taller as well as of another colour.
import '../style/status.css';
import type { Known, Outage } from '../api/uptime';
import { serverNow } from '../live/clock';
import { duration } from '../text/time';
import { w } from '../text/lazy_words';
import { daysOf, type Day } from '../text/uptime_days';

export const kUptimeDays = 90;
/** Less of a day is trouble, more is an outage. */
const kTrouble = 0.05 * 86_400_000;
const kHeights = { unwatched: 4, well: 12, some: 16, much: 20 } as const;

export const percent = (share: number | null): string =>
  share === null ? '–' : `${(Math.floor(share * 100_000) / 1000).toFixed(share === 1 ? 0 : 3)} %`;

const gradeOf = (day: Day) =>
  day.unknown ? 'unwatched' : day.down === 0 ? 'well' : day.down < kTrouble ? 'some' : 'much';

function titleOf(day: Day): string {
  if (day.unknown) return w('day_unwatched', { day: dayName(day) });
  if (day.down === 0) return w('day_well', { day: dayName(day) });
  return w('day_down', { day: dayName(day), age: duration(day.down) });
}

const dayName = (day: Day): string => new Date(day.begin).toISOString().slice(0, 10);

interface BarsProps {
  name: string;
  share: number | null;
  outages: readonly Outage[];
  known: readonly Known[];
}
export function UptimeBars({ name, share, outages, known }: BarsProps) {
  const days = daysOf(outages, kUptimeDays, serverNow(), known);
  const bad = days.filter((day) => day.down > 0);
  return (
    <svg
      class="days"
      viewBox={`0 0 ${kUptimeDays} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={w('days_label', { name, share: percent(share), n: bad.length })}
    >
      {days.map((day, index) => {
        const grade = gradeOf(day);
        const height = kHeights[grade];
        return (
          <rect key={day.begin} class={grade} x={index + 0.12} y={20 - height} width={0.76} height={height}>
            <title>{titleOf(day)}</title>
          </rect>
        );
      })}
    </svg>
  );
}
