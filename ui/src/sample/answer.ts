// The API's answers about the sample cloud, in the API's shapes; what it has no answer for is asked of the server.
import { user } from '../api/session';
import type { Alert, AlertAction, AlertRow, Series } from '../api/types';
import { spanEnd } from '../text/span_text';
import { iso, makeSample, type Sample } from './cloud';

let made: Sample | null = null;
const sample = (): Sample => (made ??= makeSample(Date.now()));

const brief = ({ evidence, history, ...alert }: Alert): Alert => alert;
const live = (): Alert[] => sample().alerts.filter((one) => one.status !== 'closed');

function overview() {
  const { nodes, changes } = sample();
  const now = iso(Date.now());
  for (const node of nodes) node.last_seen = now;
  const counts: Record<string, number> = {};
  for (const { status, severity } of live()) {
    const key = status === 'ack' ? 'ack' : severity;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  const verdict = 'SAMPLE: rabbitmq is down on sample-ctl-2; 13 alerts follow from it.';
  const watch = { rules: 212, checked: now };
  return { generated: now, epoch: 'sample', verdict, cause: null, watch, counts, muted: 0, nodes, changes };
}

const me = (): string => user.peek()?.name ?? '';
const ownerOf = (asked: string): string => (asked === 'me' ? me() : asked === 'none' ? '' : asked);
const kScale = ['critical', 'major', 'minor', 'warning', 'informational'];
function meant(params: URLSearchParams, usual: readonly string[] = ['open', 'ack']): Alert[] {
  const statuses = params.getAll('status');
  const severities = params.getAll('severity');
  const q = (params.get('q') ?? '').toLowerCase();
  return sample()
    .alerts.filter(
      (one) =>
        (statuses.length > 0 ? statuses : usual).includes(one.status) &&
        (severities.length === 0 || severities.includes(one.severity)) &&
        (!params.get('host') || one.host === params.get('host')) &&
        (!params.get('owner') || one.owner === ownerOf(params.get('owner')!)) &&
        (!params.get('service') || one.service.includes(params.get('service')!)) &&
        `${one.text} ${one.event}`.toLowerCase().includes(q),
    )
    .sort((a, b) => kScale.indexOf(a.severity) - kScale.indexOf(b.severity));
}

function page<T>(items: T[], params: URLSearchParams): T[] {
  const size = Number(params.get('page_size') ?? 100);
  const from = (Number(params.get('page') ?? 1) - 1) * size;
  return items.slice(from, from + size);
}

function rows(params: URLSearchParams) {
  const all = meant(params);
  const cause = params.get('cause');
  const items = all.filter((one) =>
    cause ? one.cause === cause : !params.get('folded') || !all.some(({ id }) => id === one.cause),
  );
  const symptoms = (id: string) => all.filter((one) => one.cause === id).length;
  return {
    items: page(items, params).map((one): AlertRow => ({ ...brief(one), symptoms: symptoms(one.id) })),
    total: items.length,
    matching: cause ? items.length : all.length,
  };
}

/** The alert as it is then; undefined: the sample has no such. */
function act(id: string, action: AlertAction, text: string, owner = ''): Alert | undefined {
  const alert = sample().alerts.find((one) => one.id === id);
  if (!alert) return undefined;
  const next = {
    ...({ ack: 'ack', unack: 'open', close: 'closed', open: 'open' } as const),
    ...({ shelve: 'shelved', unshelve: 'open' } as const),
    ...{ note: alert.status, assign: alert.status },
  };
  alert.status = next[action];
  if (action === 'assign') alert.owner = ownerOf(owner);
  else if (action !== 'note')
    alert.statusUntil = action === 'shelve' ? iso(Date.now() + 2 * 3_600_000) : null;
  alert.updateTime = iso(Date.now());
  const { severity, status, event, updateTime: time } = alert;
  const entry = { time, type: action, severity, status, event, value: '', text, user: me() };
  alert.history = [...(alert.history ?? []), action === 'assign' ? { ...entry, owner: alert.owner } : entry];
  return alert;
}

function surroundings(alert: Alert) {
  const { alerts, nodes } = sample();
  const member = (host: string, service: string) => {
    const state = nodes.find((node) => node.host === host)?.services.find((one) => one.service === service);
    return {
      host,
      status: state?.status ?? 'up',
      since: state?.since ?? '',
      alert_id: state?.alert_id ?? null,
    };
  };
  const of = (service: string, why: string) => ({
    service,
    why,
    total: 3,
    members: [1, 2, 3].map((n) => member(`sample-ctl-${n}`, service)),
  });
  const symptoms = alerts.filter((one) => one.cause === alert.id).map(brief);
  return {
    cause: alerts.find((one) => one.id === alert.cause) ?? null,
    symptoms,
    symptoms_total: symptoms.length,
    needs: alert.service.includes('nova-compute')
      ? [
          of('rabbitmq', 'passes messages through it'),
          of('nova-conductor', 'writes to the database through it'),
        ]
      : [],
    needed_by: alert.service.includes('rabbitmq') ? [of('nova-conductor', 'passes messages through it')] : [],
  };
}

const kWaves: Readonly<Record<string, readonly [number, number]>> = {
  host_cpu_used_ratio: [0.06, 0.7],
  host_memory_used_ratio: [0.4, 0.66],
  host_load1: [0.3, 5],
  host_filesystem_used_ratio: [0.5, 0.56],
  host_network_receive_bytes_total: [2e4, 3e6],
  host_network_transmit_bytes_total: [1e4, 1e6],
  host_disk_read_bytes_total: [0, 8e5],
  host_disk_written_bytes_total: [1e5, 6e6],
  service_cpu_used_ratio: [0.01, 0.3],
  service_memory_resident_bytes: [1.5e8, 2e8],
};
function series(metric: string, host: string | null, from: number, to: number): Series[] {
  const wave = kWaves[metric];
  if (!wave) return [];
  const step = Math.max(10_000, Math.ceil((to - from) / 300 / 10_000) * 10_000);
  return sample()
    .nodes.filter((node) => !host || node.host === host)
    .map((node, index) => {
      const points: [number, number][] = [];
      for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
        const t = at / 1000 + index * 97 + metric.length * 13;
        const unit = 0.5 + 0.28 * Math.sin(t / 140) + 0.14 * Math.sin(t / 31) + 0.08 * Math.sin(t / 7.3);
        points.push([at, wave[0] + (wave[1] - wave[0]) * unit]);
      }
      return { labels: { host: node.host }, kind: 'gauge', points };
    });
}

const ends = (params: URLSearchParams): [number, number] => [
  spanEnd(params.get('from') ?? 'now-1h', Date.now()),
  Math.min(Date.now(), spanEnd(params.get('to') ?? 'now', Date.now())),
];

function found(params: URLSearchParams) {
  const [from, to] = ends(params);
  const terms =
    (params.get('q') ?? '')
      .split('|')[0]!
      .toLowerCase()
      .match(/[a-z_]+:"[^"]*"|"[^"]*"|\S+/g) ?? [];
  const host = params.get('host');
  return sample().lines.filter((line) => {
    const at = Date.parse(line.time);
    if (at < from || at > to || (host && line.host !== host)) return false;
    return terms.every((term) => {
      const [, field, value] = /^(host|service|severity)(?::|>=)"?(.*?)"?$/.exec(term) ?? [];
      if (field) return line[field as 'host' | 'service' | 'severity'].toLowerCase() === value;
      return line.message.toLowerCase().includes(term.replaceAll('"', ''));
    });
  });
}

function histogram(params: URLSearchParams) {
  const [from, to] = ends(params);
  const step = Math.max(1000, Math.ceil((to - from) / Number(params.get('buckets') ?? 60) / 1000) * 1000);
  const buckets = Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => ({
    time: iso(from + i * step),
    count: 0,
    error: 0,
    warning: 0,
  }));
  for (const line of found(params)) {
    const bucket = buckets[Math.floor((Date.parse(line.time) - from) / step)];
    if (!bucket) continue;
    bucket.count += 1;
    if (line.severity === 'error' || String(line.severity) === 'ERROR') bucket.error += 1;
    if (String(line.severity) === 'WARNING') bucket.warning += 1;
  }
  return { step_seconds: step / 1000, buckets };
}

function table(params: URLSearchParams) {
  const q = params.get('q') ?? '';
  if (/\|\s*count$/.test(q)) return { columns: ['count'], rows: [[found(params).length]] };
  const by = /\|\s*count by (\w+)/.exec(q)?.[1];
  const tally = new Map<string, number>();
  for (const line of found(params)) {
    const key = by ? String((line as unknown as Record<string, unknown>)[by] ?? '') : line.message;
    tally.set(key, (tally.get(key) ?? 0) + 1);
  }
  return { columns: [by ?? 'pattern', 'count'], rows: [...tally].sort((a, b) => b[1] - a[1]) };
}

function logs(what: string, params: URLSearchParams): unknown {
  if (what === 'histogram') return histogram(params);
  if (what === 'query') return table(params);
  if (what !== 'search') return undefined;
  const lines = found(params);
  const ordered = params.get('order') === 'asc' ? [...lines].reverse() : lines;
  const begin = Number(params.get('cursor') ?? 0);
  const end = begin + Number(params.get('limit') ?? 100);
  return { items: ordered.slice(begin, end), next_cursor: end < lines.length ? String(end) : null };
}

function alert(id: string, more: string | undefined): unknown {
  const one = sample().alerts.find((each) => each.id === id);
  if (!one) return undefined;
  if (more === 'surroundings') return surroundings(one);
  if (more === 'notifications')
    return {
      told_with: '',
      why_not_notified: [{ stage: 'sample', id: '', text: 'SAMPLE: nobody is told', until: null }],
      receivers: { by: '', name: '', channels: [] },
      next_notification_at: null,
      next_is: '',
      deliveries: [],
      attempts: [],
    };
  const previous = sample()
    .alerts.filter((each) => each !== one && each.resource === one.resource)
    .map(brief);
  const changes = sample()
    .changes.filter((each) => each.host === one.host)
    .map((each) => ({ ...each, why: 'same host' }));
  return { alert: one, previous, changes, deliveries: [], threshold: null, series: [] };
}

function changes(params: URLSearchParams) {
  const [from, to] = [spanEnd(params.get('from') ?? 'now-30d', Date.now()), ends(params)[1]];
  const items = sample().changes.filter(({ time, host }) => {
    const at = Date.parse(time);
    return at >= from && at <= to && (!params.get('host') || host === params.get('host'));
  });
  return { items, next_cursor: null };
}

function range(params: URLSearchParams) {
  const metric = Object.keys(kWaves).find((name) => (params.get('query') ?? '').includes(name)) ?? '';
  const host = /host="([^"]+)"/.exec(params.get('query') ?? '')?.[1] ?? null;
  const [start, end] = [Number(params.get('start')) * 1000, Number(params.get('end')) * 1000];
  const result = series(metric, host, start, end)
    .slice(0, 12)
    .map(({ labels, points }) => ({
      metric: { __name__: metric, ...labels },
      values: points.map(([at, value]) => [at / 1000, String(value)]),
    }));
  return { status: 'success', data: { resultType: 'matrix', result } };
}

/** Figures of the cloud as a whole, by a piece of the question. */
const kFigures: readonly (readonly [string, number])[] = [
  ['resource_usage{resourcetype="VCPU"}', 412],
  ['resource_total{resourcetype="VCPU"}', 640],
  ['nova_memory_used_bytes', 1.42e12],
  ['nova_memory_available_bytes', 1.6e12],
];
function instant(params: URLSearchParams) {
  const query = params.get('query') ?? '';
  const figure = kFigures.find(([piece]) => query.includes(piece));
  const api = (name: string, value: number) => ({ metric: { api: name }, value: [0, String(value)] });
  const latencies = query.includes('openstack_api_seconds')
    ? [api('compute', 1.4), api('identity', 0.12)]
    : [];
  const result = figure ? [{ metric: {}, value: [0, String(figure[1])] }] : latencies;
  return { status: 'success', data: { resultType: 'vector', result } };
}

/** Beginnings and ends of the sample's alerts in equal parts of the span. */
function turns(params: URLSearchParams) {
  const [from, to] = ends(params);
  const count = Number(params.get('buckets') ?? 60);
  const width = (to - from) / count;
  const alerts = meant(params, ['open', 'ack', 'shelved', 'closed']);
  const at = (index: number) => {
    const within = (time: string) => Math.floor((Date.parse(time) - from) / width) === index;
    const opened = alerts.filter((one) => within(one.createTime)).length;
    const closed = alerts.filter((one) => one.status === 'closed' && within(one.updateTime)).length;
    return { time: iso(from + index * width), opened, closed };
  };
  return { step_seconds: width / 1000, buckets: Array.from({ length: count }, (_, index) => at(index)) };
}

/** `path` with its door and its parameters; undefined: the server is asked. */
export function answer(method: string, path: string, body: unknown): unknown {
  const url = new URL(path, 'http://sample');
  const params = url.searchParams;
  if (url.pathname === '/prometheus/api/v1/query_range') return range(params);
  if (url.pathname === '/prometheus/api/v1/query') return instant(params);
  if (!url.pathname.startsWith('/api/v1/')) return undefined;
  const [noun, id, more] = url.pathname.slice(8).split('/').map(decodeURIComponent);
  if (method === 'POST') {
    const given = (body ?? {}) as { action: AlertAction; text?: string; ids?: string[]; owner?: string };
    const { action, text = '', ids, owner } = given;
    if (noun === 'alert-actions')
      return { done: (ids ?? []).filter((one) => act(one, action, text, owner)).length, refused: [] };
    if (noun === 'alerts' && more === 'actions') return act(id!, action, text, owner);
    return undefined;
  }
  if (method !== 'GET') return undefined;
  if (noun === 'overview') return overview();
  if (noun === 'nodes' && id) return sample().nodes.find((one) => one.host === id);
  if (noun === 'alert-rows') return rows(params);
  if (noun === 'alert-history') return turns(params);
  if (noun === 'alert-owners') return { people: [me()], teams: [] };
  if (noun === 'alerts' && id) return alert(id, more);
  if (noun === 'alerts')
    return { items: page(meant(params), params).map(brief), total: meant(params).length };
  if (noun === 'changes') return changes(params);
  if (noun === 'samples')
    return { series: series(params.get('metric') ?? '', params.get('host'), ...ends(params)) };
  if (noun === 'logs') return logs(id ?? '', params);
  return undefined;
}
