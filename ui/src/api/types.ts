// The nouns of the native API (/api/v1) as JSON shows them. Times are RFC 3339 text; `points` are [ms, value].

export type Role = 'viewer' | 'responder' | 'operator' | 'admin';
export interface User {
  id: string;
  name: string;
  role: Role;
  account: string;
  server_admin: boolean;
}
export interface Session {
  access_token: string;
  /** Also in a cookie; used where no cookie works. */
  refresh_token?: string;
  /** Seconds from now. */
  expires_in: number;
  user: User;
}

export type Severity =
  'critical' | 'major' | 'minor' | 'warning' | 'indeterminate' | 'informational' | 'normal';
export type AlertStatus =
  'open' | 'assign' | 'ack' | 'shelved' | 'blackout' | 'closed' | 'expired' | 'unknown';
export type AlarmState = 'NORM' | 'UNACK' | 'ACKED' | 'RTNUN' | 'SHLVD' | 'DSUPR' | 'OOSRV';
export type LogSeverity =
  'unspecified' | 'trace' | 'debug' | 'info' | 'audit' | 'warning' | 'error' | 'critical';

export type ServiceStatus = 'up' | 'down' | 'stopping' | 'unknown' | 'not_here';
export type NodeStatus = 'up' | 'unknown' | 'down';

export interface ServiceState {
  service: string;
  status: ServiceStatus;
  since: string;
  pid: number;
  processes: number;
  restarts_in_hour: number;
  detail: string;
  /** Why its log cannot be read; "" when it can. */
  log_problem: string;
  alert_id: string | null;
}
export interface NodeState {
  host: string;
  cloud: string;
  /** The work that the whole node is under now. */
  planned: '' | 'maintenance' | 'blackout';
  status: NodeStatus;
  since: string;
  last_seen: string;
  services: ServiceState[];
}
export interface ChangeEvent {
  id: string;
  type: string;
  time: string;
  host: string;
  service: string;
  summary: string;
  origin: string;
}
export interface ChangeBefore extends ChangeEvent {
  /** "same host", "on a host it needs: rabbitmq" or "whole cloud". */
  why: string;
}
export interface Overview {
  generated: string;
  epoch: string;
  verdict: string;
  /** The live alert that most others follow from. */
  cause: { alert_id: string; where: string; symptoms: number } | null;
  /** What proves that silence means that all is well. */
  watch: { rules: number; checked: string | null };
  /** `returned`: over, and nobody has taken note yet; only under the alarm model of ISA 18.2. */
  counts: Partial<Record<Severity | 'ack' | 'returned', number>>;
  /** Alerts that are hidden now; they are in none of the counts. */
  muted: number;
  nodes: NodeState[];
  changes: ChangeEvent[];
}

export interface EvidenceLine {
  id: string;
  time: string;
  host: string;
  service: string;
  severity: LogSeverity;
  text: string;
  requestId: string;
  traceback: string;
}
export interface AlertHistory {
  time: string;
  type: string;
  severity: Severity;
  status: AlertStatus;
  event: string;
  value: string;
  text: string;
  user: string;
  /** Of type assign: to whom; "" = to nobody. */
  owner?: string;
}
export interface Alert {
  id: string;
  environment: string;
  resource: string;
  event: string;
  host: string;
  service: string[];
  severity: Severity;
  previousSeverity: Severity;
  status: AlertStatus;
  /** Where the server follows the alarm model of ISA 18.2; the status follows from it. */
  alarmState?: AlarmState;
  tier: 'page' | 'ticket' | 'info';
  value: string;
  text: string;
  ruleId: string;
  playbook: string;
  duplicateCount: number;
  /** Id of the alert that this one follows from; "" = none is known. */
  cause: string;
  /** Who sees to it: a person's or a team's name; "" = nobody. */
  owner: string;
  createTime: string;
  receiveTime: string;
  lastReceiveTime: string;
  updateTime: string;
  /** When an acknowledgement or a shelving ends by itself. */
  statusUntil: string | null;
  evidence?: EvidenceLine[];
  history?: AlertHistory[];
}
/** An alert as a row of the long table. */
export interface AlertRow extends Pick<
  Alert,
  | 'id'
  | 'event'
  | 'host'
  | 'service'
  | 'severity'
  | 'status'
  | 'alarmState'
  | 'text'
  | 'duplicateCount'
  | 'createTime'
  | 'lastReceiveTime'
  | 'environment'
  | 'ruleId'
  | 'cause'
  | 'owner'
> {
  /** How many of the list follow from it. */
  symptoms: number;
}
export interface Delivery {
  channel: string;
  state: string;
  attempts: number;
  transition: string;
  created: string;
  delivered: string | null;
  last_error: string;
}
/** What an alert's number was compared with. */
export interface Threshold {
  /** PromQL that gives the number; among its series `labels` name the alert's. */
  expression: string;
  compare: string;
  /** The levels are in units of the usual spread: the rule has a band. */
  season: boolean;
  labels: Record<string, string>;
  levels: { severity: Severity; set: number; clear: number }[];
}
export interface AlertDetail {
  alert: Alert;
  previous: Alert[];
  changes: ChangeBefore[];
  deliveries: Delivery[];
  threshold: Threshold | null;
  series: string[];
}
export type AlertAction = 'assign' | 'ack' | 'unack' | 'shelve' | 'unshelve' | 'close' | 'open' | 'note';

export interface LogRecord {
  id: string;
  time: string;
  host: string;
  service: string;
  source: string;
  component: string;
  severity: LogSeverity;
  pid?: number;
  request_id: string;
  user_id?: string;
  project_id?: string;
  instance?: string;
  message: string;
  traceback: string;
  raw: string;
  /** Its texts are cut; the record by its id has the whole. */
  shortened?: boolean;
}

/** What a stage makes of the lines found: one row a group. */
export interface LogTable {
  columns: string[];
  /** null: there is nothing to compare with; numbers: a trend, one a bucket. */
  rows: readonly (string | number | null | number[])[][];
  /** Of patterns. */
  trend?: { from: string | null; step_seconds: number; before_from: string | null; left_out: number };
}
export interface LogBucket {
  time: string;
  count: number;
  error: number;
  warning: number;
}
export interface LogHistogram {
  step_seconds: number;
  buckets: LogBucket[];
}

export interface BacktraceStep extends LogRecord {
  /** Index of Backtrace.lanes. */
  lane: number;
  gap_ms: number;
  first_error: boolean;
  /** The innermost frame and the exception; "" without a traceback. */
  last_frame: string;
}
export interface Backtrace {
  /** Why these lines: `around`, an alert that names nothing to follow is told from who was there when it `failed`. */
  start: { by: 'request' | 'id' | 'record' | 'around'; why: string; failed: string | null };
  ids: string[];
  instances: string[];
  lanes: string[];
  /** Of each lane, around: what it has to do with the alert; else "". */
  lane_reasons: string[];
  records: BacktraceStep[];
  duration_ms: number;
  truncated: boolean;
  changes: ChangeBefore[];
  changes_truncated: boolean;
}

export type Point = [number, number];
export interface Series {
  labels: Record<string, string>;
  kind: string;
  points: Point[];
}

export interface Page<T> {
  items: T[];
  total: number;
}
export interface Cursor<T> {
  items: T[];
  next_cursor: string | null;
}
