// The sample cloud: forty nodes that never were, on which a message broker has died. Made in the browser out of the clock and
// fixed numbers; nothing of it is on the server, so nobody is paged for it and deleting it leaves nothing behind.
import type {
  Alert,
  AlertHistory,
  ChangeEvent,
  EvidenceLine,
  LogRecord,
  NodeState,
  ServiceState,
  Severity,
} from '../api/types';

const kMinute = 60_000;
export const kSampleCloud = 'SAMPLE';
export const iso = (ms: number): string => new Date(ms).toISOString();

const kController = [
  'keystone',
  'glance-api',
  'placement-api',
  'nova-api',
  'nova-conductor',
  'nova-scheduler',
  'neutron-server',
  'cinder-api',
  'rabbitmq',
  'mariadb',
  'memcached',
];
const kGroups: readonly (readonly [string, number, readonly string[]])[] = [
  ['ctl', 3, kController],
  ['net', 2, ['neutron-l3-agent', 'neutron-dhcp-agent', 'neutron-openvswitch-agent']],
  ['compute', 30, ['nova-compute', 'neutron-openvswitch-agent']],
  ['storage', 5, ['cinder-volume', 'ceph-osd']],
];
const kBroker = { host: 'sample-ctl-2', service: 'rabbitmq' };

export interface Sample {
  nodes: NodeState[];
  alerts: Alert[];
  changes: ChangeEvent[];
  lines: LogRecord[];
  broke: number;
}

function makeNodes(start: number, broke: number): NodeState[] {
  const nodes: NodeState[] = [];
  for (const [group, count, services] of kGroups)
    for (let n = 1; n <= count; n += 1) {
      const host = `sample-${group}-${String(n).padStart(count > 9 ? 2 : 1, '0')}`;
      const down = (service: string) => host === kBroker.host && service === kBroker.service;
      nodes.push({
        host,
        cloud: kSampleCloud,
        planned: '',
        status: 'up',
        since: iso(start),
        last_seen: iso(Date.now()),
        services: services.map((service, index): ServiceState => ({
          service,
          status: down(service) ? 'down' : 'up',
          since: iso(down(service) ? broke : start),
          pid: down(service) ? 0 : 1200 + n * 40 + index,
          processes: down(service) ? 0 : service.endsWith('-api') ? 4 : 1,
          restarts_in_hour: 0,
          detail: down(service) ? 'killed by signal 9' : '',
          log_problem: '',
          alert_id: down(service) ? 'sample-0' : null,
        })),
      });
    }
  return nodes;
}

const kLast: readonly (readonly [number, string, string])[] = [
  [46_000, 'info', 'rabbit on node rabbit@sample-ctl-2: memory high watermark set to 1638 MiB'],
  [31_000, 'warning', 'memory resource limit alarm set on node rabbit@sample-ctl-2'],
  [
    9_000,
    'error',
    'Channel error on connection 10.0.0.21:48212: operation queue.declare caused an exception',
  ],
  [1_200, 'error', 'eheap_alloc: Cannot allocate 1431655800 bytes of memory (of type "heap")'],
];

const evidenceOf = (host: string, service: string, broke: number): EvidenceLine[] =>
  kLast.map(([before, severity, text], index) => ({
    id: `sample-${index}-${host}`,
    time: iso(broke - before),
    host,
    service,
    severity: severity as EvidenceLine['severity'],
    text,
    requestId: '',
    traceback: '',
  }));

interface AlertGiven {
  host: string;
  service: string;
  event: string;
  severity: Severity;
  text: string;
  at: number;
  cause?: string;
  times?: number;
  closed?: boolean;
}
function makeAlert(index: number, given: AlertGiven, broke: number): Alert {
  const { host, service, event, severity, text, at, cause = '', times = 1, closed = false } = given;
  const entry = (time: number, type: string, status: AlertHistory['status']): AlertHistory => ({
    time: iso(time),
    type,
    severity,
    status,
    event,
    value: '',
    text,
    user: '',
  });
  const ended = at + 9 * kMinute;
  return {
    id: `sample-${index}`,
    environment: kSampleCloud,
    resource: `${host}/${service}`,
    event,
    host,
    service: [service],
    severity,
    previousSeverity: 'indeterminate',
    status: closed ? 'closed' : 'open',
    tier: severity === 'critical' ? 'page' : 'ticket',
    value: '',
    text,
    ruleId: '',
    playbook:
      '# Sample\n\nA playbook of your own would stand here: what to look at first, and what mends it.\n',
    duplicateCount: times - 1,
    cause,
    owner: '',
    createTime: iso(at),
    receiveTime: iso(at),
    lastReceiveTime: iso(Math.max(at, Date.now() - kMinute)),
    updateTime: iso(closed ? ended : at),
    statusUntil: null,
    evidence: event === 'ServiceDown' ? evidenceOf(host, service, broke) : [],
    history: [entry(at, 'new', 'open'), ...(closed ? [entry(ended, 'close', 'closed')] : [])],
  };
}

function makeAlerts(nodes: readonly NodeState[], broke: number): Alert[] {
  const given: AlertGiven[] = [
    {
      ...kBroker,
      event: 'ServiceDown',
      severity: 'critical',
      text: 'rabbitmq on sample-ctl-2 was killed by signal 9',
      at: broke,
    },
  ];
  for (const { host } of nodes.filter((node) => node.host.includes('compute')).slice(0, 13))
    given.push({
      host,
      service: 'nova-compute',
      event: 'AmqpUnreachable',
      severity: 'major',
      text: `nova-compute on ${host} cannot reach the message broker`,
      at: broke + 20_000,
      cause: 'sample-0',
      times: 14,
    });
  given.push(
    {
      host: 'sample-storage-3',
      service: 'ceph-osd',
      event: 'DiskFilling',
      severity: 'warning',
      text: '/var/lib/ceph on sample-storage-3 is full in 9 h',
      at: broke - 70 * kMinute,
    },
    {
      host: 'sample-net-1',
      service: 'neutron-l3-agent',
      event: 'Slow',
      severity: 'minor',
      text: 'neutron-l3-agent on sample-net-1 takes 4 s a round',
      at: broke - 35 * kMinute,
      times: 3,
    },
    {
      ...kBroker,
      event: 'ServiceDown',
      severity: 'critical',
      text: 'rabbitmq on sample-ctl-2 was killed by signal 9',
      at: broke - 9 * 1440 * kMinute,
      closed: true,
    },
  );
  return given.map((one, index) => makeAlert(index, one, broke));
}

function makeChanges(broke: number): ChangeEvent[] {
  const change = (before: number, type: string, host: string, summary: string): ChangeEvent => ({
    id: `sample-change-${before}`,
    type,
    time: iso(broke - before * kMinute),
    host,
    service: '',
    summary,
    origin: 'sample',
  });
  return [
    change(0, 'service.crashed', 'sample-ctl-2', 'rabbitmq was killed by signal 9'),
    change(3, 'package.upgraded', 'sample-ctl-2', 'rabbitmq-server 3.10.8 to 3.12.1'),
    change(
      10,
      'compute.instance.live_migration',
      'sample-compute-07',
      'instance web-3 moved to sample-compute-07',
    ),
    change(55, 'config.changed', 'sample-net-1', '/etc/neutron/l3_agent.ini changed'),
  ];
}

const kTalk: readonly (readonly [string, string, string, string])[] = [
  ['ctl-1', 'nova-api', 'INFO', '"GET /v2.1/servers/detail" status: 200 len: 1893'],
  ['ctl-3', 'keystone', 'INFO', '"POST /v3/auth/tokens" status: 201 len: 7120'],
  ['compute-07', 'nova-compute', 'INFO', 'Took 0.36 seconds to build instance.'],
  ['ctl-1', 'neutron-server', 'INFO', '"GET /v2.0/ports" status: 200 len: 812'],
  ['storage-3', 'ceph-osd', 'WARNING', 'slow request 31.2 seconds old, waiting for sub ops'],
];
const kAfter: readonly (readonly [string, string, string, string])[] = [
  [
    'compute-04',
    'nova-compute',
    'ERROR',
    'AMQP server on sample-ctl-2:5672 is unreachable: ECONNREFUSED. Trying again in 1 seconds.',
  ],
  [
    'ctl-1',
    'nova-conductor',
    'ERROR',
    'MessagingTimeout: Timed out waiting for a reply to message ID 5be1b8f1',
  ],
];

/** Three hours of lines, one in twelve seconds, newest first. */
function makeLines(now: number, broke: number): LogRecord[] {
  return Array.from({ length: 900 }, (_, i) => {
    const at = now - i * 12_000 - 700;
    const talk = at > broke && i % 2 === 0 ? kAfter[(i / 2) % kAfter.length]! : kTalk[i % kTalk.length]!;
    const [place, service, severity, message] = talk;
    return {
      id: `sample-line-${i}`,
      time: iso(at),
      host: `sample-${place}`,
      service,
      source: `/var/log/${service}.log`,
      component: service,
      severity: severity as LogRecord['severity'],
      request_id: '',
      message,
      traceback: '',
      raw: message,
    };
  });
}

export function makeSample(now: number): Sample {
  const broke = now - 6 * kMinute;
  const nodes = makeNodes(now - 26 * 60 * kMinute, broke);
  return {
    nodes,
    broke,
    alerts: makeAlerts(nodes, broke),
    changes: makeChanges(broke),
    lines: makeLines(now, broke),
  };
}
