// Who owns which alerts, which clouds wake nobody, when the weekly report is sent, and notes put right afterwards.
import type { Matcher } from './manage';
import { getJson, send } from './request';
import type { Alert, Page } from './types';

type Abort = AbortSignal | undefined;

export interface Team {
  id: string;
  name: string;
  /** Ids. */
  channels?: string[];
  /** Id; absent = none. */
  rota?: string;
  matchers?: Matcher[];
}
export type TeamInput = Omit<Team, 'id'>;
export interface Rota {
  id: string;
  name: string;
}

const listOf = async <T>(path: string, signal: Abort): Promise<T[]> =>
  (await getJson<Page<T>>(`${path}?page_size=1000`, { signal })).items;
const teamPath = (id: string): string => `/teams/${encodeURIComponent(id)}`;

export const getTeams = (signal?: Abort) => listOf<Team>('/teams', signal);
export const getRotas = (signal?: Abort) => listOf<Rota>('/rotas', signal);
export const makeTeam = (body: TeamInput) => getJson<Team>('/teams', { method: 'POST', body });
export const changeTeam = (id: string, body: TeamInput) =>
  getJson<Team>(teamPath(id), { method: 'PUT', body });
export const removeTeam = (id: string) => send(teamPath(id), { method: 'DELETE' });

/** Part of the account's settings of alerting; the others go back as they came. */
export interface Alerting {
  no_page: string[];
  report: { weekday: string; at: string; utc_offset?: string } | null;
  [other: string]: unknown;
}
export const getAlerting = (signal?: Abort) => getJson<Alerting>('/alerting', { signal });
export const putAlerting = (body: Alerting) => getJson<Alerting>('/alerting', { method: 'PUT', body });

const notePath = (alert: string, time: string): string =>
  `/alerts/${encodeURIComponent(alert)}/notes/${encodeURIComponent(time)}`;
/** A note is named by its time. */
export const changeNote = (alert: string, time: string, text: string) =>
  getJson<Alert>(notePath(alert, time), { method: 'PUT', body: { text } });
export const removeNote = (alert: string, time: string) =>
  getJson<Alert>(notePath(alert, time), { method: 'DELETE' });
