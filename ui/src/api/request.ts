// One request to /api/v1, or another door: bearer token, exactly one refresh and one replay on 401, and, when that fails, the login
// dialog over the page and then the replay. So a lost login loses no request.
import { ApiError, errorOf, unreachable } from './error';
import { apiOrigin } from './origin';
import { sampleAnswer } from './sample';
import { accessToken, loginAgain, refresh } from './session';

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
  /** The door's prefix; "/api/v1" unless said. */
  door?: string;
}

export type Query = Record<string, string | number | readonly string[] | undefined>;

export function withQuery(path: string, query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(key, String(one));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function once(path: string, options: RequestOptions, token: string): Promise<Response> {
  const made = await sampleAnswer(options.method ?? 'GET', (options.door ?? '/api/v1') + path, options.body);
  if (made) return made;
  const headers: Record<string, string> = { ...options.headers, authorization: `Bearer ${token}` };
  const init: RequestInit = { method: options.method ?? 'GET', headers, credentials: 'same-origin' };
  if (options.signal) init.signal = options.signal;
  if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(options.body);
  }
  try {
    return await fetch(`${apiOrigin}${options.door ?? '/api/v1'}${path}`, init);
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw unreachable(cause);
  }
}

/** The response, whose status is below 400. Throws ApiError, or AbortError when `signal` fired. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  let used = accessToken();
  let response = await once(path, options, used);
  if (response.status === 401) {
    if (!(await refresh(used))) await loginAgain();
    used = accessToken();
    response = await once(path, options, used);
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

export async function getJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  try {
    return (await response.json()) as T;
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError(response.status, 'malformed', `The answer of ${path} is not JSON.`);
  }
}
