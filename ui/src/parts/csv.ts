// A table as a file that a spreadsheet opens, and runs nothing of.
import { visibleText } from '../text/visible';

/** Quoted where it must be; a cell that a spreadsheet would run begins with an apostrophe. */
export function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = visibleText(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export const csvOf = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');

export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
