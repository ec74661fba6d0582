// How long what was up: GET /api/v1/uptime.
import { getJson, withQuery } from './request';

export interface Incident {
  alert_id: string | null;
  host: string;
  from: string;
  /** null: it lasts. */
  to: string | null;
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
export const getUptime = (from: string, signal?: AbortSignal) =>
  getJson<UptimeReport>(withQuery('/uptime', { from, to: 'now' }), { signal });
