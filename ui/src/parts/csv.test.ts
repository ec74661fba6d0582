import { describe, expect, test } from 'vitest';
import { cell, csvOf } from './csv';

describe('a table as CSV', () => {
  test('quotes what has commas, quotes or lines in it', () => {
    expect(csvOf([['a,b', 'say "x"', 1.5]])).toBe('"a,b","say ""x""",1.5\r\n');
  });
  test('a cell that a spreadsheet would run is text; a negative number stays one', () => {
    for (const evil of ['=1+1', '+1', '-1', '@SUM(A1)']) expect(cell(evil)).toBe(`'${evil}`);
    expect(cell(-1)).toBe('-1');
  });
});
