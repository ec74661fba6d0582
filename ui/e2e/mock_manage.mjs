// The mock server's part for the pages that arrange things: silences, channels, rules, boards, people, keys ... kept in
// memory, in the API's shapes.
import { randomBytes } from 'node:crypto';
import { iso } from './mock_data.mjs';
import { makeQuiet } from './mock_quiet.mjs';
import { makeTeams } from './mock_teams.mjs';

const id = () => randomBytes(6).toString('hex');
const SECRETS = ['secret', 'url', 'password', 'bearer_token', 'routing_key', 'api_key', 'token'];

const RULE = `id: openstack-service-down
kind: binary
event: ServiceDown
summary: a service that was running is gone
tier: page
owner: cloud
check: {process: "nova-*"}
playbook: |
  Look at the last lines of its log.
`;

export function makeManage(world, { user }) {
  const now = Date.now();
  const channels = new Map();
  const teams = makeTeams(world, { user });
  const deliveries = new Map();
  const boards = new Map();
  const people = new Map([
    ['u1', { id: 'u1', name: user.name, role: 'admin', server_admin: true, created: iso(now - 864e5) }],
  ]);
  const keys = new Map();
  const clouds = new Map([['c1', { id: 'c1', name: 'lab', location: '' }]]);
  const agents = ['controller', 'compute1', 'compute2'].map((host, i) => ({
    id: `g${i}`,
    host,
    version: '0.1.0',
    created: iso(now - 864e5),
    revoked: false,
    settings_version: 2 * i,
    settings_problem: '',
  }));
  const sessions = new Map([
    [
      's1',
      { id: 's1', client: 'Mozilla/5.0 (X11; Linux)', rotated: iso(now - 6e4), expires: iso(now + 864e5) },
    ],
    ['s2', { id: 's2', client: 'curl/7.88', rotated: iso(now - 36e5), expires: iso(now + 864e5) }],
  ]);
  const rules = new Map(
    [
      [RULE, true, 'binary', 'ServiceDown', 'page', 'a service that was running is gone'],
      [
        RULE.replace('openstack-service-down', 'no-valid-host'),
        true,
        'tailable',
        'NoValidHost',
        'ticket',
        'no host for a new instance',
      ],
      [
        RULE.replace('openstack-service-down', 'cpu-saturated'),
        false,
        'gauge',
        'CpuSaturated',
        'ticket',
        'the CPU is at its end',
      ],
    ].map(([yaml, enabled, kind, event, tier, summary]) => {
      const name = /id: (\S+)/.exec(yaml)[1];
      return [
        name,
        {
          id: name,
          enabled,
          builtin: true,
          version: 1,
          updated: iso(now - 864e5),
          updated_by: '',
          yaml,
          kind,
          event,
          tier,
          summary,
          owner: 'cloud',
        },
      ];
    }),
  );

  const ok = (body, status = 200) => ({ status, body });
  const bad = (status, message) => ({
    status,
    body: { error: { code: 'invalid', message, request_id: 'mock' } },
  });
  const all = (items) => ok({ items: [...items], total: [...items].length });
  const live = () => world.alerts.filter((alert) => alert.status !== 'closed');

  function audit(method, noun, name) {
    const verb = { POST: 'made', PUT: 'changed', DELETE: 'removed' }[method];
    world.changes.unshift({
      id: id(),
      type: `audit.${noun}.${verb}`,
      time: iso(Date.now()),
      host: '',
      service: '',
      summary: `${user.name} ${verb} ${noun} ${name}`,
      origin: 'api',
    });
  }

  const quiet = makeQuiet(world, { user, audit });

  function masked(channel) {
    const settings = Object.fromEntries(
      Object.entries(channel.settings).map(([name, value]) => [
        name,
        SECRETS.includes(name) && !(name === 'url' && channel.kind === 'webhook') ? '***' : value,
      ]),
    );
    return { ...channel, settings };
  }

  function channel(method, key, more, body) {
    if (method === 'GET' && !key) return all([...channels.values()].map(masked));
    const found = channels.get(key);
    if (key && !found) return bad(404, 'no such channel');
    if (more === 'test') {
      const fails = String(found.settings.url ?? '').includes('127.0.0.1:9');
      deliveries.get(key).unshift({
        id: id(),
        channel: found.name,
        alert_id: '',
        transition: 'opened',
        state: fails ? 'failed' : 'delivered',
        attempts: 1,
        created: iso(Date.now()),
        delivered: fails ? null : iso(Date.now()),
        last_error: fails ? 'connection refused' : '',
      });
      return ok({ ok: !fails, detail: fails ? 'connect to 127.0.0.1:9: connection refused' : '200 OK' });
    }
    if (more === 'deliveries') return all(deliveries.get(key));
    if (method === 'DELETE') {
      channels.delete(key);
      return ok(undefined, 204);
    }
    if (!body.name) return bad(400, 'name: is missing');
    const made = { ...body, id: key ?? id() };
    channels.set(made.id, made);
    if (!key) deliveries.set(made.id, []);
    return ok(masked(made), key ? 200 : 201);
  }

  const idOf = (yaml) => /^id:\s*(\S+)/m.exec(yaml)?.[1];
  const findings = (yaml) =>
    /playbook/.test(yaml)
      ? []
      : [
          {
            code: 'H1',
            name: 'no playbook',
            level: 'warning',
            rule_id: idOf(yaml) ?? '',
            text: 'nobody is told what to do',
            pages_saved_per_week: 0,
            action: '',
            evidence: [],
          },
        ];

  function backtest(body) {
    const one = {
      episodes: 2,
      pages: 1,
      still_open: 0,
      longest: '7m',
      total: '9m',
      samples: 0,
      records: 40,
      by_host: [{ host: 'compute1', episodes: 2 }],
      notes: [],
      list: [
        {
          event: 'ServiceDown',
          resource: 'compute1/nova-compute',
          host: 'compute1',
          severity: 'critical',
          tier: 'page',
          begin: iso(now - 36e5),
          end: iso(now - 35e5),
        },
      ],
    };
    const stored = rules.has(body.rule_id);
    return ok({
      from: iso(now - body.days * 864e5),
      to: iso(now),
      ...(body.yaml ? { new: one } : {}),
      ...(stored ? { old: one, only_new: 0, only_old: 0 } : {}),
    });
  }

  const former = new Map();
  const versionOf = ({ version, updated, updated_by, enabled, yaml }) => ({
    version,
    updated,
    updated_by,
    enabled,
    yaml,
  });
  const keepVersion = (found) => former.set(found.id, [versionOf(found), ...(former.get(found.id) ?? [])]);

  function rule(method, key, more, body) {
    if (key === 'lint')
      return all(
        [...rules.values()].flatMap((one) =>
          one.enabled
            ? []
            : [
                {
                  code: 'H7',
                  name: 'off',
                  level: 'hint',
                  rule_id: one.id,
                  text: 'switched off for a day',
                  pages_saved_per_week: 0.4,
                  action: 'enable',
                  evidence: [],
                },
              ],
        ),
      );
    if (key === 'report' && more === 'send')
      return ok({ sent: [{ team: '', text: '', channels: ['mail'] }] });
    if (key === 'report' && more === 'weeks')
      return ok({
        people: 4,
        items: Array.from({ length: 8 }, (_, index) => ({
          from: iso(Date.now() - (8 - index) * 7 * 864e5),
          episodes: 40 - 4 * index,
          pages: 10 - index,
          per_person: 10 - index,
          acted_share: 0.5 + index / 20,
          median_seconds_until_taken: index === 0 ? null : 600 - 60 * index,
          median_seconds_until_over: 3600,
        })),
      });
    if (key === 'report')
      return ok({
        from: iso(now - 6048e5),
        to: iso(now),
        text: '',
        teams: [
          {
            team: 'cloud',
            episodes: 4,
            pages: 3,
            night_pages: 1,
            pages_per_day: 0.4,
            acted_share: 0.5,
            median_length: '7m',
            rules: [
              {
                rule_id: 'openstack-service-down',
                episodes: 4,
                acted: 2,
                pages: 3,
                night_pages: 1,
                messages: 5,
                cost_minutes: 75,
                attention_score: 0.65,
                deductions: [{ reason: 'nobody acted', by: 0.35 }],
              },
            ],
          },
        ],
      });
    if (key === 'check') {
      if (!idOf(body.yaml)) return bad(400, 'yaml: line 1: id is missing');
      return ok({ id: idOf(body.yaml), rules: [], findings: findings(body.yaml) });
    }
    if (key === 'backtest') return backtest(body);
    if (method === 'GET' && !key) return all(rules.values());
    if (method === 'POST' && !key) {
      const name = idOf(body.yaml);
      if (rules.has(name)) return bad(409, `there is a rule ${name} already`);
      rules.set(name, {
        id: name,
        enabled: true,
        builtin: false,
        version: 1,
        updated: iso(Date.now()),
        updated_by: user.name,
        yaml: body.yaml,
        kind: 'gauge',
        event: 'MyEvent',
        tier: 'ticket',
        summary: /summary: (.*)/.exec(body.yaml)?.[1] ?? '',
        owner: 'me',
      });
      audit('POST', 'rules', name);
      return ok(rules.get(name), 201);
    }
    const found = rules.get(key);
    if (!found) return bad(404, 'no such rule');
    if (more === 'instances')
      return all([
        {
          rule_id: key,
          state: 'firing',
          severity: 'critical',
          host: 'compute1',
          service: 'nova-compute',
          resource: 'compute1/nova-compute',
          value: 'down',
          since: iso(world.broke),
          last_heard: iso(now),
          labels: {},
        },
      ]);
    if (more === 'versions') return all([versionOf(found), ...(former.get(key) ?? [])]);
    if (more === 'actions' && body.action.startsWith('restore:')) {
      const wanted = former.get(key)?.find((one) => `restore:${one.version}` === body.action);
      if (!wanted) return bad(404, 'there is no such former version');
      keepVersion(found);
      Object.assign(found, { yaml: wanted.yaml, version: found.version + 1 });
      return ok(found);
    }
    if (more === 'actions') {
      found.enabled = body.action !== 'disable';
      found.version += 1;
      return ok(found);
    }
    if (method === 'PUT') {
      if (body.version !== found.version) return bad(409, `rule ${key} is at version ${found.version}`);
      keepVersion(found);
      Object.assign(found, {
        yaml: body.yaml,
        enabled: body.enabled,
        version: found.version + 1,
        updated: iso(Date.now()),
        updated_by: user.name,
      });
    }
    if (method === 'DELETE') {
      rules.delete(key);
      return ok(undefined, 204);
    }
    return ok(found);
  }

  const links = new Map();
  function link(method, key, body) {
    if (method === 'POST') {
      const kept = { code: `code${links.size}`, path: body.path };
      links.set(kept.code, kept);
      return ok(kept, 201);
    }
    return links.has(key) ? ok(links.get(key)) : bad(404, 'no such short link');
  }

  function board(method, key, body) {
    if (method === 'GET' && !key) return all(boards.values());
    const found = boards.get(key);
    if (key && !found) return bad(404, 'no such board');
    if (method === 'DELETE') {
      boards.delete(key);
      return ok(undefined, 204);
    }
    if (method === 'GET') return ok(found);
    if (found && body.version !== found.version) return bad(409, 'the board is at another version now');
    const made = {
      id: key ?? id(),
      owner: user.name,
      shared: false,
      ...found,
      ...body,
      version: (found?.version ?? 0) + 1,
      updated: iso(Date.now()),
      updated_by: user.name,
    };
    boards.set(made.id, made);
    return ok(made, key ? 200 : 201);
  }

  /** Things that are made, changed and removed by id, with nothing special to them. */
  function plain(store, method, key, body, extra = () => ({})) {
    if (method === 'GET') return all(store.values());
    if (method === 'DELETE') return store.delete(key) ? ok(undefined, 204) : bad(404, 'no such thing');
    const { password, ...rest } = body;
    const made = { ...store.get(key), ...rest, id: key ?? id() };
    store.set(made.id, { created: iso(Date.now()), ...made });
    return ok({ ...store.get(made.id), ...extra() }, key ? 200 : 201);
  }

  function surroundings(alert) {
    const member = (host, status = 'up') => ({ host, status, since: iso(world.broke), alert_id: null });
    return {
      cause: null,
      symptoms: live()
        .filter((one) => one !== alert && one.host === alert.host)
        .map(({ evidence, history, ...rest }) => rest),
      symptoms_total: 0,
      needs: [
        {
          service: 'rabbitmq',
          why: 'passes messages through it',
          total: 1,
          members: [member('controller', 'down')],
        },
        {
          service: 'nova-conductor',
          why: 'writes to the database through it',
          total: 1,
          members: [member('controller')],
        },
      ],
      needed_by: alert.service[0]
        ? []
        : [{ service: 'nova-compute', why: 'runs on it', total: 1, members: [member(alert.host)] }],
    };
  }

  function told(alert) {
    const raised = Date.parse(alert.createTime);
    const base = { created: iso(raised + 200), transition: 'opened' };
    const paged = alert.severity === 'critical';
    return {
      told_with: '',
      why_not_notified:
        alert.status === 'ack'
          ? [{ stage: 'acknowledged', id: '', text: 'somebody has it in hand', until: null }]
          : [],
      receivers: { by: 'team', name: 'cloud-ops', channels: ['slack-oncall', 'mail'] },
      next_notification_at: alert.status === 'open' ? iso(raised + 36e5) : null,
      next_is: 'reminder',
      deliveries: paged
        ? [
            {
              ...base,
              channel: 'slack-oncall',
              state: 'delivered',
              attempts: 1,
              delivered: iso(raised + 440),
              last_error: '',
            },
            {
              ...base,
              channel: 'mail',
              state: 'failed',
              attempts: 2,
              delivered: null,
              last_error: '451 4.7.1 greylisted, try again later',
            },
          ]
        : [],
      attempts: paged
        ? [
            {
              delivery_id: 'd1',
              channel: 'slack-oncall',
              attempt: 1,
              time: iso(raised + 240),
              took_ms: 240,
              ok: true,
              answer: 'ok',
            },
            {
              delivery_id: 'd1',
              channel: 'mail',
              attempt: 1,
              time: iso(raised + 260),
              took_ms: 90,
              ok: false,
              answer: '451 4.7.1 greylisted',
            },
          ]
        : [],
    };
  }

  const status = () => ({
    version: '0.1.0',
    epoch: 'mock',
    started: iso(world.start),
    intake: {
      batches: 4200,
      duplicates: 3,
      samples: 1_200_000,
      log_records: 48_000,
      events: 90,
      reports: 600,
      refused: 0,
      last_offset: 4200,
      applied_offset: 4199,
    },
    stores: {
      series: { series: 812, samples_in_head: 9000, bytes_on_disk: 5_000_000 },
      logs: { records: 48_000, bytes_on_disk: 2_000_000, oldest: iso(world.start) },
    },
    journal_bytes: 9_000_000,
  });

  const page = { public: false, title: '', path: null };
  function statusPage(method, { public: shown, title = '' }) {
    if (method === 'PUT') {
      if (shown && !page.path) page.path = `/public/${id()}${id()}`;
      if (!shown) page.path = null;
      Object.assign(page, { public: shown, title });
    }
    return ok(page);
  }

  /** The answer to a call, or null when it is none of these. */
  function answer(method, [noun, key, more, ...rest], body) {
    const ofTeams = teams(method, [noun, key, more, ...rest], body);
    if (ofTeams) return ofTeams;
    if (noun === 'status-page') return statusPage(method, body);
    if (noun === 'silences' && key === 'preview') return ok(quiet.preview(body));
    if (noun === 'silences') return quiet.policy('silence', method, key, body);
    if (noun === 'maintenances') return quiet.policy('maintenance', method, key, body);
    if (noun === 'channels') return channel(method, key, more, body);
    if (noun === 'rules') return rule(method, key, more, body);
    if (noun === 'boards') return board(method, key, body);
    if (noun === 'links') return link(method, key, body);
    if (noun === 'users') return plain(people, method, key, body, () => ({ server_admin: false }));
    if (noun === 'keys')
      return plain(
        keys,
        method,
        key,
        method === 'POST' ? { expires: null, last_used: null, ...body } : body,
        () => ({ key: id() }),
      );
    if (noun === 'clouds') return plain(clouds, method, key, body);
    if (noun === 'sessions') return plain(sessions, method, key, body);
    if (noun === 'account-key') return ok({ account_key: id() });
    if (noun === 'agents') return all(agents);
    if (noun === 'enrolment-tokens')
      return ok(
        { token: id(), expires: iso(Date.now() + 18e5), certificate_sha256: 'c0ffee'.padEnd(64, '0') },
        201,
      );
    if (noun === 'status') return ok(status());
    if (path(noun, key) === 'logs/retention')
      return ok({
        max_age_seconds: 2_592_000,
        max_bytes: null,
        limits: [],
        services: [
          { service: 'nova-compute', raw_bytes: 9e6, bytes: 8e5, oldest: iso(world.start), newest: iso(now) },
        ],
      });
    if (noun === 'alerts' && (more === 'surroundings' || more === 'notifications')) {
      const alert = world.alerts.find((one) => one.id === key);
      if (!alert) return bad(404, 'no such alert');
      return ok(more === 'surroundings' ? surroundings(alert) : told(alert));
    }
    if (noun === 'nodes' && key && method === 'PUT') {
      const node = world.nodes.find((one) => one.host === key);
      node.cloud = clouds.get(body.cloud_id)?.name ?? '';
      return ok({ ...node, planned: quiet.plannedOf(node) });
    }
    if (noun === 'nodes' && key && method === 'DELETE') {
      world.nodes.splice(0, world.nodes.length, ...world.nodes.filter((one) => one.host !== key));
      return ok(undefined, 204);
    }
    if (noun === 'changes' && method === 'POST') {
      const made = { id: id(), time: iso(Date.now()), host: '', service: '', origin: 'api', ...body };
      world.changes.unshift(made);
      return ok(made, 201);
    }
    return null;
  }
  const enabled = () => [...rules.values()].filter((one) => one.enabled).length;
  return { answer, quiet, page, enabled };
}

const path = (...parts) => parts.filter(Boolean).join('/');
