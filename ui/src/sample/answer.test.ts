import { expect, test } from 'vitest';
import { user } from '../api/session';
import type { Alert } from '../api/types';
import { answer } from './answer';

test('in the sample cloud an alert is taken by who is logged in', () => {
  user.value = { id: 'u7', name: 'ana', role: 'responder', account: 'default', server_admin: false };
  const mine = () => (answer('GET', '/api/v1/alert-rows?owner=me', null) as { items: Alert[] }).items;
  const began = (owner: string) =>
    (
      answer('GET', `/api/v1/alert-history?owner=${owner}`, null) as { buckets: { opened: number }[] }
    ).buckets.reduce((sum, { opened }) => sum + opened, 0);
  expect(mine()).toEqual([]);
  expect(began('me')).toBe(0);
  const path = '/api/v1/alerts/sample-0/actions';
  const taken = answer('POST', path, { action: 'assign', owner: 'ana' }) as Alert;
  expect(taken.history!.at(-1)).toMatchObject({ type: 'assign', user: 'ana', owner: 'ana' });
  expect(mine().map(({ id }) => id)).toEqual(['sample-0']);
  expect(began('me')).toBe(1);
  expect(answer('GET', '/api/v1/alert-owners', null)).toEqual({ people: ['ana'], teams: [] });
});
