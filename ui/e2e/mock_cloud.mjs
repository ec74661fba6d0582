// The mock server's cloud: uptimes, resources with their measures (Gnocchi's shapes), the story of an instance.
import { iso } from './mock_data.mjs';

const DAY = 864e5;
export const INSTANCE = '4f1c7c1e-3a0b-4c6e-9d55-0b6f2f3a9d10';
export const PROJECTS = ['0d5fa2b1c3e84f6f9a3b1c7d2e4f5a60', '7b1e4c9d2f3a4b5c8d6e7f8091a2b3c4'];
const GRANULARITIES = [
  ['0:01:00', 60],
  ['0:05:00', 300],
  ['1:00:00', 3600],
];

export function makeCloud(now, world) {
  /** From six in the morning on, so that it is of one day whatever the time is now. */
  const incident = (host, daysAgo, hours, alert_id = null) => {
    const begin = Math.floor(now / DAY) * DAY - daysAgo * DAY + 6 * 36e5;
    return { alert_id, host, from: iso(begin), to: iso(begin + hours * 36e5) };
  };

  function row(from, incidents, more = {}) {
    const within = incidents.filter((one) => one.to === null || Date.parse(one.to) >= from);
    const down = within.reduce(
      (sum, one) => sum + ((one.to === null ? Date.now() : Date.parse(one.to)) - Date.parse(one.from)) / 1000,
      0,
    );
    const all = (Date.now() - from) / 1000;
    return {
      uptime: Math.max(0, 1 - down / all),
      up_seconds: all - down,
      down_seconds: down,
      unknown_seconds: 0,
      planned_seconds: 0,
      known: [{ from: iso(Math.max(from, now - 40 * DAY)), to: iso(Date.now()) }],
      down_since: within.find((one) => one.to === null)?.from ?? null,
      budget_left_seconds: null,
      incidents: within,
      ...more,
    };
  }

  /** Without hosts and alerts, as strangers get it. */
  function publicStatus(title) {
    const { cloud, services, to } = uptime(now - 90 * DAY);
    const stateOf = (of) => (of.down_since ? 'trouble' : 'up');
    return {
      title,
      generated: to,
      days: 90,
      state: services.some((one) => one.down_since) ? 'trouble' : 'up',
      uptime: cloud.uptime,
      services: services.map((one) => ({
        service: one.service,
        state: stateOf(one),
        uptime: one.uptime,
        known: one.known,
        incidents: one.incidents.map((each) => ({ from: each.from, to: each.to })),
      })),
    };
  }

  function uptime(from) {
    const names = [
      ...new Set(world().nodes.flatMap((node) => node.services.map((one) => one.service))),
    ].sort();
    const services = names.map((service) => {
      const incidents =
        service === 'rabbitmq' ? [incident('controller', 12, 0.4), incident('controller', 33, 5)] : [];
      if (service === 'nova-compute')
        incidents.push({ alert_id: 'a-0001', host: 'compute1', from: iso(now - 6 * 6e4), to: null });
      return row(from, incidents, { service });
    });
    const nodes = world().nodes.map((node) => row(from, [], { host: node.host, cloud: node.cloud }));
    const every = services.flatMap((one) => one.incidents);
    const { incidents, ...whole } = row(from, every);
    const cloud = { ...whole, uptime: 1 - (1 - whole.uptime) / services.length, incidents: [] };
    return {
      from: iso(from),
      to: iso(Date.now()),
      cloud,
      clouds: [{ ...cloud, cloud: 'lab' }],
      services,
      nodes,
    };
  }

  const metricId = (resource, name) => `m-${resource.slice(0, 8)}-${name}`;
  const resources = Array.from({ length: 24 }, (_, i) => {
    const id = i === 0 ? INSTANCE : `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    const type = i % 3 === 2 ? 'volume' : 'instance';
    const names = type === 'volume' ? ['volume.size'] : ['cpu', 'memory.usage'];
    return {
      id,
      original_resource_id: id,
      type,
      display_name: `${type}-${i}`,
      ...(type === 'instance' && { host: `compute${1 + (i % 2)}` }),
      flavor_name: 'm1.small',
      project_id: PROJECTS[i % 2],
      user_id: 'ana',
      creator: 'admin',
      started_at: iso(now - (i + 1) * 36e5),
      ended_at: null,
      revision_start: iso(now - (i + 1) * 36e5),
      revision_end: null,
      metrics: Object.fromEntries(names.map((name) => [name, metricId(id, name)])),
    };
  });

  /** An hour of `cpu` has a hole of three minutes. */
  function measures(id, granularity) {
    const step = granularity * 1000;
    const begin = Math.floor((now - 6 * 36e5) / 36e5) * 36e5;
    const hole = begin + 2 * 36e5;
    const all = [];
    for (let at = begin; at + step <= now; at += step)
      if (!(granularity === 60 && at >= hole && at < hole + 180_000))
        all.push([iso(at), granularity, Math.round(50 + 40 * Math.sin(at / 3e6) + id.length)]);
    return all;
  }

  /** What a path under /gnocchi/v1/ answers; null = 404. */
  function gnocchi(path, params, given) {
    const [noun, first, second] = path;
    if (noun === 'resource_type')
      return ['generic', 'instance', 'volume'].map((name) => ({ name, attributes: {}, state: 'active' }));
    const ofType = (type) => resources.filter((one) => type === 'generic' || one.type === type);
    const hosts = given.and?.find((one) => one.in)?.in.host;
    if (noun === 'search' && hosts) return ofType(second).filter((one) => hosts.includes(one.host));
    if (noun === 'search') return ofType(second).filter((one) => one.project_id === given['=']?.project_id);
    if (noun === 'resource' && second) return resources.find((one) => one.id === second) ?? null;
    if (noun === 'resource') {
      const all = ofType(first);
      const after = all.findIndex((one) => one.id === params.get('marker')) + 1;
      return all.slice(after, after + Number(params.get('limit')));
    }
    if (noun === 'metric' && second === 'measures') return measures(first, Number(params.get('granularity')));
    if (noun === 'metric') {
      const found = resources.flatMap((one) => Object.entries(one.metrics)).find(([, id]) => id === first);
      if (!found) return null;
      const definition = GRANULARITIES.map(([granularity]) => ({
        granularity,
        points: 360,
        timespan: '6:00:00',
      }));
      return { id: first, name: found[0], unit: null, archive_policy: { name: 'low', definition } };
    }
    return null;
  }

  function story(id) {
    if (id !== INSTANCE) return null;
    const chapter = (before, act, text, host, more = {}) => ({
      time: iso(now - before),
      act,
      text,
      host,
      from: '',
      user_id: 'u-ana',
      user_name: 'ana',
      request_id: 'req-342cdd28-1024-49d6-a737-db2a8f67c1c6',
      event_id: `e-${before}`,
      failed: false,
      ...more,
    });
    return {
      id,
      name: 'web-1',
      host: 'compute2',
      state: 'active',
      flavor: 'm1.small',
      project_id: PROJECTS[0],
      created: iso(now - 36e5),
      deleted: null,
      chapters: [
        chapter(36e5, 'create', 'was created', 'compute1'),
        chapter(18e5, 'live_migration', 'was moved', 'compute2', { from: 'compute1' }),
        chapter(6e5, 'resize', 'could not be resized', 'compute2', { failed: true }),
      ],
    };
  }

  return { uptime, publicStatus, gnocchi, story };
}
