// The mock server's silences and planned work: making them, and what they hide now.
import { randomBytes } from 'node:crypto';
import { iso } from './mock_data.mjs';

const id = () => randomBytes(6).toString('hex');
const ok = (body, status = 200) => ({ status, body });
const bad = (status, message) => ({
  status,
  body: { error: { code: 'invalid', message, request_id: 'mock' } },
});

const SPAN = { m: 6e4, h: 36e5, d: 864e5 };
function end(body, starts) {
  if (body.ends) return Date.parse(body.ends);
  const [, n, unit] = /^(\d+)([mhd])$/.exec(body.duration ?? '') ?? [];
  return n ? starts + Number(n) * SPAN[unit] : NaN;
}

function holds(alert, { name, value, isRegex = false, isEqual = true }) {
  const labels = { ...alert, service: alert.service[0] ?? '', rule: alert.ruleId };
  const have = String(labels[name] ?? '');
  const hit = isRegex ? new RegExp(`^(?:${value})$`).test(have) : have === value;
  return hit === isEqual;
}

/** `audit`: told of what was made or changed. */
export function makeQuiet(world, { user, audit }) {
  const quiet = new Map();
  const live = () => world.alerts.filter((alert) => alert.status !== 'closed');
  const all = (items) => ok({ items, total: items.length });

  function stated(item) {
    const here = Date.now();
    const state =
      here < Date.parse(item.starts) ? 'pending' : here < Date.parse(item.ends) ? 'active' : 'expired';
    return { ...item, state };
  }

  function policy(kind, method, key, body) {
    const mine = [...quiet.values()].filter((one) => (one.kind === 'silence') === (kind === 'silence'));
    if (method === 'GET') return all(mine.map(stated));
    if (method === 'DELETE') return quiet.delete(key) ? ok(undefined, 204) : bad(404, 'no such silence');
    const starts = body.starts ? Date.parse(body.starts) : Date.now();
    const ends = end(body, starts);
    if (!body.reason) return bad(400, 'reason: is missing');
    if (Number.isNaN(ends)) return bad(400, 'ends: is missing');
    const { matchers, reason, recurrence } = body;
    const item = {
      id: key ?? id(),
      kind: kind === 'silence' ? kind : (body.kind ?? 'maintenance'),
      starts: iso(starts),
      ends: iso(ends),
      created: iso(Date.now()),
      created_by: user.name,
      matchers,
      reason,
      ...(recurrence ? { recurrence } : {}),
    };
    quiet.set(item.id, item);
    audit(method, kind, reason);
    return ok(stated(item), key ? 200 : 201);
  }

  function preview({ matchers }) {
    const hit = live().filter((alert) => matchers.every((one) => holds(alert, one)));
    const everything = matchers.every((one) => holds({ service: [] }, one));
    return {
      alerts: hit.map(({ evidence, history, ...rest }) => rest),
      total: hit.length,
      live: live().length,
      hides_everything: everything,
    };
  }

  /** When the last of what hides the alert now ends; 0 = nothing does. */
  const mutedUntil = (alert) =>
    Math.max(
      0,
      ...[...quiet.values()]
        .filter((one) => stated(one).state === 'active' && one.matchers.every((each) => holds(alert, each)))
        .map((one) => Date.parse(one.ends)),
    );

  /** The work that the whole node is under now. */
  const plannedOf = ({ host }) =>
    [...quiet.values()].find(
      (one) =>
        one.kind !== 'silence' &&
        stated(one).state === 'active' &&
        one.matchers.every((each) => holds({ host, service: [] }, each)),
    )?.kind ?? '';

  return { policy, preview, mutedUntil, plannedOf };
}
