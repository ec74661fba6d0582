// The looks, as an attribute that the tokens in style/tokens.css hang on. Charts are canvases and redraw on a change.
import { effect, signal } from '@preact/signals';
import { stored } from './stored';

export type Theme = 'system' | 'light' | 'dark' | 'contrast';
export const theme = stored<Theme>('theme', 'system', ['system', 'light', 'dark', 'contrast']);
/** Grows when colours may have changed. */
export const repaint = signal(0);

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  repaint.value = repaint.peek() + 1;
});
for (const media of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'])
  matchMedia(media).addEventListener('change', () => {
    repaint.value += 1;
  });
