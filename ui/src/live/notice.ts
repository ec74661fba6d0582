// What is said to the user: one notice at a time with an optional undo, and one polite live region for screen readers
// that speaks at most every 10 s.
import { signal } from '@preact/signals';
import { onStream } from './stream';
import { t } from '../text/i18n';
import { visibleText } from '../text/visible';
import type { Alert } from '../api/types';

export interface Notice {
  text: string;
  bad: boolean;
  undo: (() => void) | null;
}
export const notice = signal<Notice | null>(null);
export const spoken = signal('');

const kShown = 10_000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string, options: { bad?: boolean; undo?: () => void } = {}): void {
  clearTimeout(timer);
  notice.value = { text, bad: options.bad ?? false, undo: options.undo ?? null };
  timer = setTimeout(() => {
    notice.value = null;
  }, kShown);
}

export function undoLast(): void {
  const undo = notice.value?.undo;
  notice.value = null;
  undo?.();
}

let waiting = 0;
let waitingText = '';
let quietUntil = 0;

function speakWaiting(): void {
  if (waiting === 0) return;
  spoken.value = t('announce_new', { n: waiting, text: visibleText(waitingText) });
  waiting = 0;
  quietUntil = Date.now() + kShown;
}

onStream((event) => {
  if (event.event !== 'alert') return;
  const alert = event.data as Alert & { transition?: string };
  if (alert.transition !== 'opened' && alert.transition !== 'reopened') return;
  waiting += 1;
  waitingText = alert.text;
  const wait = quietUntil - Date.now();
  if (wait <= 0) speakWaiting();
  else if (waiting === 1) setTimeout(speakWaiting, wait);
});
