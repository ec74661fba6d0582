// The mock server's part for one alert: what its page shows, and what people do to it.
import { iso } from './mock_data.mjs';

const AFTER = {
  ack: 'ack',
  unack: 'open',
  shelve: 'shelved',
  unshelve: 'open',
  close: 'closed',
  open: 'open',
};
/** Of ISA 18.2: each status by its state, as the server has it. */
const STATUSES = {
  ...{ NORM: 'closed', UNACK: 'open', ACKED: 'ack', RTNUN: 'closed' },
  ...{ SHLVD: 'shelved', DSUPR: 'blackout', OOSRV: 'blackout' },
};
const STATES = { open: 'UNACK', ack: 'ACKED', shelved: 'SHLVD', closed: 'NORM' };
/** What an alarm's state makes of its status and severity. */
export const inState = (alarmState, severity) => ({
  alarmState,
  status: STATUSES[alarmState],
  severity: alarmState === 'NORM' || alarmState === 'RTNUN' ? 'normal' : severity,
});
/** To whom alerts may be given. */
const OWNERS = { people: ['admin', 'ana', 'bob'], teams: ['storage'] };
/** Alerts about a node as a whole are those of a number. */
const thresholdOf = (alert) =>
  alert.service[0]
    ? null
    : {
        expression: `max by (host) (host_filesystem_used_ratio{host="${alert.host}"})`,
        compare: '>',
        season: false,
        labels: { host: alert.host },
        levels: [
          { severity: 'warning', set: 0.85, clear: 0.8 },
          { severity: 'critical', set: 0.95, clear: 0.9 },
        ],
      };
const SCALE = ['critical', 'major', 'minor', 'warning', 'indeterminate', 'informational', 'normal'];
const KEYS = {
  severity: (alert) => SCALE.indexOf(alert.severity),
  age: (alert) => -Date.parse(alert.createTime),
  times: (alert) => alert.duplicateCount,
  service: (alert) => alert.service[0] ?? '',
};
/** Compares two alerts as the list sorts them: by a column, backwards with a "-" before it, the newest first among equals. */
export function inOrder(sort) {
  const [, back, column] = /^(-?)(\w+)$/.exec(sort);
  const key = KEYS[column] ?? ((alert) => alert[column]);
  return (a, b) => {
    const order = key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
    return (back ? -order : order) || b.createTime.localeCompare(a.createTime);
  };
}
const brief = ({ evidence, history, ...alert }) => alert;

export function makeAlerts(world, { user, tell }) {
  const ownerOf = (asked) => (asked === 'me' ? user.name : asked === 'none' ? '' : asked);
  /** Why an action is not taken; undefined: it is. */
  function refusal({ action, owner }) {
    const known = ['', ...OWNERS.people, ...OWNERS.teams];
    if (action === 'assign' && !known.includes(ownerOf(owner)))
      return `"${owner}" is neither a person's login name nor a team's here`;
  }

  function act(alert, { action, text = '', timeout, owner }) {
    const over = alert.alarmState === 'RTNUN' && action === 'ack';
    const keeps = action === 'note' || action === 'assign';
    const next = over ? 'closed' : keeps ? alert.status : AFTER[action];
    const time = iso(Date.now());
    alert.status = next;
    if (alert.alarmState && !keeps) alert.alarmState = STATES[next];
    if (action === 'assign') alert.owner = ownerOf(owner);
    if (!keeps)
      Object.assign(alert, { updateTime: time, statusUntil: timeout ? iso(Date.now() + 2 * 36e5) : null });
    alert.history.push({
      time,
      type: action,
      severity: alert.severity,
      status: next,
      event: alert.event,
      value: '',
      text,
      user: user.name,
      ...(action === 'assign' && { owner: alert.owner }),
    });
    tell('alert', { ...brief(alert), transition: action });
  }

  /** Of the mock cloud, controller is where the broker runs. */
  const why = (change, alert) => {
    if (change.host === alert.host) return 'same host';
    if (change.host === 'controller' && alert.service[0]) return 'on a host it needs: rabbitmq';
    return change.host === '' ? 'whole cloud' : '';
  };
  const WHYS = ['same host', 'on a host it needs: rabbitmq', 'whole cloud'];
  const changesBefore = (alert, raised) =>
    world.changes
      .map((one) => ({ ...one, why: why(one, alert) }))
      .filter(
        (one) =>
          one.why !== '' &&
          Date.parse(one.time) <= raised + 1000 &&
          Date.parse(one.time) > raised - 7_200_000,
      )
      .sort((a, b) => WHYS.indexOf(a.why) - WHYS.indexOf(b.why) || b.time.localeCompare(a.time))
      .slice(0, 20);

  function detail(id) {
    const alert = world.alerts.find((one) => one.id === id);
    if (!alert) return null;
    const raised = Date.parse(alert.createTime);
    return {
      alert,
      previous: world.alerts
        .filter((one) => one !== alert && one.resource === alert.resource && one.status === 'closed')
        .map(brief),
      changes: changesBefore(alert, raised),
      deliveries:
        alert.severity === 'critical'
          ? [
              {
                channel: 'slack-oncall',
                state: 'delivered',
                attempts: 1,
                transition: 'opened',
                created: iso(raised + 200),
                delivered: iso(raised + 440),
                last_error: '',
              },
              {
                channel: 'mail',
                state: 'failed',
                attempts: 2,
                transition: 'opened',
                created: iso(raised + 200),
                delivered: null,
                last_error: '451 4.7.1 greylisted, try again later',
              },
            ]
          : [],
      threshold: thresholdOf(alert),
      series: alert.service[0]
        ? [
            'service_cpu_used_ratio',
            'service_memory_resident_bytes',
            'service_processes',
            'host_cpu_used_ratio',
          ]
        : ['host_filesystem_used_ratio', 'host_cpu_used_ratio'],
    };
  }

  return { act, detail, refusal, ownerOf, owners: OWNERS };
}
