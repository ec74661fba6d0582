// PromQL at an instant, for figures that are shown as they are now.
import { getJson, withQuery } from './request';

interface Vector {
  data: { result: { metric: Record<string, string>; value: [number, string] }[] };
}
export interface Figure {
  labels: Record<string, string>;
  value: number;
}

/** What is not a number is left out. */
export async function queryNow(query: string, signal?: AbortSignal): Promise<Figure[]> {
  const answer = await getJson<Vector>(withQuery('/query', { query }), {
    signal,
    door: '/prometheus/api/v1',
  });
  return answer.data.result
    .map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    .filter(({ value }) => Number.isFinite(value));
}

/** The sum of an answer; null when it has no series. */
export async function sumNow(query: string, signal?: AbortSignal): Promise<number | null> {
  const figures = await queryNow(query, signal);
  return figures.length === 0 ? null : figures.reduce((sum, { value }) => sum + value, 0);
}
