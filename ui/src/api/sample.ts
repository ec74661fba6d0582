// Whether this browser shows the sample cloud. Its answers (sample/answer.ts) are fetched when it is first loaded.
import { stored } from '../live/stored';

export const sample = stored<'no' | 'yes'>('sample', 'no', ['no', 'yes']);

/** The sample's answer to a request; null: the server is asked. */
export async function sampleAnswer(method: string, path: string, body: unknown): Promise<Response | null> {
  if (sample.peek() === 'no') return null;
  const { answer } = await import('../sample/answer');
  const found = answer(method, path, body);
  return found === undefined
    ? null
    : new Response(JSON.stringify(found), { headers: { 'content-type': 'application/json' } });
}

export function loadSample(): void {
  sample.value = 'yes';
  location.assign('/');
}

export function deleteSample(): void {
  sample.value = 'no';
  location.assign('/');
}
