// Calls of the pages that arrange things (silences, channels, rules, people, boards ...), typed; the pages that watch have
// theirs in endpoints.ts. Shapes: /api/v1/openapi.json.
import type { AlertQuery } from './endpoints';
import { getJson, send, withQuery } from './request';
import type { Alert, Delivery, Page, Role, ServiceStatus, Severity } from './types';

type Abort = AbortSignal | undefined;
const kAll = { page_size: 1000 };

const list =
  <T>(path: string) =>
  async (signal?: Abort): Promise<T[]> =>
    (await getJson<Page<T>>(withQuery(path, kAll), { signal })).items;
const put = <T>(path: string, body: unknown) => getJson<T>(path, { method: 'PUT', body });
const post = <T>(path: string, body: unknown) => getJson<T>(path, { method: 'POST', body });
const at = (path: string, id: string): string => `${path}/${encodeURIComponent(id)}`;
const remove =
  (path: string) =>
  async (id: string): Promise<void> => {
    await send(at(path, id), { method: 'DELETE' });
  };

// Silences, maintenance
export interface Matcher {
  name: string;
  value: string;
  isRegex?: boolean;
  isEqual?: boolean;
}
export interface Recurrence {
  weekdays?: string[];
  start: string;
  length: string;
  utc_offset?: string;
}
/** A silence, maintenance or blackout. */
export interface Quiet {
  id: string;
  kind: 'silence' | 'maintenance' | 'blackout';
  state: 'pending' | 'active' | 'expired';
  starts: string;
  ends: string;
  created_by: string;
  matchers: Matcher[];
  reason: string;
  recurrence?: Recurrence;
}
export interface QuietInput {
  matchers: Matcher[];
  reason: string;
  starts?: string;
  ends?: string;
  duration?: string;
  recurrence?: Recurrence;
  kind?: 'maintenance' | 'blackout';
}
export interface SilencePreview {
  alerts: Alert[];
  total: number;
  live: number;
  hides_everything: boolean;
}
export const getSilences = list<Quiet>('/silences');
export const makeSilence = (input: QuietInput) => post<Quiet>('/silences', input);
export const changeSilence = (id: string, input: QuietInput) => put<Quiet>(at('/silences', id), input);
export const removeSilence = remove('/silences');
export const previewSilence = (matchers: readonly Matcher[], signal?: Abort) =>
  getJson<SilencePreview>('/silences/preview', { method: 'POST', body: { matchers }, signal });
export const getMaintenances = list<Quiet>('/maintenances');
export const makeMaintenance = (input: QuietInput) => post<Quiet>('/maintenances', input);
export const changeMaintenance = (id: string, input: QuietInput) =>
  put<Quiet>(at('/maintenances', id), input);
export const removeMaintenance = remove('/maintenances');

// Channels
export type Tier = 'page' | 'ticket' | 'info';
export type Settings = Record<string, unknown>;
export interface ChannelInput {
  name: string;
  kind: string;
  min_tier: Tier;
  enabled: boolean;
  settings: Settings;
}
export interface Channel extends ChannelInput {
  id: string;
}
export interface ChannelDelivery extends Delivery {
  id: string;
  alert_id: string;
}
export const getChannels = list<Channel>('/channels');
export const makeChannel = (input: ChannelInput) => post<Channel>('/channels', input);
export const changeChannel = (id: string, input: ChannelInput) => put<Channel>(at('/channels', id), input);
export const removeChannel = remove('/channels');
export const testChannel = (id: string) =>
  post<{ ok: boolean; detail: string }>(`${at('/channels', id)}/test`, {});
export const getDeliveries = (id: string, signal?: Abort) =>
  getJson<Page<ChannelDelivery>>(withQuery(`${at('/channels', id)}/deliveries`, { page_size: 100 }), {
    signal,
  });

// Rules
export interface Finding {
  code: string;
  name: string;
  level: 'hint' | 'warning' | 'error';
  rule_id: string;
  text: string;
  pages_saved_per_week: number;
  /** What act_on_rule takes; "" when nothing can be done by a press. */
  action: string;
}
export interface Rule {
  id: string;
  enabled: boolean;
  builtin: boolean;
  version: number;
  updated: string;
  updated_by: string;
  yaml: string;
  kind?: string;
  event?: string;
  tier?: Tier;
  summary?: string;
  owner?: string;
  playbook?: string;
  problem?: string;
  /** In the answer to a save: what the change would have meant in the last 30 days. */
  backtest?: { href: string; problem: string; result: BacktestAnswer | null };
  /** It is new and pages: nobody is told yet. */
  trial?: Trial | null;
}
export interface Trial {
  since: string;
  by: string;
  /** "" = nobody has. */
  approved_by: string;
  /** null: until it is approved. */
  until: string | null;
}
export interface RuleInstance {
  state: string;
  severity: Severity;
  host: string;
  service: string;
  resource: string;
  value: string;
  since: string;
}
export interface Backtest {
  episodes: number;
  pages: number;
  still_open: number;
  longest: string;
  total: string;
  samples: number;
  records: number;
  notes: string[];
  list: { event: string; resource: string; severity: Severity; begin: string; end: string | null }[];
}
export interface BacktestAnswer {
  from: string;
  to: string;
  new?: Backtest;
  old?: Backtest;
  only_new?: number;
  only_old?: number;
}
export interface RuleRecord {
  rule_id: string;
  episodes: number;
  acted: number;
  pages: number;
  night_pages: number;
  messages: number;
  cost_minutes: number;
  attention_score: number;
  deductions: { reason: string; by: number }[];
}
export interface WeeklyReport {
  from: string;
  to: string;
  teams: {
    team: string;
    episodes: number;
    pages: number;
    night_pages: number;
    acted_share: number;
    median_length: string;
    rules: RuleRecord[];
  }[];
}
export interface RuleVersion {
  version: number;
  updated: string;
  updated_by: string;
  enabled: boolean;
  yaml: string;
}
export const getRules = list<Rule>('/rules');
export const getRuleVersions = (id: string, signal?: Abort) =>
  getJson<Page<RuleVersion>>(withQuery(`${at('/rules', id)}/versions`, kAll), { signal });
export const getRule = (id: string, signal?: Abort) => getJson<Rule>(at('/rules', id), { signal });
export const makeRule = (yaml: string) => post<Rule>('/rules', { yaml });
export const changeRule = (rule: Rule, yaml: string, enabled = rule.enabled) =>
  put<Rule>(at('/rules', rule.id), { yaml, enabled, version: rule.version });
export const removeRule = remove('/rules');
export const actOnRule = (id: string, action: string) =>
  post<Rule>(`${at('/rules', id)}/actions`, { action });
export const checkRule = (yaml: string, signal?: Abort) =>
  getJson<{ id: string; findings: Finding[] }>('/rules/check', { method: 'POST', body: { yaml }, signal });
export const backtestRule = (body: { yaml?: string; rule_id?: string; days: number }, signal?: Abort) =>
  getJson<BacktestAnswer>('/rules/backtest', { method: 'POST', body, signal });
export const getRuleInstances = (id: string, signal?: Abort) =>
  getJson<Page<RuleInstance>>(withQuery(`${at('/rules', id)}/instances`, { page_size: 200 }), { signal });
export const getFindings = list<Finding>('/rules/lint');
export const sendWeeklyReport = () =>
  post<{ sent: { team: string; channels: string[] }[] }>('/rules/report/send', {});
export const getWeeklyReport = (signal?: Abort) => getJson<WeeklyReport>('/rules/report', { signal });

// What stands around an alert
export interface Neighbour {
  service: string;
  why: string;
  total: number;
  members: { host: string; status: ServiceStatus; since: string; alert_id: string | null }[];
}
export interface Surroundings {
  cause: Alert | null;
  symptoms: Alert[];
  symptoms_total: number;
  needs: Neighbour[];
  needed_by: Neighbour[];
}
export const getSurroundings = (id: string, signal?: Abort) =>
  getJson<Surroundings>(`${at('/alerts', id)}/surroundings`, { signal });

export interface AlertNotifications {
  told_with: string;
  why_not_notified: { stage: string; id: string; text: string; until: string | null }[];
  /** Whom the alert is for: "escalation", "team", or "" = everybody; and the names of the channels. */
  receivers: { by: string; name: string; channels: string[] };
  next_notification_at: string | null;
  next_is: string;
  deliveries: Delivery[];
  attempts: {
    channel: string;
    attempt: number;
    time: string;
    took_ms: number;
    ok: boolean;
    answer: string;
  }[];
}
export const getNotifications = (id: string, signal?: Abort) =>
  getJson<AlertNotifications>(`${at('/alerts', id)}/notifications`, { signal });

/** How many alerts began and ended in equal parts of a span. */
export interface AlertTurns {
  step_seconds: number;
  buckets: { time: string; opened: number; closed: number }[];
}
export const getAlertTurns = (
  query: AlertQuery & { from: string; to: string; buckets: number },
  signal?: Abort,
) => getJson<AlertTurns>(withQuery('/alert-history', { ...query }), { signal });

export interface TrendWeek {
  from: string;
  episodes: number;
  pages: number;
  per_person: number;
  acted_share: number;
  median_seconds_until_taken: number | null;
  median_seconds_until_over: number | null;
}
export const getHusbandryTrend = (weeks: number, signal?: Abort) =>
  getJson<{ people: number; items: TrendWeek[] }>(withQuery('/rules/report/weeks', { weeks }), { signal });

/** What is usual for a rule with a season: points are seconds and values. */
export interface BandLine {
  bound: 'value' | 'usual' | 'lower' | 'upper';
  labels: Record<string, string>;
  points: [number, number][];
}
export const getBand = (id: string, from: string, to: string, signal?: Abort) =>
  getJson<{ series: BandLine[] }>(withQuery(`${at('/rules', id)}/band`, { from, to }), { signal });

// Nodes and clouds
export interface Cloud {
  id: string;
  name: string;
  location: string;
}
export const getClouds = list<Cloud>('/clouds');
export const makeCloud = (name: string) => post<Cloud>('/clouds', { name });
export const classifyNode = (host: string, cloud_id: string) =>
  put<unknown>(at('/nodes', host), { cloud_id });
export const removeNode = remove('/nodes');

export interface Agent {
  id: string;
  host: string;
  version: string;
  created: string;
  revoked: boolean;
  /** Of the account's settings, as the agent says; 0 = its own file alone. */
  settings_version: number;
  /** Why it uses no newer ones; "" = it does. */
  settings_problem: string;
}
export const getAgents = list<Agent>('/agents');
export const revokeAgent = remove('/agents');
export interface EnrolmentToken {
  token: string;
  expires: string;
  /** What the agent has to pin; "" = an authority vouches for the server, or it speaks plain HTTP. */
  certificate_sha256: string;
}
export const makeEnrolmentToken = (life: string) => post<EnrolmentToken>('/enrolment-tokens', { life });

export interface ChangeInput {
  type: string;
  summary: string;
  host?: string;
  service?: string;
}
export const tellChange = (input: ChangeInput) => post<unknown>('/changes', input);

// People, keys, sessions
export interface Person {
  id: string;
  name: string;
  role: Role;
  server_admin: boolean;
  created: string;
}
export interface ApiKey {
  id: string;
  name: string;
  role: Role;
  created: string;
  expires: string | null;
  last_used: string | null;
  /** Given once, when it is made. */
  key?: string;
}
export interface LoginSession {
  id: string;
  client: string;
  rotated: string;
  expires: string;
}
export const getPeople = list<Person>('/users');
export const makePerson = (input: { name: string; password: string; role: Role }) =>
  post<Person>('/users', input);
export const changePerson = (id: string, input: { role: Role; password?: string }) =>
  put<Person>(at('/users', id), input);
export const removePerson = remove('/users');
export const getKeys = list<ApiKey>('/keys');
export const makeKey = (input: { name: string; role: Role; expires?: string }) =>
  post<ApiKey>('/keys', input);
export const removeKey = remove('/keys');
export const rotateAccountKey = () => post<{ account_key: string }>('/account-key/rotate', {});
export const getSessions = list<LoginSession>('/sessions');
export const endSession = remove('/sessions');

export interface ServerStatus {
  version: string;
  started: string;
  intake: {
    batches: number;
    duplicates: number;
    samples: number;
    log_records: number;
    events: number;
    reports: number;
    refused: number;
    last_offset: number;
    applied_offset: number;
  };
  stores: {
    series: { series: number; samples_in_head: number; bytes_on_disk: number };
    logs: { records: number; bytes_on_disk: number; oldest: string | null };
  };
  journal_bytes: number;
}
export const getStatus = (signal?: Abort) => getJson<ServerStatus>('/status', { signal });

export interface LogRetention {
  max_age_seconds: number | null;
  max_bytes: number | null;
  services: { service: string; raw_bytes: number; bytes: number; oldest: string; newest: string }[];
}
export const getLogRetention = (signal?: Abort) => getJson<LogRetention>('/logs/retention', { signal });

// Boards
export type PanelKind = 'metrics' | 'logs' | 'alerts' | 'text';
export interface BoardPanel {
  kind: PanelKind;
  title?: string;
  query?: string;
  width?: number;
}
export interface BoardBody {
  range?: string;
  panels: BoardPanel[];
}
export interface Board {
  id: string;
  name: string;
  owner: string;
  shared: boolean;
  version: number;
  updated: string;
  updated_by: string;
  body: BoardBody;
}
export const getBoards = list<Board>('/boards');
export const getBoard = (id: string, signal?: Abort) => getJson<Board>(at('/boards', id), { signal });
export const makeBoard = (name: string, body: BoardBody, shared = false) =>
  post<Board>('/boards', { name, body, shared });
export const changeBoard = ({ id, name, shared, version, body }: Board) =>
  put<Board>(at('/boards', id), { name, shared, version, body });
export const removeBoard = remove('/boards');

/** An alert that says that it is a test, by the door that other programs use. It ends by itself after five minutes. */
export async function fireTestAlert(who: string, text: string): Promise<string> {
  const answer = await getJson<{ id: string }>('/alert', {
    door: '/alerta',
    method: 'POST',
    body: {
      resource: `test/${who}`,
      event: 'TestAlert',
      environment: 'Production',
      service: ['apollo'],
      severity: 'critical',
      text,
      timeout: 300,
    },
  });
  return answer.id;
}
