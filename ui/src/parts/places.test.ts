import { expect, test, vi } from 'vitest';

vi.mock('../style/manage.css', () => ({}));
vi.mock('../live/router', () => ({ navigate: () => undefined }));
vi.mock('../live/overview', () => ({ overview: { peek: () => null } }));
vi.mock('../api/endpoints', () => ({ getAlerts: () => Promise.resolve({ items: [] }) }));
const { matching } = await import('./places');

test('every word must be in the name, and what begins with the text comes first', () => {
  const places = ['nova-api', 'api-gateway', 'neutron-api', 'glance'].map((name) => ({
    kind: '',
    name,
    href: name,
  }));
  expect(matching(places, 'api').map((one) => one.name)).toEqual(['api-gateway', 'nova-api', 'neutron-api']);
  expect(matching(places, 'api nova').map((one) => one.name)).toEqual(['nova-api']);
  expect(matching(places, 'zzz')).toEqual([]);
});
