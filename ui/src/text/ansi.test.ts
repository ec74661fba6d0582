import { expect, test } from 'vitest';
import { plain, styled } from './ansi';

test('a colour holds until it is taken back', () => {
  expect(styled('a \u001b[31mred\u001b[0m b')).toEqual([
    { text: 'a ', style: '' },
    { text: 'red', style: 'ansi-1' },
    { text: ' b', style: '' },
  ]);
});

test('bold and colour stand together, as oslo.log writes them', () => {
  expect(styled('\u001b[01;35mERROR\u001b[00m')).toEqual([{ text: 'ERROR', style: 'ansi-5 ansi-bold' }]);
  expect(styled('\u001b[1m\u001b[97mx\u001b[22my\u001b[39mz').map((one) => one.style)).toEqual([
    'ansi-15 ansi-bold',
    'ansi-15',
    '',
  ]);
});

test('colours of 256 and of 16 million do not shift what follows', () => {
  expect(styled('\u001b[38;2;255;31;1;4mx')).toEqual([{ text: 'x', style: 'ansi-underline' }]);
  expect(styled('\u001b[38;5;9mx')).toEqual([{ text: 'x', style: 'ansi-9' }]);
  expect(styled('\u001b[38;5;200mx')).toEqual([{ text: 'x', style: '' }]);
});

test('a sequence that does more than style stays in the text', () => {
  expect(styled('\u001b[2Jx')).toEqual([{ text: '\u001b[2Jx', style: '' }]);
  expect(styled('\u001b[31')).toEqual([{ text: '\u001b[31', style: '' }]);
  expect(styled('')).toEqual([]);
});

test('without its colours a line reads as it is shown', () => {
  expect(plain('a \u001b[01;31mre\u001b[0md \u001b[2J b')).toBe('a red \u001b[2J b');
});
