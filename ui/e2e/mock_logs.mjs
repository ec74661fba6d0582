// The logs of the cloud that never was: an hour of lines, the failed boot of one instance across its services, and the
// doors under /logs with what the pages need of the language: words and field:value.
import { XSS, iso } from './mock_data.mjs';

export const REQUEST = 'req-342cdd28-1024-49d6-a737-db2a8f67c1c6';
const INSTANCE = '4f1c7c1e-3a0b-4c6e-9d55-0b6f2f3a9d10';

const TRACEBACK = `Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/nova/compute/manager.py", line 2620, in _build_and_run_instance
    self.driver.spawn(context, instance, image_meta,
  File "/usr/lib/python3/dist-packages/nova/virt/libvirt/driver.py", line 7718, in _create_guest
    raise exception.VirtualInterfaceCreateException()
nova.exception.VirtualInterfaceCreateException: Virtual Interface creation failed`;
const FRAME =
  'driver.py:7718 in _create_guest: nova.exception.VirtualInterfaceCreateException: Virtual Interface creation failed';

const NOISE = [
  ['compute1', 'nova-compute', 'nova.compute.claims', 'INFO', 'Claim successful on node compute1'],
  ['compute2', 'nova-compute', 'nova.compute.manager', 'INFO', 'Took 0.36 seconds to build instance.'],
  [
    'controller',
    'nova-api',
    'nova.api.openstack.wsgi',
    'INFO',
    '"GET /v2.1/servers/detail" status: 200 len: 1893',
  ],
  ['controller', 'keystone', 'keystone.server.flask', 'DEBUG', 'Authenticating user token'],
  ['controller', 'neutron-server', 'neutron.wsgi', 'INFO', '10.0.0.21 "GET /v2.0/ports" status: 200'],
  [
    'controller',
    'nova-conductor',
    'oslo_messaging.rpc.client',
    'WARNING',
    'Using RPCClient manually to instantiate client. Please use get_rpc_client to obtain an RPC client instance.',
  ],
  ['compute1', 'nova-compute', 'nova.compute.manager', 'ERROR', `Instance failed to spawn: ${XSS}`],
];
const BOOT = [
  [0, 'controller', 'nova-api', 'INFO', 'Action: create, calling method: create'],
  [14, 'controller', 'nova-api', 'INFO', '"POST /v2.1/servers" status: 202 len: 795'],
  [62, 'controller', 'nova-conductor', 'INFO', `Building instance ${INSTANCE}`],
  [121, 'controller', 'nova-scheduler', 'INFO', 'Selected host: compute1'],
  [402, 'compute1', 'nova-compute', 'INFO', `[instance: ${INSTANCE}] Attempting claim on node compute1`],
  [655, 'controller', 'neutron-server', 'WARNING', 'Port binding of 9b1d is slow'],
  [5955, 'compute1', 'nova-compute', 'ERROR', `[instance: ${INSTANCE}] Instance failed to spawn`, TRACEBACK],
  [6010, 'controller', 'nova-conductor', 'ERROR', 'Failed to schedule instances: No valid host was found.'],
];
/** As a service writes that thinks it has a terminal, with a NUL and an escape that is none of a colour. */
export const COLOURED = '\u001b[01;31mERROR\u001b[00m red \u001b[32mgreen\u001b[0m \u0000 \u001b[2J end';
const NOISY = 700;
const EVERY = 5_000;

const record = (id, ms, host, service, component, severity, message, more = {}) => ({
  id,
  time: iso(ms),
  host,
  service,
  source: `/var/log/${service}.log`,
  component,
  severity,
  pid: 14606,
  request_id: '',
  global_request_id: '',
  instance: '',
  message,
  traceback: '',
  raw: message,
  template_id: '0',
  flags: [],
  ...more,
});

export function makeLogs(now) {
  const booted = now - 9 * 60_000 - 3000;
  const boot = BOOT.map(([after, host, service, severity, message, traceback = ''], index) =>
    record(`b${index}-0`, booted + after, host, service, service.replace('-', '.'), severity, message, {
      request_id: REQUEST,
      instance: INSTANCE,
      traceback,
    }),
  );
  const noise = Array.from({ length: NOISY }, (_, i) => {
    const [host, service, component, severity, message] = NOISE[i % 41 === 0 ? 6 : i % 6];
    const traceback = severity === 'ERROR' ? TRACEBACK : '';
    return record(`n${i}-0`, now - i * EVERY - 800, host, service, component, severity, message, {
      traceback,
    });
  });
  const coloured = record('ansi-0', now - 60_500, 'compute2', 'nova-compute', 'nova.ansi', 'ERROR', COLOURED);
  const all = [...noise, ...boot, coloured].sort((a, b) => b.time.localeCompare(a.time));

  /** Lines that match, newest first; null for what the mock takes as a mistake. */
  function found(params, time) {
    const [text] = (params.get('q') ?? '').split('|');
    if (text.includes('"')) {
      if ((text.split('"').length - 1) % 2 === 1) return null;
    }
    const from = time(params.get('from'), 0);
    const to = time(params.get('to'), Date.now());
    const terms = text.toLowerCase().match(/[a-z_]+:"[^"]*"|"[^"]*"|\S+/g) ?? [];
    const host = params.get('host');
    return all.filter(
      (line) =>
        (!host || line.host === host) &&
        Date.parse(line.time) >= from &&
        Date.parse(line.time) <= to &&
        terms.every((term) => {
          const [, field, value] = /^(host|service|severity):"?(.*?)"?$/.exec(term) ?? [];
          if (field) return line[field].toLowerCase() === value;
          return line.message.toLowerCase().includes(term.replaceAll('"', ''));
        }),
    );
  }

  /** As the server does it: long texts are cut in lists. */
  const shortened = (line) =>
    line.raw.length > 16_384
      ? { ...line, message: line.message.slice(0, 16_384), raw: line.raw.slice(0, 16_384), shortened: true }
      : line;

  function search(lines, params) {
    const limit = Number(params.get('limit') ?? 50);
    const from = Number(params.get('cursor') ?? 0);
    const ordered = params.get('order') === 'asc' ? [...lines].reverse() : lines;
    return {
      items: ordered.slice(from, from + limit).map(shortened),
      next_cursor: from + limit < lines.length ? String(from + limit) : null,
    };
  }

  function staged(lines, stage) {
    const tally = new Map();
    const by = /^(?:count by|top \d+) (\w+)$/.exec(stage)?.[1];
    if (stage === 'count') return { columns: ['count'], rows: [[lines.length]] };
    for (const line of lines) {
      const key = by && by !== 'template' ? line[by] : line.message;
      const seen = tally.get(key);
      if (seen) [seen.n, seen.first] = [seen.n + 1, line.time];
      else tally.set(key, { n: 1, first: line.time, last: line.time, line });
    }
    const rows = [...tally].sort(([, a], [, b]) => b.n - a.n);
    if (by) return { columns: [by, 'count'], rows: rows.map(([key, { n }]) => [key, n]) };
    const changes = ['more', 'same', 'new', 'fewer'];
    return {
      columns: ['pattern', 'count', 'severity', 'first', 'last', 'template_id', 'before', 'change', 'trend'],
      rows: rows.map(([key, { n, first, last, line }], index) => [
        ...[key, n, line.severity, first, last, key],
        ...[index, changes[index % changes.length], [0, n, index]],
      ]),
      trend: { from: iso(now - 36e5), step_seconds: 1200, before_from: iso(now - 72e5), left_out: 7 },
    };
  }

  function histogram(lines, params, time) {
    const [from, to] = [time(params.get('from'), Date.now() - 36e5), time(params.get('to'), Date.now())];
    const step = Math.max(1000, Math.ceil((to - from) / Number(params.get('buckets')) / 1000) * 1000);
    const buckets = Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => ({
      time: iso(from + i * step),
      count: 0,
      error: 0,
      warning: 0,
    }));
    for (const line of lines) {
      const bucket = buckets[Math.floor((Date.parse(line.time) - from) / step)] ?? buckets.at(-1);
      bucket.count += 1;
      if (line.severity === 'ERROR') bucket.error += 1;
      if (line.severity === 'WARNING') bucket.warning += 1;
    }
    return { step_seconds: step / 1000, buckets };
  }

  function backtrace(id) {
    // An alert that names no request is told from its service and what that needs.
    const around = id.startsWith('a-');
    const known = around || [REQUEST, INSTANCE].includes(id);
    const lanes = known ? [...new Set(boot.map((line) => line.service))] : [];
    const records = (known ? boot : []).map((line, index) => ({
      ...line,
      lane: lanes.indexOf(line.service),
      gap_ms: index === 0 ? 0 : BOOT[index][0] - BOOT[index - 1][0],
      first_error: index === 6,
      last_frame: line.traceback ? FRAME : '',
    }));
    const change = {
      id: 'c1',
      type: 'package.upgraded',
      time: iso(booted + 2000),
      host: 'compute1',
      service: '',
      summary: `openvswitch-switch 3.1.0-2 → 3.1.0-3 ${XSS}`,
      origin: 'agent',
      why: 'same host',
    };
    return {
      start: {
        by: around ? 'around' : id === REQUEST ? 'request' : 'id',
        why: around ? 'no id in the alert tells more' : '',
        failed: around ? iso(booted + 5000) : null,
      },
      ids: known && !around ? [id] : [],
      instances: known && !around ? [INSTANCE] : [],
      lanes,
      lane_reasons: lanes.map((_, lane) =>
        around ? (lane === 0 ? 'its service' : 'passes messages through it') : '',
      ),
      records,
      duration_ms: known ? BOOT.at(-1)[0] : 0,
      truncated: false,
      changes: known ? [change] : [],
      changes_truncated: around,
    };
  }

  function around(id, lines) {
    const at = all.findIndex((line) => line.id === id);
    const same = all.filter((line) => line.host === all[at].host && line.source === all[at].source).reverse();
    const here = same.indexOf(all[at]);
    return { items: same.slice(Math.max(0, here - lines), here + lines + 1) };
  }

  /** One line of so many bytes; its id. */
  function giant(bytes) {
    const line = record(
      `g${bytes}-0`,
      Date.now() - 800,
      'compute1',
      'nova-compute',
      'nova.giant',
      'ERROR',
      '',
    );
    line.message = `giant ${'x'.repeat(bytes - 10)} end`;
    line.raw = line.message;
    all.unshift(line);
    return line.id;
  }

  /** Lines that are made when they are asked for; a search for "flood" finds them and nothing else. */
  let many = { lines: 0, begin: 0 };
  const FLOOD_STEP = 3;
  function flood(lines) {
    many = { lines, begin: Date.now() - lines * FLOOD_STEP };
  }
  function flooded(path, params, time) {
    const [low, high] = [time(params.get('from'), many.begin), time(params.get('to'), Date.now())];
    const first = Math.max(0, Math.ceil((low - many.begin) / FLOOD_STEP));
    const last = Math.min(many.lines - 1, Math.floor((high - many.begin) / FLOOD_STEP));
    if (path === 'histogram') {
      const step = Math.ceil((high - low) / 60 / 1000) * 1000;
      const count = (begin) => {
        const from = Math.max(first, Math.ceil((begin - many.begin) / FLOOD_STEP));
        const to = Math.min(last, Math.ceil((begin + step - many.begin) / FLOOD_STEP) - 1);
        return Math.max(0, to - from + 1);
      };
      const buckets = Array.from({ length: Math.ceil((high - low) / step) }, (_, i) => ({
        time: iso(low + i * step),
        count: count(low + i * step),
        error: 0,
        warning: 0,
      }));
      return { step_seconds: step / 1000, buckets };
    }
    const limit = Number(params.get('limit') ?? 50);
    const skip = Number(params.get('cursor') ?? 0);
    const asc = params.get('order') === 'asc';
    const items = [];
    for (let i = skip; i < Math.min(skip + limit, last - first + 1); i += 1) {
      const at = asc ? first + i : last - i;
      const text = `flood line ${at}`;
      items.push(
        record(`f${at}-0`, many.begin + at * FLOOD_STEP, 'compute1', 'nova-compute', 'flood', 'INFO', text),
      );
    }
    return { items, next_cursor: skip + limit < last - first + 1 ? String(skip + limit) : null };
  }

  /** A line that comes just now. */
  function add(text) {
    const now = Date.now();
    const line = record(`x${now}-0`, now - 500, 'compute1', 'nova-compute', 'nova.live', 'INFO', text);
    all.unshift(line);
    for (const tail of tails) tail.write(`id: ${line.id}\nevent: log\ndata: ${JSON.stringify(line)}\n\n`);
  }

  /** The live tail: the newest lines and what add() adds, without a look at the search. */
  const tails = new Set();
  function openTail(request, response, params) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write('retry: 2000\n\n');
    for (const line of params.get('q') ? [] : all.slice(0, Number(params.get('lines'))).reverse())
      response.write(`id: ${line.id}\nevent: log\ndata: ${JSON.stringify(line)}\n\n`);
    tails.add(response);
    request.on('close', () => tails.delete(response));
  }

  /** What a door under /logs/ answers; a string is the text of an error 400. */
  function answer(path, params, time) {
    const [noun, more] = path.split('/');
    if (more === 'context') return around(noun, Number(params.get('lines')));
    if (path === 'backtrace') return backtrace(params.get('id'));
    if (params.get('q') === 'flood' && ['search', 'histogram'].includes(path))
      return flooded(path, params, time);
    if (/-\d+$/.test(path)) return all.find((line) => line.id === path) ?? null;
    const lines = found(params, time);
    if (!lines) return 'q: 1: the quote is not closed';
    if (path === 'query') return staged(lines, params.get('q').split('|')[1].trim());
    if (path === 'histogram') return histogram(lines, params, time);
    return search(lines, params);
  }
  return { answer, add, giant, flood, openTail };
}
