import { expect, test } from 'vitest';
import { headline } from './headline';

test('a line of an OpenStack log begins with what it says', () => {
  expect(
    headline(
      '2026-11-22 04:37:08.557 2703 ERROR nova.api.openstack.wsgi [None req-78f f8b 456 - - default] Unexpected',
    ),
  ).toBe('nova.api.openstack.wsgi: Unexpected');
});

test('other texts stay as they are', () => {
  for (const text of ['nova-api on controller was killed by signal 9', '2026-11-22 is a Sunday', '', '[-] x'])
    expect(headline(text)).toBe(text);
});
