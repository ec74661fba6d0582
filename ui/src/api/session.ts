// Who is logged in. The access token lives in this module's memory and nowhere else; the refresh token is a cookie
// that scripts cannot read, or in memory too when the API is at another origin (origin.ts). Tabs share one refresh: a Web Lock lets one of them ask, a BroadcastChannel tells the rest.
import { computed, signal } from '@preact/signals';
import { ApiError, errorOf, unreachable } from './error';
import { apart, apiOrigin } from './origin';
import type { Role, Session, User } from './types';

/** starting: asking the cookie · out: nobody · in: logged in · expired: was logged in, the page waits under a dialog
 *  · unreachable: the server does not answer at start. */
export type SessionPhase = 'starting' | 'out' | 'in' | 'expired' | 'unreachable';

export const phase = signal<SessionPhase>('starting');
export const user = signal<User | null>(null);
const kRoles: readonly Role[] = ['viewer', 'responder', 'operator', 'admin'];
/** Each role may what the ones before it may. The server decides; this only hides what it would refuse. */
export const may = (least: Role): boolean =>
  user.value !== null && kRoles.indexOf(user.value.role) >= kRoles.indexOf(least);
export const mayRespond = computed(() => user.value !== null && user.value.role !== 'viewer');

/** A server that has not answered then will not. */
const kPatience = 20_000;

let token = '';
/** Only apart from the API. */
let refreshToken = '';
let renewTimer: ReturnType<typeof setTimeout> | undefined;
let refreshing: Promise<boolean> | null = null;
/** Apart from the API: what a new tab is told. */
let current: Session | null = null;
let waitingForLogin: (() => void)[] = [];

type TabMessage = { kind: 'session'; session: Session } | { kind: 'logout' } | { kind: 'ask' };
const tabs = new BroadcastChannel('apollo-session');
tabs.onmessage = (message: MessageEvent<TabMessage>) => {
  if (message.data.kind === 'logout') leave();
  else if (message.data.kind === 'session') adopt(message.data.session);
  else if (apart && current) tabs.postMessage({ kind: 'session', session: current } satisfies TabMessage);
};

export const accessToken = (): string => token;

/** Web Locks exist only in secure contexts; over plain HTTP each tab refreshes for itself. */
async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks ? await navigator.locks.request(name, work) : work();
}

async function post(path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(`${apiOrigin}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(kPatience),
    });
  } catch (cause) {
    throw unreachable(cause);
  }
}

function adopt(session: Session): void {
  if (user.value && user.value.id !== session.user.id) {
    // Another person: nothing that the page holds may be shown to them.
    location.reload();
    return;
  }
  token = session.access_token;
  if (apart) {
    refreshToken = session.refresh_token ?? '';
    current = session;
  }
  user.value = session.user;
  phase.value = 'in';
  clearTimeout(renewTimer);
  renewTimer = setTimeout(
    () => void refresh(session.access_token).catch(retryLater),
    session.expires_in * 800,
  );
  const waiting = waitingForLogin;
  waitingForLogin = [];
  waiting.forEach((resume) => resume());
}

function retryLater(): void {
  const used = token;
  renewTimer = setTimeout(() => void refresh(used).catch(retryLater), 5000);
}

function enter(session: Session): void {
  adopt(session);
  tabs.postMessage({ kind: 'session', session } satisfies TabMessage);
}

function leave(): void {
  token = '';
  clearTimeout(renewTimer);
  // Out means gone: a reload drops all that the page had loaded.
  location.replace('/');
}

/** A new tab has no token of its own; one that has answers at once. */
async function askTabs(): Promise<void> {
  tabs.postMessage({ kind: 'ask' } satisfies TabMessage);
  await new Promise((resolve) => setTimeout(resolve, 200));
}

/** Replaces `used` by a newer token; callers that come meanwhile share the one request. False = log in again.
 *  Throws ApiError when the server cannot be asked. */
export function refresh(used: string): Promise<boolean> {
  refreshing ??= alone('apollo-refresh', async () => {
    if (token !== used) return true; // another tab was faster
    if (apart && refreshToken === '') {
      await askTabs();
      return token !== used;
    }
    const response = await post('refresh', apart ? { refresh_token: refreshToken } : {});
    if (response.ok) {
      enter((await response.json()) as Session);
      return true;
    }
    if (response.status === 401 || response.status === 403) return false;
    throw await errorOf(response);
  }).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** Whether the same person is logged in still; of another person's login the page takes no token. Throws ApiError when
 *  the server cannot be asked. */
export async function lasts(): Promise<boolean> {
  const used = token;
  // Apart from the API each refresh token is good once: another tab may have used the one of this page.
  if (apart) await askTabs();
  return token !== used || ((await refresh(used)) && token !== used);
}

/** Called at start and again while the server is unreachable. */
export async function resume(): Promise<void> {
  try {
    if (!(await refresh(token))) phase.value = 'out';
  } catch {
    phase.value = 'unreachable';
    setTimeout(() => void resume(), 3000);
  }
}

/** The dialog is opened over the page; resolves when somebody has logged in again. */
export function loginAgain(): Promise<void> {
  phase.value = 'expired';
  return new Promise((resolve) => waitingForLogin.push(resolve));
}

async function loginBy(path: 'login' | 'link', body: unknown): Promise<void> {
  const response = await post(path, body);
  if (!response.ok) throw await errorOf(response);
  enter((await response.json()) as Session);
}
export const login = (name: string, password: string): Promise<void> => loginBy('login', { name, password });
export const loginByLink = (link: string): Promise<void> => loginBy('link', { token: link });

export async function logout(): Promise<void> {
  try {
    await fetch(`${apiOrigin}/api/v1/auth/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(apart ? { refresh_token: refreshToken } : {}),
      credentials: 'same-origin',
    });
  } catch (cause) {
    throw unreachable(cause);
  }
  tabs.postMessage({ kind: 'logout' } satisfies TabMessage);
  leave();
}

export function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
