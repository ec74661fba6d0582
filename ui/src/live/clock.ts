// The server's time as this browser sees it, ticking once a second: ages are shown against it, so that a wrong clock
// on the operator's machine ages nothing.
import { signal } from '@preact/signals';

let offset = 0;

export const serverNow = (): number => Date.now() + offset;
/** Unix ms, a new value each second. */
export const now = signal(serverNow());

/** `generated` is the server's clock when it answered just now. */
export function learnServerTime(generated: string): void {
  const server = Date.parse(generated);
  if (!Number.isFinite(server)) return;
  offset = server - Date.now();
  now.value = serverNow();
}

setInterval(() => {
  now.value = serverNow();
}, 1000);
