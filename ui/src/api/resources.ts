// Resources of the cloud and their metrics (Gnocchi's API at /gnocchi), and the story of an instance.
import { getJson, withQuery } from './request';

type Abort = AbortSignal | undefined;
const kDoor = { door: '/gnocchi/v1' };

export interface ResourceType {
  name: string;
  attributes: Record<string, unknown>;
}
export interface CloudResource {
  id: string;
  original_resource_id: string | null;
  type: string;
  project_id: string | null;
  user_id: string | null;
  started_at: string;
  ended_at: string | null;
  /** Ids of metrics by name. */
  metrics: Record<string, string>;
  [attribute: string]: unknown;
}
export interface CloudMetric {
  id: string;
  name: string;
  unit: string | null;
  archive_policy: { name: string; definition: { granularity: string; points: number; timespan: string }[] };
}
/** Timestamp, granularity in seconds, value. */
export type Measure = [string, number, number | null];

export const getResourceTypes = (signal?: Abort) =>
  getJson<ResourceType[]>('/resource_type', { ...kDoor, signal });

/** In order of their beginning, newest first; `marker` is the id of the last one of the page before. */
export const getResources = (type: string, limit: number, marker: string, signal?: Abort) =>
  getJson<CloudResource[]>(
    withQuery(`/resource/${encodeURIComponent(type)}`, { limit, marker, sort: 'started_at:desc' }),
    { ...kDoor, signal },
  );

export const getProjectResources = (type: string, project: string, limit: number, signal?: Abort) =>
  getJson<CloudResource[]>(withQuery(`/search/resource/${encodeURIComponent(type)}`, { limit }), {
    ...kDoor,
    method: 'POST',
    body: { '=': { project_id: project } },
    signal,
  });

/** Instances that are not deleted, on any of the hosts. */
export const getInstancesOn = (hosts: readonly string[], limit: number, signal?: Abort) =>
  getJson<CloudResource[]>(withQuery('/search/resource/instance', { limit }), {
    ...kDoor,
    method: 'POST',
    body: { and: [{ '=': { ended_at: null } }, { in: { host: hosts } }] },
    signal,
  });

export const getResource = (id: string, signal?: Abort) =>
  getJson<CloudResource>(`/resource/generic/${encodeURIComponent(id)}`, { ...kDoor, signal });

export const getMetric = (id: string, signal?: Abort) =>
  getJson<CloudMetric>(`/metric/${encodeURIComponent(id)}`, { ...kDoor, signal });

export const getMeasures = (
  id: string,
  query: { granularity: number; aggregation: string; start?: string },
  signal?: Abort,
) => getJson<Measure[]>(withQuery(`/metric/${encodeURIComponent(id)}/measures`, query), { ...kDoor, signal });

export interface Chapter {
  time: string;
  act: string;
  text: string;
  host: string;
  from: string;
  user_id: string;
  user_name: string;
  request_id: string;
  failed: boolean;
}
export interface InstanceStory {
  id: string;
  name: string;
  host: string;
  state: string;
  flavor: string;
  project_id: string;
  created: string | null;
  deleted: string | null;
  chapters: Chapter[];
}
export const getInstanceStory = (id: string, signal?: Abort) =>
  getJson<InstanceStory>(`/instances/${encodeURIComponent(id)}/story`, { signal });
