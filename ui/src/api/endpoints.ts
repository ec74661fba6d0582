// Every call that the pages make, typed. Nothing else in the UI knows a path of the API.
import { getJson, send, withQuery } from './request';
import type {
  Alert,
  AlertAction,
  AlertDetail,
  AlertRow,
  Backtrace,
  ChangeEvent,
  Cursor,
  LogHistogram,
  LogRecord,
  LogTable,
  NodeState,
  Overview,
  Page,
  Series,
} from './types';

type Abort = AbortSignal | undefined;

/** Summed up over `cloud`, "" = all; the nodes are always all. */
export const getOverview = (cloud: string, signal?: Abort) =>
  getJson<Overview>(withQuery('/overview', { cloud }), { signal });

export const getNode = (host: string, signal?: Abort) =>
  getJson<NodeState>(`/nodes/${encodeURIComponent(host)}`, { signal });

export interface AlertQuery {
  status?: readonly string[];
  severity?: readonly string[];
  host?: string;
  service?: string;
  rule?: string;
  environment?: string;
  /** A person's or a team's name; me; none. */
  owner?: string;
  q?: string;
  /** What stood at some time between. */
  from?: string;
  to?: string;
  page?: number;
  page_size?: number;
}
export const getAlerts = (query: AlertQuery, signal?: Abort) =>
  getJson<Page<Alert>>(withQuery('/alerts', { ...query }), { signal });

export interface AlertRowQuery extends AlertQuery {
  /** Only what follows from the alert of this id. */
  cause?: string;
  /** 1: what follows from another of the list is left out. */
  folded?: 1;
  sort?: string;
  /** hide: without what a silence or planned work hides now; only: that alone. */
  muted?: 'hide' | 'only' | undefined;
}
export interface AlertRows extends Page<AlertRow> {
  matching: number;
  /** When `muted` was asked: how many are hidden, and when the first of what hides them ends. */
  muted?: number;
  muted_until?: string | null;
}
export const getAlertRows = (query: AlertRowQuery, signal?: Abort) =>
  getJson<AlertRows>(withQuery('/alert-rows', { ...query }), { signal });

/** To whom alerts may be given; for those who may give them. */
export interface AlertOwners {
  people: readonly string[];
  teams: readonly string[];
}
export const getAlertOwners = (signal?: Abort) => getJson<AlertOwners>('/alert-owners', { signal });

/** At most 1000 at once. `owner`: of assign. */
export const actOnAlerts = (ids: readonly string[], action: AlertAction, text = '', owner?: string) =>
  getJson<{ done: number; refused: { id: string; why: string }[] }>('/alert-actions', {
    method: 'POST',
    body: { action, ids, text, ...(owner === undefined ? {} : { owner }) },
  });

export const getAlert = (id: string, signal?: Abort) =>
  getJson<AlertDetail>(`/alerts/${encodeURIComponent(id)}`, { signal });

/** `timeout`: an acknowledgement or a shelving ends after this ("2h"). `owner`: of assign; "" = nobody. */
export async function actOnAlert(
  id: string,
  action: AlertAction,
  text = '',
  more: { timeout?: string; owner?: string } = {},
): Promise<Alert> {
  const body = { action, text, ...more };
  return getJson<Alert>(`/alerts/${encodeURIComponent(id)}/actions`, { method: 'POST', body });
}

export interface LogQuery {
  q?: string;
  host?: string;
  service?: string;
  severity?: string;
  from?: string;
  to?: string;
  limit?: number;
  cursor?: string;
  order?: 'asc' | 'desc';
}
export const searchLogs = (query: LogQuery, signal?: Abort) =>
  getJson<Cursor<LogRecord>>(withQuery('/logs/search', { ...query }), { signal });

/** One record, whole. */
export const getLog = (id: string, signal?: Abort) =>
  getJson<LogRecord>(`/logs/${encodeURIComponent(id)}`, { signal });

interface Asked {
  q: string;
  from: string;
  to: string;
}
/** `q` ends with a stage: "... | count by service". */
export const queryLogs = (query: Asked, signal?: Abort) =>
  getJson<LogTable>(withQuery('/logs/query', { ...query }), { signal });

export const getLogHistogram = (query: Asked & { buckets: number }, signal?: Abort) =>
  getJson<LogHistogram>(withQuery('/logs/histogram', { ...query }), { signal });

/** `id`: of a request, an instance, a record or an alert. */
export const getBacktrace = (query: { id: string; from: string; to: string }, signal?: Abort) =>
  getJson<Backtrace>(withQuery('/logs/backtrace', { ...query }), { signal });

/** The lines around one, of the same host and source, in order of time. */
export const getLogContext = (id: string, lines: number, signal?: Abort) =>
  getJson<{ items: LogRecord[] }>(withQuery(`/logs/${encodeURIComponent(id)}/context`, { lines }), {
    signal,
  });

interface ShortLink {
  code: string;
  path: string;
}
export const keepLink = (path: string) => getJson<ShortLink>('/links', { method: 'POST', body: { path } });
export const getLink = (code: string, signal?: Abort) =>
  getJson<ShortLink>(`/links/${encodeURIComponent(code)}`, { signal });

export type ExportFormat = 'jsonl' | 'csv' | 'raw';
/** `total`: how many match, of which at most `limit` are in the file. */
export async function exportLogs(
  query: Asked & { format: ExportFormat; limit: number },
): Promise<{ file: Blob; total: number }> {
  const answer = await send(withQuery('/logs/export', { ...query }));
  return { file: await answer.blob(), total: Number(answer.headers.get('X-Total-Count')) };
}

export interface ChangeQuery {
  from?: string;
  to?: string;
  host?: string;
  service?: string;
  /** A glob: "audit.*". */
  type?: string;
  limit?: number;
  cursor?: string;
}
export const getChanges = (query: ChangeQuery, signal?: Abort) =>
  getJson<Cursor<ChangeEvent>>(withQuery('/changes', { ...query }), { signal });

export interface SampleQuery {
  metric: string;
  host?: string | undefined;
  service?: string | undefined;
  from: string;
  to?: string | undefined;
  max_points?: number;
  /** 1 = a counter is given as its per-second rate. */
  rate?: 1 | undefined;
}
export const getSamples = (query: SampleQuery, signal?: Abort) =>
  getJson<{ series: Series[] }>(withQuery('/samples', { ...query }), { signal });

const kPrometheus = '/prometheus/api/v1';

interface Matrix {
  data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
}
/** PromQL over a range; times and step in seconds. What is not a number is left out. */
export async function queryRange(
  query: { query: string; start: number; end: number; step: number },
  signal?: Abort,
): Promise<Series[]> {
  const answer = await getJson<Matrix>(withQuery('/query_range', query), { signal, door: kPrometheus });
  return answer.data.result.map(({ metric, values }) => ({
    labels: metric,
    kind: 'gauge',
    points: values
      .map(([at, value]): [number, number] => [at * 1000, Number(value)])
      .filter(([, value]) => Number.isFinite(value)),
  }));
}

export async function metricNames(signal?: Abort): Promise<string[]> {
  const answer = await getJson<{ data: string[] }>('/label/__name__/values', { signal, door: kPrometheus });
  return answer.data;
}

export async function getLabelNames(metric: string): Promise<string[]> {
  const path = withQuery('/labels', { 'match[]': metric });
  return (await getJson<{ data: string[] }>(path, { door: kPrometheus })).data;
}
export async function getLabelValues(label: string, metric: string): Promise<string[]> {
  const path = withQuery(`/label/${encodeURIComponent(label)}/values`, { 'match[]': metric });
  return (await getJson<{ data: string[] }>(path, { door: kPrometheus })).data;
}

export async function setOwnPassword(password: string): Promise<void> {
  await send('/auth/password', { method: 'POST', body: { password } });
}
