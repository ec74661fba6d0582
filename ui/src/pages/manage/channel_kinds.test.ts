import { expect, test } from 'vitest';
import { kChannelKinds, settingsOf, shownSetting } from './channel_kinds';

const given = (values: Record<string, string>) => (name: string) => values[name] ?? '';

test('lists, numbers and texts go out as the API wants them; what is empty stays out', () => {
  expect(
    settingsOf(
      'smtp',
      given({ host: ' mail ', port: '25', from: 'a@b', to: 'x@y, z@y\n', username: '' }),
      {},
    ),
  ).toEqual({ host: 'mail', port: 25, from: 'a@b', to: ['x@y', 'z@y'] });
});
test('a setting that the form does not know survives an edit', () => {
  expect(settingsOf('slack', given({ url: '***' }), { timeout_seconds: 9, url: '***', title: 'x' })).toEqual({
    timeout_seconds: 9,
    url: '***',
  });
});
test('settings are shown as they are typed', () => {
  expect(shownSetting(['a', 'b'])).toBe('a\nb');
  expect(shownSetting(587)).toBe('587');
  expect(shownSetting(undefined)).toBe('');
});
test('every kind that needs a secret marks it', () => {
  for (const [kind, fields] of Object.entries(kChannelKinds))
    expect(
      fields.some((one) => one.secret),
      kind,
    ).toBe(true);
});
