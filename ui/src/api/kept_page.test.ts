// The session is module state and talks to browser globals: each test loads it anew over small stand-ins.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let answer: () => Response | Promise<Response>;
let reloads: number;
let root: { dataset: Record<string, string> };
let focused: number;
let page: EventTarget;

const session = (id: string, token: string) =>
  new Response(
    JSON.stringify({
      access_token: token,
      expires_in: 600,
      user: { id, name: id, role: 'admin', account: 'a', server_admin: false },
    }),
  );
const tell = (type: string, persisted: boolean) =>
  page.dispatchEvent(Object.assign(new Event(type), { persisted }));

async function begin(loggedIn = true): Promise<void> {
  const { guardKeptPage } = await import('./kept_page');
  guardKeptPage(page as unknown as Window, () => 'unreachable');
  answer = () => session('ana', 'first');
  if (loggedIn) await (await import('./session')).resume();
}

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
  reloads = 0;
  root = { dataset: {} };
  focused = 0;
  const activeElement = { focus: () => void (focused += 1) };
  const reload = () => {
    reloads += 1;
  };
  page = Object.assign(new EventTarget(), {
    document: { documentElement: root, activeElement },
    location: { reload },
  });
  vi.stubGlobal('fetch', async () => answer());
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      postMessage() {}
    },
  );
  vi.stubGlobal('navigator', { language: 'en' });
  vi.stubGlobal('location', { reload, replace: () => undefined });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a page that was kept is hidden until the server says that the login lasts', async () => {
  await begin();
  tell('pagehide', true);
  expect(root.dataset.kept).toBe('');
  let grant = (_: Response): void => undefined;
  answer = () => new Promise((resolve) => (grant = resolve));
  tell('pageshow', true);
  await vi.advanceTimersByTimeAsync(10);
  expect(root.dataset.kept).toBe('');
  grant(session('ana', 'second'));
  await vi.waitFor(() => expect(root.dataset.kept).toBeUndefined());
  expect(reloads).toBe(0);
  expect(focused).toBe(1);
});

test.each([
  ['somebody logged out', () => new Response('{}', { status: 401 })],
  ['another person is logged in', () => session('bob', 'second')],
])('when %s it is loaded anew, and nothing of it is shown', async (_why, now) => {
  await begin();
  tell('pagehide', true);
  answer = now;
  tell('pageshow', true);
  await vi.waitFor(() => expect(reloads).toBeGreaterThan(0));
  expect(root.dataset.kept).toBe('');
});

test('while the server does not answer it stays covered, says so, and asks again', async () => {
  await begin();
  tell('pagehide', true);
  answer = () => Promise.reject(new Error('offline'));
  tell('pageshow', true);
  await vi.waitFor(() => expect(root.dataset.kept).toBe('unreachable'));
  answer = () => session('ana', 'second');
  await vi.advanceTimersByTimeAsync(3000);
  await vi.waitFor(() => expect(root.dataset.kept).toBeUndefined());
  expect(reloads).toBe(0);
});

test('a page of nobody, and one that is not kept, stay as they are', async () => {
  await begin(false);
  tell('pagehide', true);
  expect(root.dataset.kept).toBeUndefined();
  await begin();
  tell('pagehide', false);
  tell('pageshow', false);
  expect(root.dataset.kept).toBeUndefined();
});
