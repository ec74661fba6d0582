// Instants marked across a plot: elements, not pixels, so that each says what it is when the pointer rests on its head.
import type uPlot from 'uplot';
import type { ChangeEvent } from '../api/types';
import { visibleText } from '../text/visible';

export interface PlotMark {
  /** Unix ms. */
  at: number;
  text: string;
}

/** Who changed what, in a line. */
export const textOfChange = (change: ChangeEvent): string =>
  visibleText(`${change.host} ${change.summary || change.type}`);

export const markOfChange = (change: ChangeEvent): PlotMark => ({
  at: Date.parse(change.time),
  text: textOfChange(change),
});

/** To be called whenever the plot has been drawn. */
export function placeMarks(plot: uPlot, marks: readonly PlotMark[]): void {
  const width = plot.over.clientWidth;
  const before = [...plot.over.querySelectorAll<HTMLElement>('.plot-mark')];
  let used = 0;
  for (const { at, text } of marks) {
    const x = plot.valToPos(at / 1000, 'x');
    if (!(x >= 0 && x <= width)) continue;
    let element = before[used];
    if (!element) {
      element = document.createElement('i');
      element.className = 'plot-mark';
      plot.over.append(element);
    }
    used += 1;
    element.style.left = `${x}px`;
    element.title = text;
  }
  for (const left of before.slice(used)) left.remove();
}
