// How long what was up: GET /api/v1/uptime.
import { getJson, withQuery } from './request';

export interface Outage {
  from: string;
  /** null: it lasts. */
  to: string | null;
}
export interface Known {
  from: string;
  to: string;
}
export interface Incident extends Outage {
  alert_id: string | null;
  host: string;
}
export interface Uptime {
  service?: string;
  host?: string;
  cloud?: string;
  /** 0 to 1 of the time in which it is known; null: nothing is known. */
  uptime: number | null;
  down_seconds: number;
  unknown_seconds: number;
  planned_seconds: number;
  /** When anything was known of it, within the span; ascending. */
  known: Known[];
  down_since: string | null;
  incidents: Incident[];
}
export interface UptimeReport {
  from: string;
  to: string;
  cloud: Uptime;
  clouds: Uptime[];
  services: Uptime[];
  nodes: Uptime[];
}
/** `host`: of this node alone; "" = of all. */
export const getUptime = (from: string, signal?: AbortSignal, host = '') =>
  getJson<UptimeReport>(withQuery('/uptime', { from, to: 'now', host }), { signal });
