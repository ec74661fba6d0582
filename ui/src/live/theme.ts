// The looks, as an attribute that the tokens in style/tokens.css hang on. Charts are canvases and redraw on a change.
import { effect, signal } from '@preact/signals';
import { stored } from './stored';

export type Theme = 'system' | 'light' | 'dark' | 'contrast';
export const theme = stored<Theme>('theme', 'system', ['system', 'light', 'dark', 'contrast']);
/** How close rows stand; a screen on a wall (?kiosk=1) has room. */
export type Density = 'comfortable' | 'compact';
export const density = stored<Density>('density', 'comfortable', ['comfortable', 'compact']);

const pixels = (token: string): number =>
  parseFloat(getComputedStyle(document.documentElement).getPropertyValue(token));
const measured = () => ({ table: pixels('--table-row'), log: pixels('--log-row') });
/** How high rows of long lists are, in pixels: the style sheet's tokens for this density on this screen. */
export const rowHeights = signal({ table: 0, log: 0 });

/** Grows when colours may have changed. */
export const repaint = signal(0);

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  repaint.value = repaint.peek() + 1;
});
effect(() => {
  document.documentElement.dataset.density = density.value;
  rowHeights.value = measured();
});
matchMedia('(max-width: 767px)').addEventListener('change', () => {
  rowHeights.value = measured();
});
for (const media of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'])
  matchMedia(media).addEventListener('change', () => {
    repaint.value += 1;
  });
