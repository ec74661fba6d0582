// The live stream: one per browser. The tab that holds the lock reads /api/v1/stream and tells the others; when it is
// closed the lock passes on and the next leader resumes at the last id that any tab has seen.
import { signal } from '@preact/signals';
import { SseParser } from '../api/sse';
import { send } from '../api/request';
import { ApiError } from '../api/error';
import { accessToken, user } from '../api/session';

export type StreamEvent =
  | { event: 'alert'; data: unknown }
  | { event: 'state' | 'node' | 'change'; data: unknown }
  | { event: 'resync' };

export type LinkState = 'connecting' | 'live' | 'reconnecting';
interface Link {
  state: LinkState;
  /** Unix ms (this browser's clock) since the state holds. */
  since: number;
}

/** Of the one stream, whichever tab reads it. */
export const link = signal<Link>({ state: 'connecting', since: Date.now() });
/** Unix ms of the last byte. The server sends a heartbeat each 15 s. */
export const lastHeard = signal(0);
/** Unix ms when a new start of the server was noticed; 0 = none yet. */
export const restartedAt = signal(0);

const kSilence = 40_000;
const kFirstDelay = 1_000;
const kMaxDelay = 30_000;

type Listener = (event: StreamEvent) => void;
const listeners = new Set<Listener>();
export function onStream(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

type TabMessage =
  | { kind: 'event'; event: StreamEvent; id: string; epoch: string }
  | { kind: 'link'; link: Link; heard: number; restarted: number; id: string; epoch: string }
  | { kind: 'ask' };
const tabs = new BroadcastChannel('apollo-stream');
let leader = false;
let lastId = '';
let epoch = '';

function deliver(event: StreamEvent): void {
  listeners.forEach((listener) => listener(event));
}

function tellLink(): void {
  tabs.postMessage({
    kind: 'link',
    link: link.value,
    heard: lastHeard.value,
    restarted: restartedAt.value,
    id: lastId,
    epoch,
  } satisfies TabMessage);
}

tabs.onmessage = (message: MessageEvent<TabMessage>) => {
  const told = message.data;
  if (told.kind === 'ask') {
    if (leader) tellLink();
    return;
  }
  if (leader) return;
  lastId = told.id;
  epoch = told.epoch;
  if (told.kind === 'event') {
    lastHeard.value = Date.now();
    deliver(told.event);
  } else {
    link.value = told.link;
    lastHeard.value = told.heard;
    restartedAt.value = told.restarted;
  }
};

function setLink(state: LinkState): void {
  if (link.value.state !== state) link.value = { state, since: Date.now() };
  tellLink();
}

function relay(event: StreamEvent): void {
  deliver(event);
  tabs.postMessage({ kind: 'event', event, id: lastId, epoch } satisfies TabMessage);
}

function take(event: string, text: string): void {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return; // a half-written event says nothing that can be shown; the next refetch heals
  }
  if (event === 'hello') {
    const next = String((data as { epoch?: unknown }).epoch ?? '');
    const restarted = epoch !== '' && next !== epoch;
    epoch = next;
    setLink('live');
    if (restarted) {
      restartedAt.value = Date.now();
      tellLink();
      relay({ event: 'resync' });
    }
  } else if (event === 'resync') relay({ event });
  else if (event === 'alert' || event === 'state' || event === 'node' || event === 'change') relay({ event, data });
}

/** Reads one connection until it ends or falls silent. */
async function readOnce(): Promise<void> {
  const abort = new AbortController();
  let watchdog = setTimeout(() => abort.abort(), kSilence);
  try {
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (lastId) headers['last-event-id'] = lastId;
    const response = await send('/stream?topics=alerts,state,changes', { headers, signal: abort.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new SseParser();
    parser.lastId = lastId;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(() => abort.abort(), kSilence);
      lastHeard.value = Date.now();
      if (link.value.state !== 'live') setLink('live');
      for (const message of parser.push(value)) {
        lastId = message.id;
        take(message.event, message.data);
      }
      if (value.startsWith(':')) tellLink();
    }
  } finally {
    clearTimeout(watchdog);
    abort.abort();
  }
}

async function lead(): Promise<never> {
  leader = true;
  let delay = kFirstDelay;
  for (;;) {
    const started = Date.now();
    try {
      await readOnce();
    } catch (error) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) delay = kMaxDelay;
    }
    setLink('reconnecting');
    if (Date.now() - started > 10_000) delay = kFirstDelay;
    await new Promise((resolve) => setTimeout(resolve, delay * (0.5 + Math.random() / 2)));
    delay = Math.min(delay * 2, kMaxDelay);
  }
}

let started = false;
/** Once per page, after login. */
export function startStream(): void {
  if (started || !user.value || !accessToken()) return;
  started = true;
  tabs.postMessage({ kind: 'ask' } satisfies TabMessage);
  if (navigator.locks) void navigator.locks.request('apollo-stream', lead);
  else void lead();
}
