// The status page for everybody: switched on by an administrator, read without a login.
import { apiOrigin } from './origin';
import { ApiError, errorOf, unreachable } from './error';
import { getJson } from './request';
import type { Known, Outage } from './uptime';

export interface StatusPageSettings {
  public: boolean;
  title: string;
  /** "/public/..."; null: it is not shown. */
  path: string | null;
}
export const getStatusPage = (signal?: AbortSignal) =>
  getJson<StatusPageSettings>('/status-page', { signal });
/** Each time that it is switched on it gets another address. */
export const setStatusPage = (shown: boolean, title: string) =>
  getJson<StatusPageSettings>('/status-page', { method: 'PUT', body: { public: shown, title } });

export type PublicState = 'up' | 'trouble' | 'unknown';
export interface PublicStatus {
  title: string;
  generated: string;
  days: number;
  state: PublicState;
  uptime: number | null;
  services: {
    service: string;
    state: PublicState;
    uptime: number | null;
    known: Known[];
    incidents: Outage[];
  }[];
}
/** Without credentials: nothing but what a stranger gets. */
export async function getPublicStatus(slug: string, signal: AbortSignal): Promise<PublicStatus> {
  let response: Response;
  try {
    response = await fetch(`${apiOrigin}/api/v1/public/status/${encodeURIComponent(slug)}`, {
      signal,
      credentials: 'omit',
    });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw unreachable(cause);
  }
  if (!response.ok) throw await errorOf(response);
  try {
    return (await response.json()) as PublicStatus;
  } catch {
    throw new ApiError(response.status, 'malformed', 'The answer is not JSON.');
  }
}
