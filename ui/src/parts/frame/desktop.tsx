// Being told of a new alert while looking elsewhere: a notification of the desktop, a sound. Both are off until somebody
// switches them on, in this browser, and the browser is asked for leave only then.
import { useEffect } from 'preact/hooks';
import type { Alert } from '../../api/types';
import { say } from '../../live/notice';
import { navigate } from '../../live/router';
import { stored } from '../../live/stored';
import { onStream } from '../../live/stream';
import { word } from '../../text/i18n';
import { visibleText } from '../../text/visible';
import { w } from '../../text/lazy_words';

const kNews = new Set(['opened', 'reopened']);
const kLoud = new Set(['critical', 'major']);
const kMaxText = 200;

const shown = stored<'no' | 'yes'>('desktop', 'no', ['no', 'yes']);
const heard = stored<'no' | 'yes'>('sound', 'no', ['no', 'yes']);

/** Each tab hears of it; the tag makes them one notification. */
function show({ id, severity, text }: Alert): void {
  if (Notification.permission !== 'granted') return;
  const made = new Notification(`${word(severity)} – Apollo`, {
    body: visibleText(text).slice(0, kMaxText),
    tag: id,
    icon: `/icon-${kLoud.has(severity) ? severity : 'ok'}.svg`,
  });
  made.onclick = () => {
    window.focus();
    navigate(`/alerts/${encodeURIComponent(id)}`);
    made.close();
  };
}

/** Two short tones; silent where the browser lets no page sound unasked. */
function beep(): void {
  const audio = new AudioContext();
  for (const [begin, pitch] of [
    [0, 660],
    [0.18, 880],
  ] as const) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.value = 0.1;
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + begin);
    tone.stop(audio.currentTime + begin + 0.14);
  }
  setTimeout(() => void audio.close(), 1000);
}

async function allow(): Promise<void> {
  if (!('Notification' in window) || (await Notification.requestPermission()) !== 'granted') {
    say(w('desktop_refused'), { bad: true });
    return;
  }
  shown.value = 'yes';
}

export function Desktop() {
  useEffect(
    () =>
      onStream((event) => {
        if (event.event !== 'alert') return;
        const alert = event.data as Alert & { transition?: string };
        if (!kNews.has(alert.transition ?? '') || !kLoud.has(alert.severity)) return;
        if (shown.value === 'yes') show(alert);
        if (heard.value === 'yes' && !document.hidden) beep();
      }),
    [],
  );
  return (
    <>
      <label class="choice">
        <span>{w('desktop')}</span>
        <input
          type="checkbox"
          checked={shown.value === 'yes'}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            event.currentTarget.checked = shown.value === 'yes';
            if (checked) void allow();
            else shown.value = 'no';
          }}
        />
      </label>
      <label class="choice">
        <span>{w('sound')}</span>
        <input
          type="checkbox"
          checked={heard.value === 'yes'}
          onChange={(event) => {
            heard.value = event.currentTarget.checked ? 'yes' : 'no';
          }}
        />
      </label>
    </>
  );
}
