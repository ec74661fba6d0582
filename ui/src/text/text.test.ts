import { beforeAll, describe, expect, test, vi } from 'vitest';
import { en } from './en';
import { es } from './es';
import { catalogue, fill, language, loadMessages, word } from './i18n';
import { inlines, parseMarkdown } from './markdown';
import { age, askedZone, clockTime, duration, ownZone, zone, zoneName } from './time';
import { showValue, unitOf } from './units';
import { safeHref, visible, visibleText } from './visible';

describe('text from outside', () => {
  test('shows control and direction characters as escapes', () => {
    expect(visible('a\u202eb\u001b[31m\u0000c')).toEqual([
      { text: 'a', escaped: false },
      { text: '\\u202e', escaped: true },
      { text: 'b', escaped: false },
      { text: '\\x1b', escaped: true },
      { text: '[31m', escaped: false },
      { text: '\\x00', escaped: true },
      { text: 'c', escaped: false },
    ]);
  });

  test('keeps what people write: newlines, tabs, accents, emoji', () => {
    const text = 'línea 1\n\tlínea 2 → 日本 👩‍🚒'.replace('\u200d', '');
    expect(visible(text)).toEqual([{ text, escaped: false }]);
  });

  test('shows half of a surrogate pair and invisible tag characters', () => {
    expect(visibleText('x\ud800y')).toBe('x\\ud800y');
    expect(visibleText('\u{e0041}')).toBe('\\u{e0041}');
  });

  test('links only to http and https', () => {
    expect(safeHref('https://example.org/a')).toBe('https://example.org/a');
    for (const bad of [
      'javascript:alert(1)',
      ' javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      '//x',
      'x',
    ])
      expect(safeHref(bad)).toBeNull();
  });
});

describe('a playbook', () => {
  test('has headings, lists, code and paragraphs', () => {
    expect(parseMarkdown('# Title\n\none\ntwo\n\n1. a\n2. **b**\n\n- c\n\n```sh\nls `x`\n```\n')).toEqual([
      { kind: 'heading', level: 1, content: [{ kind: 'text', text: 'Title' }] },
      { kind: 'paragraph', content: [{ kind: 'text', text: 'one two' }] },
      {
        kind: 'list',
        ordered: true,
        items: [[{ kind: 'text', text: 'a' }], [{ kind: 'strong', text: 'b' }]],
      },
      { kind: 'list', ordered: false, items: [[{ kind: 'text', text: 'c' }]] },
      { kind: 'code', text: 'ls `x`' },
    ]);
  });

  test('cannot link to a script, nor become markup', () => {
    expect(inlines('[x](javascript:alert(1)) <b>')).toEqual([
      { kind: 'text', text: '[x](javascript:alert(1)) <b>' },
    ]);
  });

  test('shows bare addresses as links and an open fence as code', () => {
    expect(inlines('see https://a.example/b.')[1]).toMatchObject({ kind: 'link' });
    expect(parseMarkdown('```\nx')).toEqual([{ kind: 'code', text: 'x' }]);
  });

  test('of hostile text is read in bounded time', () => {
    for (const piece of ['**', '*a', '[', '[a](', '`', '# ', '- ', 'https://'])
      expect(parseMarkdown(piece.repeat(200_000)).length).toBeGreaterThan(0);
  });
});

describe('times', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  test('are short when near and dated when far', () => {
    ownZone.value = 'utc';
    expect(clockTime('2026-11-21T08:12:03.114Z', now)).toBe('08:12:03');
    expect(clockTime('2026-11-21T08:12:03.114Z', now, true)).toBe('08:12:03.114');
    expect(clockTime('2026-11-19T08:12:03Z', now)).toBe('Nov 19 08:12:03');
    expect(clockTime('garbage', now)).toBe('–');
  });
  test('are in the zone that the address asks for, else in the chosen one', () => {
    ownZone.value = 'Asia/Kathmandu';
    expect(clockTime('2026-11-21T08:12:03Z', now)).toBe('13:57:03');
    askedZone.value = 'America/New_York';
    expect(zone.value).toBe('America/New_York');
    expect(clockTime('2026-11-21T08:12:03Z', now)).toBe('03:12:03');
    expect(zoneName(Date.parse('2026-11-21T00:00:00Z'))).toBe('GMT-5');
    expect(zoneName(Date.parse('2026-07-21T00:00:00Z'))).toBe('GMT-4');
    askedZone.value = null;
    ownZone.value = 'utc';
    expect(zoneName()).toBe('UTC');
  });
  test('have ages in at most two units', () => {
    expect([0, 59_999, 60_000, 4_800_000, 7_200_000, 273_600_000].map(duration)).toEqual([
      '0 s',
      '59 s',
      '1 m',
      '1 h 20 m',
      '2 h',
      '3 d 4 h',
    ]);
    expect(age('2026-11-21T12:00:05Z', now)).toBe('0 s');
  });
});

describe('values', () => {
  test('have the unit of their name', () => {
    expect(unitOf('host_cpu_used_ratio')).toBe('ratio');
    expect(unitOf('service_memory_resident_bytes')).toBe('bytes');
    expect(unitOf('host_network_receive_bytes_total', true)).toBe('bytes/s');
    expect(unitOf('host_cpu_seconds_total', true)).toBe('ratio');
    expect(unitOf('host_load1')).toBe('number');
  });
  test('are short', () => {
    expect(showValue(0.4251, 'ratio')).toBe('43 %');
    expect(showValue(0.012, 'ratio')).toBe('1.2 %');
    expect(showValue(168 * 1024 * 1024, 'bytes')).toBe('168 MiB');
    expect(showValue(1536, 'bytes/s')).toBe('1.5 KiB/s');
    expect(showValue(3.14159, 'number')).toBe('3.14');
    expect(showValue(NaN, 'number')).toBe('–');
  });
});

describe('messages', () => {
  beforeAll(loadMessages);
  test('choose the form by the number', () => {
    expect(fill('{n} alert|{n} alerts', { n: 1 })).toBe('1 alert');
    expect(fill('{n} alert|{n} alerts', { n: 0 })).toBe('0 alerts');
    expect(fill('{a} {b}', { a: '{b}' })).toBe('{b} {b}');
  });
  test('have the same places in every language', () => {
    const places = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect([key, places(es[key])]).toEqual([key, places(en[key])]);
  });
  test('come in the language that is chosen; one that cannot be fetched is not kept', async () => {
    const said = { en: 'yes', es: 'sí' };
    let broken = false;
    const fetched: string[] = [];
    const get = (one: 'en' | 'es') => async () => {
      if (broken) throw new Error('offline');
      fetched.push(one);
      return { yes: said[one] };
    };
    const words = catalogue({ en: get('en'), es: get('es') });
    language.value = 'es';
    expect(fetched).toEqual([]);
    await words.load();
    expect(words.say('yes')).toBe('sí');
    expect(fetched).toEqual(['es']);
    broken = true;
    language.value = 'en';
    expect(words.say('yes')).toBe('sí');
    await vi.waitFor(() => expect(language.value).toBe('es'));
    broken = false;
    language.value = 'en';
    await vi.waitFor(() => expect(words.say('yes')).toBe('yes'));
    expect(fetched).toEqual(['es', 'en']);
  });
  test('leave unknown words of the server as they came', () => {
    expect(word('delivered')).toBe('delivered');
    expect(word('toString')).toBe('toString');
  });
});
