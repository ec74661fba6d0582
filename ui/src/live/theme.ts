// The looks, as an attribute that the tokens in style/tokens.css hang on. Charts are canvases and redraw on a change.
import { effect, signal } from '@preact/signals';
import { stored } from './stored';

export type Theme = 'system' | 'light' | 'dark' | 'contrast';
export const theme = stored<Theme>('theme', 'system', ['system', 'light', 'dark', 'contrast']);
/** How close rows stand; a screen on a wall (?kiosk=1) has room. */
export type Density = 'comfortable' | 'compact';
export const density = stored<Density>('density', 'comfortable', ['comfortable', 'compact']);
/** Pixels of a token that says how high rows are. */
export const rowToken = (name: 'table-row' | 'log-row'): number =>
  parseFloat(getComputedStyle(document.documentElement).getPropertyValue(`--${name}`));
/** Grows when colours may have changed. */
export const repaint = signal(0);

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  repaint.value = repaint.peek() + 1;
});
effect(() => {
  document.documentElement.dataset.density = density.value;
});
for (const media of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'])
  matchMedia(media).addEventListener('change', () => {
    repaint.value += 1;
  });
