// The mock server's teams, rotas, settings of alerting, and notes that are put right afterwards.
import { randomBytes } from 'node:crypto';
import { iso } from './mock_data.mjs';

const id = () => randomBytes(6).toString('hex');
const ok = (body, status = 200) => ({ status, body });
const bad = (status, message) => ({
  status,
  body: { error: { code: 'invalid', message, request_id: 'mock' } },
});
const MATCHER = /^[A-Za-z_][\w.-]*(=~|!~|!=|=).+$/;

export function makeTeams(world, { user }) {
  const teams = new Map();
  const rotas = [{ id: 'r1', name: 'storage nights', kind: 'rota', state: 'active', members: [] }];
  let alerting = { group_by: ['environment', 'event'], trial: '168h', no_page: [], report: null };

  function team(method, key, body) {
    if (method === 'GET' && !key) return ok({ items: [...teams.values()], total: teams.size });
    if (key && !teams.has(key)) return bad(404, 'no such team');
    if (method === 'DELETE') {
      teams.delete(key);
      return ok(undefined, 204);
    }
    const made = {
      kind: 'team',
      state: 'active',
      starts: iso(Date.now()),
      ends: null,
      created: iso(Date.now()),
      created_by: user.name,
      ...body,
      id: key ?? id(),
    };
    teams.set(made.id, made);
    return ok(made, key ? 200 : 201);
  }

  function settings(method, body) {
    if (method === 'PUT') {
      const wrong = body.no_page.find((one) => !MATCHER.test(one));
      if (wrong) return bad(400, `"${wrong}" is no matcher: name="value", !=, =~ or !~ expected`);
      alerting = body;
    }
    return ok(alerting);
  }

  function note(method, alertId, time, body) {
    const alert = world.alerts.find((one) => one.id === alertId);
    const found = alert?.history.find((entry) => entry.type === 'note' && entry.time === time);
    if (!found) return bad(404, 'the alert has no such note');
    if (method === 'PUT') found.text = body.text;
    else alert.history.splice(alert.history.indexOf(found), 1);
    return ok(alert);
  }

  /** The answer to a call, or null when it is none of these. */
  return function answer(method, [noun, key, more, rest], body) {
    if (noun === 'teams') return team(method, key, body);
    if (noun === 'rotas') return ok({ items: rotas, total: rotas.length });
    if (noun === 'alerting') return settings(method, body);
    if (noun === 'alerts' && more === 'notes') return note(method, key, rest, body);
    return null;
  };
}
