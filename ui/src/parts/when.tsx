// Instants and ages that keep themselves up to date: the text node follows the clock, the component does not re-render.
import { useComputed } from '@preact/signals';
import { now } from '../live/clock';
import { age, clockTime, dayOf, fullTime } from '../text/time';

export function Age({ time }: { time: string }) {
  const text = useComputed(() => age(time, now.value));
  return (
    <time class="age" dateTime={time} title={fullTime(time)}>
      {text}
    </time>
  );
}

export function At({ time, ms = false }: { time: string; ms?: boolean }) {
  return (
    <time class="at" dateTime={time} title={fullTime(time)}>
      {clockTime(time, now.peek(), ms)}
    </time>
  );
}

/** Where the clock does not matter. */
export function Day({ time }: { time: string }) {
  return (
    <time dateTime={time} title={fullTime(time)}>
      {dayOf(Date.parse(time))}
    </time>
  );
}
