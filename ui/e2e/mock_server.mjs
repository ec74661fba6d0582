// A stand-in for the server, for development and for the scenarios of e2e/: the API's shapes with canned data, the
// server's security headers, and doors under /__mock/ that make things happen. Needs ui/dist (npm run build).
// As a program: node e2e/mock_server.mjs [port]
import { createServer } from 'node:http';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { GAUGES, iso, makeWorld, samples } from './mock_data.mjs';
import { inOrder, inState, makeAlerts } from './mock_alerts.mjs';
import { makeCloud } from './mock_cloud.mjs';
import { instant, stood, turns, usageOf } from './mock_figures.mjs';
import { makeLogs } from './mock_logs.mjs';
import { makeManage } from './mock_manage.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};
const CSP =
  "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const OF_A_ROW = [
  ...['id', 'event', 'host', 'service', 'severity', 'status', 'alarmState', 'text', 'duplicateCount'],
  ...['createTime', 'lastReceiveTime', 'environment', 'ruleId', 'cause', 'owner'],
];
const USER = { id: 'u1', name: 'admin', role: 'admin', account: 'default', server_admin: true };

export async function startMock({ port = 0, tokenLife = 600, origins = [] } = {}) {
  const world = makeWorld(Date.now());
  const logs = makeLogs(Date.now());
  const manage = makeManage(world, { user: USER });
  const tokens = new Set();
  const cookies = new Map(); // refresh token -> when it was replaced; 0 while it is the newest
  const links = new Set(['first-link', 'second-link']);
  const streams = new Set();
  const counts = { refresh: 0, streams: 0, left: 0 };
  let epoch = randomBytes(4).toString('hex');
  let sequence = 0;
  let life = tokenLife;
  let failures = 0;
  let silent = false;
  /** The server is gone: connections are dropped. */
  let hanging = false;
  /** How long a search of the logs takes, ms. */
  let slow = 0;
  const cloud = makeCloud(Date.now(), () => world);

  const json = (response, status, body, headers = {}) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-request-id': randomBytes(4).toString('hex'),
      ...headers,
    });
    response.end(JSON.stringify(body));
  };
  const fail = (response, status, code, message, headers) =>
    json(response, status, { error: { code, message, request_id: 'mock' } }, headers);
  const body = async (request) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    return text ? JSON.parse(text) : {};
  };
  const enter = (response) => {
    const access_token = randomBytes(12).toString('hex');
    const cookie = randomBytes(12).toString('hex');
    tokens.add(access_token);
    cookies.set(cookie, 0);
    json(
      response,
      200,
      { access_token, expires_in: life, refresh_token: cookie, user: USER },
      {
        'set-cookie': `sentinella_refresh=${cookie}; HttpOnly; SameSite=Strict; Path=/api/v1/auth`,
      },
    );
  };
  const cookieOf = (request) => /sentinella_refresh=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
  /** As the server does it: a token that was replaced serves ten seconds longer, for an answer that was lost. */
  const redeem = (cookie) => {
    const replaced = cookies.get(cookie);
    if (replaced === undefined || (replaced && Date.now() - replaced > 10_000)) return false;
    cookies.set(cookie, replaced || Date.now());
    return true;
  };
  const tell = (event, data) => {
    sequence += 1;
    for (const stream of streams)
      stream.write(`id: ${epoch}-${sequence}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const brief = ({ evidence, history, ...alert }) => alert;
  const alerts = makeAlerts(world, { user: USER, tell });

  /** As the server's: the sums are of one cloud where one is asked for, the nodes of all. */
  function overview(cloud) {
    const here = (name) => !cloud || (name || 'Production') === cloud;
    const live = world.alerts.filter(
      (alert) => here(alert.environment) && (alert.status === 'open' || alert.status === 'ack'),
    );
    const seen = live.filter((alert) => manage.quiet.mutedUntil(alert) === 0);
    const open = seen.filter((alert) => alert.status === 'open');
    const now = Date.now();
    if (!silent) for (const node of world.nodes) node.last_seen = iso(now);
    const returned = world.alerts.filter(
      (alert) =>
        alert.alarmState === 'RTNUN' && here(alert.environment) && manage.quiet.mutedUntil(alert) === 0,
    );
    const isa = world.alerts.some((alert) => alert.alarmState);
    const tally = { ack: seen.length - open.length, ...(isa && { returned: returned.length }) };
    for (const alert of open) tally[alert.severity] = (tally[alert.severity] ?? 0) + 1;
    const down = world.nodes
      .filter((node) => here(node.cloud))
      .flatMap((node) =>
        node.services.filter((one) => one.status === 'down').map((one) => `${one.service} on ${node.host}`),
      );
    const verdict =
      down.length > 0
        ? `${down.length} service${down.length > 1 ? 's are' : ' is'} down: ${down.join(', ')}`
        : 'Everything that is watched is up';
    const nodes = world.nodes.map((node) => ({ ...node, planned: manage.quiet.plannedOf(node) }));
    const muted = live.length - seen.length;
    const causes = new Set(seen.map(({ cause }) => cause));
    const root = seen.find(({ id }) => causes.has(id));
    const cause = root
      ? {
          alert_id: root.id,
          where: `${root.service[0]} on ${root.host}`,
          symptoms: seen.filter((one) => one.cause === root.id).length,
        }
      : null;
    const watch = { rules: manage.enabled(), checked: iso(silent || now) };
    return {
      ...{ generated: iso(now), epoch, verdict, cause, watch, counts: tally, muted, nodes },
      changes: world.changes,
    };
  }

  async function auth(request, response, path) {
    if (path === 'login') {
      const given = await body(request);
      if (failures >= 20)
        return fail(response, 429, 'rate_limited', 'too many attempts', { 'retry-after': '7' });
      if (given.name === 'admin' && given.password === 'correct horse battery') return enter(response);
      failures += 1;
      return fail(response, 401, 'unauthorized', 'name or password is wrong');
    }
    if (path === 'link') {
      const { token } = await body(request);
      return links.delete(token)
        ? enter(response)
        : fail(response, 401, 'unauthorized', 'the link is not valid');
    }
    if (path === 'refresh') {
      counts.refresh += 1;
      const { refresh_token } = await body(request);
      return redeem(refresh_token || cookieOf(request))
        ? enter(response)
        : fail(response, 401, 'unauthorized', 'log in');
    }
    if (path === 'logout') {
      cookies.delete(cookieOf(request));
      response.writeHead(204, { 'set-cookie': 'sentinella_refresh=; Max-Age=0; Path=/api/v1/auth' });
      return response.end();
    }
    if (path === 'password') {
      await body(request);
      response.writeHead(204);
      return response.end();
    }
    return fail(response, 404, 'not_found', 'no such path');
  }

  /** Alerts that a request means, worst first. */
  function meant(params, usual = ['open', 'ack', 'RTNUN']) {
    const chosen = (name) => params.getAll(name);
    const statuses = chosen('status').length > 0 ? chosen('status') : usual;
    const q = (params.get('q') ?? '').toLowerCase();
    const [from, to] = [time(params.get('from'), 0), time(params.get('to'), Infinity)];
    return world.alerts.filter(
      (alert) =>
        stood(alert, from, to) &&
        (!params.get('environment') || alert.environment === params.get('environment')) &&
        (statuses.includes(alert.status) || (alert.alarmState === 'RTNUN' && statuses.includes('RTNUN'))) &&
        (!params.get('owner') || alert.owner === alerts.ownerOf(params.get('owner'))) &&
        (chosen('severity').length === 0 || chosen('severity').includes(alert.severity)) &&
        (!params.get('host') || alert.host === params.get('host')) &&
        (!params.get('rule') || alert.ruleId === params.get('rule')) &&
        (!params.get('service') || alert.service.includes(params.get('service'))) &&
        (alert.text + alert.event).toLowerCase().includes(q),
    );
  }
  const pageOf = (items, params) => {
    const size = Number(params.get('page_size') ?? 50);
    const from = (Number(params.get('page') ?? 1) - 1) * size;
    return items.slice(from, from + size);
  };

  function listAlerts(response, params) {
    const items = meant(params);
    json(response, 200, { items: pageOf(items, params).map(brief), total: items.length });
  }

  function listRows(response, params) {
    const muted = params.get('muted');
    const hidden = meant(params).filter(
      (alert) => alert.status !== 'closed' && manage.quiet.mutedUntil(alert) > 0,
    );
    const all =
      muted === 'only'
        ? hidden
        : meant(params).filter((alert) => muted !== 'hide' || !hidden.includes(alert));
    const cause = params.get('cause');
    const ids = new Set(all.map((alert) => alert.id));
    const items = all.filter(
      (alert) => (!cause || alert.cause === cause) && !(params.get('folded') && ids.has(alert.cause)),
    );
    items.sort(inOrder(params.get('sort') ?? 'severity'));
    const rows = pageOf(items, params).map((alert) => ({
      ...Object.fromEntries(OF_A_ROW.map((key) => [key, alert[key]])),
      symptoms: all.filter((one) => one.cause === alert.id).length,
    }));
    json(response, 200, {
      items: rows,
      total: items.length,
      matching: cause ? items.length : all.length,
      ...(muted && {
        muted: hidden.length,
        muted_until: hidden.length > 0 ? iso(Math.min(...hidden.map(manage.quiet.mutedUntil))) : null,
      }),
    });
  }

  function actOnMany(response, { action, ids, text, owner }) {
    const wrong = alerts.refusal({ action, owner });
    if (wrong) return fail(response, 400, 'invalid', wrong);
    const refused = [];
    for (const id of ids) {
      const alert = world.alerts.find((one) => one.id === id);
      if (alert) alerts.act(alert, { action, text, owner });
      else refused.push({ id, why: 'no such alert' });
    }
    json(response, 200, { done: ids.length - refused.length, refused });
  }

  function listChanges(response, params) {
    const type = new RegExp(`^${(params.get('type') || '*').replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
    const from = time(params.get('from'), 0);
    const items = world.changes.filter(
      (one) =>
        type.test(one.type) &&
        Date.parse(one.time) >= from &&
        (!params.get('host') || one.host === params.get('host')) &&
        (!params.get('service') || one.service === params.get('service')),
    );
    items.sort((a, b) => b.time.localeCompare(a.time));
    json(response, 200, { items, next_cursor: null });
  }

  function openStream(request, response) {
    counts.streams += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write(`event: hello\ndata: ${JSON.stringify({ epoch, seq: sequence })}\n\n`);
    streams.add(response);
    const heartbeat = setInterval(() => response.write(':\n\n'), 15_000);
    request.on('close', () => {
      clearInterval(heartbeat);
      streams.delete(response);
    });
  }

  const time = (text, fallback) => {
    if (!text) return fallback;
    const back = /^now(?:-(\d+)([smhd]))?$/.exec(text);
    if (!back) return Date.parse(text);
    return Date.now() - Number(back[1] ?? 0) * { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[back[2] ?? 's'];
  };

  async function api(request, response, path, params) {
    if (path.startsWith('auth/')) return auth(request, response, path.slice(5));
    if (path.startsWith('public/status/'))
      return show(
        response,
        manage.page.path === `/public/${path.slice(14)}` && cloud.publicStatus(manage.page.title),
      );
    if (!tokens.has((request.headers.authorization ?? '').replace('Bearer ', '')))
      return fail(response, 401, 'unauthorized', 'log in');
    const [noun, id, more, ...rest] = path.split('/').map(decodeURIComponent);
    const acts = noun === 'alerts' && more === 'actions';
    const given = request.method === 'GET' || acts ? {} : await body(request);
    const managed = acts ? null : manage.answer(request.method, [noun, id, more, ...rest], given);
    if (managed) {
      if (managed.body !== undefined) return json(response, managed.status, managed.body);
      response.writeHead(managed.status);
      return response.end();
    }
    if (path === 'changes') return listChanges(response, params);
    if (path === 'overview') return json(response, 200, overview(params.get('cloud')));
    if (path === 'stream') return openStream(request, response);
    if (path === 'samples') {
      const to = Math.min(Date.now(), time(params.get('to'), Date.now()));
      const until = silent ? Math.min(to, silent) : to;
      return json(response, 200, {
        series: samples(
          world,
          params.get('metric'),
          params.get('host'),
          Math.max(world.start, time(params.get('from'), to - 36e5)),
          until,
        ),
      });
    }
    if (path === 'logs/tail') return logs.openTail(request, response, params);
    if (path === 'logs/export') {
      const total = params.get('format') === 'csv' ? '1234567' : '1';
      response.writeHead(200, { 'content-type': 'text/plain', 'x-total-count': total });
      return response.end('one line\n');
    }
    if (path === 'logs/search' && slow > 0) {
      const left = await new Promise((done) => {
        const timer = setTimeout(() => done(false), slow);
        response.on('close', () => {
          clearTimeout(timer);
          done(true);
        });
      });
      if (left) return void (counts.left += 1);
    }
    if (path.startsWith('logs/')) {
      const answer = logs.answer(path.slice(5), params, time);
      if (answer === null) return show(response, null);
      return typeof answer === 'string'
        ? fail(response, 400, 'invalid', answer)
        : json(response, 200, answer);
    }
    if (path === 'alerts') return listAlerts(response, params);
    if (path === 'alert-rows') return listRows(response, params);
    if (path === 'alert-history') {
      const [from, to] = [time(params.get('from'), Date.now() - 864e5), time(params.get('to'), Date.now())];
      return json(
        response,
        200,
        turns(
          meant(params, ['open', 'ack', 'shelved', 'closed']),
          from,
          to,
          Number(params.get('buckets') ?? 60),
        ),
      );
    }
    if (path === 'alert-owners') return json(response, 200, alerts.owners);
    if (path === 'alert-actions') return actOnMany(response, given);
    if (path === 'uptime') return json(response, 200, cloud.uptime(time(params.get('from'), 0)));
    if (noun === 'instances') return show(response, cloud.story(id));
    if (noun === 'alerts' && more === 'actions') {
      const alert = world.alerts.find((one) => one.id === id);
      const asked = await body(request);
      const wrong = alerts.refusal(asked);
      if (wrong) return fail(response, 400, 'invalid', wrong);
      alerts.act(alert, asked);
      return json(response, 200, alert);
    }
    if (noun === 'alerts') return show(response, alerts.detail(id));
    if (noun === 'nodes' && id) {
      const node = world.nodes.find((one) => one.host === id);
      return node
        ? json(response, 200, { ...node, planned: manage.quiet.plannedOf(node) })
        : fail(response, 404, 'not_found', `there is no node ${id}`);
    }
    return fail(response, 404, 'not_found', `there is no ${path}`);
  }

  const show = (response, found) =>
    found ? json(response, 200, found) : fail(response, 404, 'not_found', 'there is no such thing');

  async function gnocchi(request, response, path, params) {
    if (!tokens.has((request.headers.authorization ?? '').replace('Bearer ', '')))
      return fail(response, 401, 'unauthorized', 'log in');
    const given = request.method === 'POST' ? await body(request) : {};
    return show(response, cloud.gnocchi(path.split('/').map(decodeURIComponent), params, given));
  }

  function prometheus(request, response, path, params) {
    if (!tokens.has((request.headers.authorization ?? '').replace('Bearer ', '')))
      return fail(response, 401, 'unauthorized', 'log in');
    if (path === 'label/__name__/values')
      return json(response, 200, { status: 'success', data: Object.keys(GAUGES) });
    if (path === 'labels')
      return json(response, 200, { status: 'success', data: ['__name__', 'host', 'service'] });
    if (path === 'status/tsdb')
      return json(response, 200, { status: 'success', data: usageOf(world.nodes.length) });
    if (path.startsWith('label/')) {
      const data = path === 'label/host/values' ? world.nodes.map((node) => node.host) : ['nova-api'];
      return json(response, 200, { status: 'success', data });
    }
    if (path === 'query') return json(response, 200, instant(params.get('query')));
    const expression = params.get('query').replace(/^\{resource_id=.*\}$/, 'host_load1');
    const metric = Object.keys(GAUGES).find((name) => expression.includes(name));
    // What a collector that is not there would give.
    if (!metric && /\b(rabbitmq|mysql|memcached|haproxy|openstack|ceph|pg|ovs)_/.test(expression))
      return json(response, 200, { status: 'success', data: { resultType: 'matrix', result: [] } });
    if (!metric)
      return json(response, 400, {
        status: 'error',
        errorType: 'bad_data',
        error: `invalid parameter "query": 1:1: parse error: unknown metric in ${expression}`,
      });
    const [from, to] = ['start', 'end'].map((name) => Number(params.get(name)) * 1000);
    const host = /host="([^"]+)"/.exec(expression)?.[1] ?? '';
    const result = samples(world, metric, host, Math.max(world.start, from), to).map(
      ({ labels, points }) => ({
        metric: { __name__: metric, ...labels },
        values: points.map(([at, value]) => [at / 1000, String(value)]),
      }),
    );
    return json(response, 200, { status: 'success', data: { resultType: 'matrix', result } });
  }

  const control = {
    counts: () => counts,
    expire: () => tokens.clear(),
    forget: () => {
      tokens.clear();
      cookies.clear();
    },
    life: ({ seconds }) => {
      life = Number(seconds);
    },
    silence: () => {
      silent = Date.now() - 60_000;
    },
    speak: () => {
      silent = false;
    },
    restart: () => {
      epoch = randomBytes(4).toString('hex');
      for (const stream of streams) stream.destroy();
    },
    log: ({ text }) => logs.add(text),
    giant: ({ bytes }) => ({ id: logs.giant(Number(bytes)) }),
    slow: ({ ms }) => {
      slow = Number(ms);
    },
    flood: ({ lines }) => logs.flood(Number(lines)),
    /** Many that are told, one after the other. */
    storm: ({ from, count }) => {
      for (let n = Number(from); n < Number(from) + Number(count); n += 1)
        control.raise({ text: `storm of ${n}`, severity: 'minor', host: `h${n}` });
    },
    /** Many live alerts, quietly. */
    crowd: ({ alerts }) => {
      const now = Date.now();
      for (let i = 0; i < Number(alerts); i += 1)
        world.alerts.push({
          ...world.alerts[1],
          id: `crowd-${i}`,
          host: `host-${i % 20}`,
          service: ['nova-compute'],
          event: `Bench${i % 7}`,
          severity: 'warning',
          status: 'open',
          text: `alert ${i} of host-${i % 20}`,
          duplicateCount: 0,
          cause: '',
          createTime: iso(now - i),
        });
    },
    hang: ({ on }) => {
      hanging = on === '1';
      if (hanging) for (const stream of streams) stream.destroy();
    },
    quiet: () => {
      world.alerts.length = 0;
      for (const node of world.nodes)
        for (const one of node.services)
          if (one.status === 'down') Object.assign(one, { status: 'up', alert_id: null });
    },
    raise: ({
      text,
      host = 'compute2',
      service = 'nova-compute',
      severity = 'critical',
      cause = '',
      owner = '',
      isa,
    }) => {
      const now = iso(Date.now());
      const alert = {
        ...world.alerts[0],
        id: `m-${randomBytes(3).toString('hex')}`,
        host,
        service: [service],
        severity,
        status: 'open',
        ...(isa && inState(isa, severity)),
        owner,
        text,
        duplicateCount: 0,
        cause,
        createTime: now,
        receiveTime: now,
        lastReceiveTime: now,
        updateTime: now,
        resource: `${host}/${service}`,
        history: [
          {
            time: now,
            type: 'new',
            severity,
            status: 'open',
            event: 'ServiceDown',
            value: 'down',
            text,
            user: '',
          },
        ],
      };
      world.alerts.push(alert);
      const state = world.nodes
        .find((node) => node.host === host)
        ?.services.find((one) => one.service === service);
      if (state) Object.assign(state, { status: 'down', since: now, pid: 0, alert_id: alert.id });
      tell('alert', { ...brief(alert), transition: 'opened' });
      if (state) tell('state', { host, service, status: 'down', since: now });
      return { id: alert.id };
    },
  };

  function file(response, path) {
    const wanted = normalize(join(DIST, path));
    const found =
      wanted.startsWith(DIST) && existsSync(wanted) && statSync(wanted).isFile()
        ? wanted
        : join(DIST, 'index.html');
    response.writeHead(200, {
      'content-type': TYPES[extname(found)] ?? 'application/octet-stream',
      'content-security-policy': CSP,
      'x-content-type-options': 'nosniff',
    });
    createReadStream(found).pipe(response);
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://mock');
    if (hanging && !url.pathname.startsWith('/__mock/')) return void request.destroy();
    if (origins.includes(request.headers.origin)) {
      response.setHeader('access-control-allow-origin', request.headers.origin);
      response.setHeader('access-control-allow-methods', 'GET, POST, PUT, DELETE');
      response.setHeader('access-control-allow-headers', 'authorization, content-type, last-event-id');
    }
    if (request.method === 'OPTIONS') {
      response.writeHead(204);
      response.end();
      return;
    }
    const answer = async () => {
      if (url.pathname.startsWith('/api/v1/'))
        return api(request, response, url.pathname.slice(8), url.searchParams);
      if (url.pathname === '/alerta/alert') {
        const { text, service, resource } = await body(request);
        return json(response, 201, control.raise({ text, service: service[0], host: resource }));
      }
      if (url.pathname.startsWith('/prometheus/api/v1/'))
        return prometheus(request, response, url.pathname.slice(19), url.searchParams);
      if (url.pathname.startsWith('/gnocchi/v1/'))
        return gnocchi(request, response, url.pathname.slice(12), url.searchParams);
      if (url.pathname.startsWith('/__mock/'))
        return json(
          response,
          200,
          control[url.pathname.slice(8)](Object.fromEntries(url.searchParams)) ?? {},
        );
      return file(response, url.pathname);
    };
    answer().catch((error) => fail(response, 500, 'internal', String(error)));
  });
  // A connection that is closed just when a slow machine uses it again would be a failure of nobody's.
  server.keepAliveTimeout = 120_000;
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      for (const stream of streams) stream.destroy();
      server.closeAllConnections?.();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: Number(process.argv[2] ?? 8421) });
  console.log(`mock server: ${mock.url}/login#first-link (or admin / correct horse battery)`);
}
