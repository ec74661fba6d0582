// The session is module state and talks to browser globals: each test loads it anew over small stand-ins.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

type Handler = (path: string, init: RequestInit) => Response | Promise<Response>;
let handler: Handler;
let calls: string[];
let reloads: number;

const answer = (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  new Response(status === 204 ? null : JSON.stringify(body), { status, headers });
const session = (token: string, id = 'u1') =>
  answer(200, { access_token: token, expires_in: 600, user: { id, name: id, role: 'admin', account: 'a', server_admin: false } });
const bearer = (init: RequestInit) => (init.headers as Record<string, string>).authorization;

async function load() {
  return { ...(await import('./session')), ...(await import('./request')) };
}

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
  calls = [];
  reloads = 0;
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    calls.push(path.replace('/api/v1', ''));
    return handler(path, init);
  });
  vi.stubGlobal('BroadcastChannel', class { postMessage() {} });
  vi.stubGlobal('navigator', { language: 'en' });
  vi.stubGlobal('location', { reload: () => (reloads += 1), replace: () => undefined });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a request', () => {
  test('that meets an expired token is refreshed once and replayed, however many meet it together', async () => {
    const { send } = await load();
    handler = (path, init) => {
      if (path.endsWith('/auth/refresh')) return session('new');
      return bearer(init) === 'Bearer new' ? answer(200) : answer(401);
    };
    await Promise.all(Array.from({ length: 12 }, () => send('/overview')));
    expect(calls.filter((path) => path === '/auth/refresh')).toHaveLength(1);
    expect(calls.filter((path) => path === '/overview')).toHaveLength(24);
  });

  test('waits for the login dialog when the refresh is refused, and is then replayed', async () => {
    const { send, login, phase } = await load();
    handler = (path, init) => {
      if (path.endsWith('/auth/refresh')) return answer(401);
      if (path.endsWith('/auth/login')) return session('fresh');
      return bearer(init) === 'Bearer fresh' ? answer(200, { ok: 1 }) : answer(401);
    };
    const waiting = send('/alerts/1/actions', { method: 'POST', body: { action: 'ack' } });
    await vi.waitFor(() => expect(phase.value).toBe('expired'));
    await login('ana', 'secret');
    expect((await waiting).status).toBe(200);
    expect(phase.value).toBe('in');
  });

  test('fails with the words and the request id of the server', async () => {
    const { send } = await load();
    handler = () => answer(409, { error: { code: 'conflict', message: 'it is closed' } }, { 'x-request-id': 'r1' });
    await expect(send('/x')).rejects.toMatchObject({ status: 409, message: 'it is closed', requestId: 'r1' });
  });

  test('does not end the login because the server is away', async () => {
    const { send, phase } = await load();
    handler = (path) => (path.endsWith('/auth/refresh') ? answer(503) : answer(401));
    await expect(send('/x')).rejects.toMatchObject({ status: 503 });
    expect(phase.value).not.toBe('expired');
  });
});

describe('a session', () => {
  test('is renewed at 80 % of its life', async () => {
    const { login } = await load();
    handler = (path) => session(path.endsWith('/auth/login') ? 'one' : 'two');
    await login('ana', 'secret');
    await vi.advanceTimersByTimeAsync(479_000);
    expect(calls).toEqual(['/auth/login']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(calls).toEqual(['/auth/login', '/auth/refresh']);
  });

  test('of another person reloads the page', async () => {
    const { login } = await load();
    let id = 'u1';
    handler = () => session('t', id);
    await login('ana', 'x');
    id = 'u2';
    await login('ben', 'x');
    expect(reloads).toBe(1);
  });
});

describe('a query', () => {
  test('repeats lists and leaves out what is empty', async () => {
    const { withQuery } = await load();
    expect(withQuery('/alerts', { status: ['open', 'ack'], host: '', q: 'a b&c', page: 2, x: undefined })).toBe(
      '/alerts?status=open&status=ack&q=a+b%26c&page=2',
    );
  });
});
