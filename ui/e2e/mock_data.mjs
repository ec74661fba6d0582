// A small cloud that never was, for looking at the UI without a server: three nodes, a dead nova-compute, a log that
// tries to be markup.
const MINUTE = 60_000;
export const iso = (ms) => new Date(ms).toISOString();

export const XSS =
  '<img src=x onerror="window.__xss=1"><svg onload="window.__xss=1"> javascript:alert(1) \u202Egnp.exe\u001b[31m\u0000';

const CONTROLLER = [
  'keystone',
  'glance-api',
  'placement-api',
  'nova-api',
  'nova-conductor',
  'nova-scheduler',
  'neutron-server',
  'cinder-api',
  'cinder-scheduler',
  'cinder-volume',
  'rabbitmq',
  'mysql',
  'memcached',
];
const COMPUTE = ['nova-compute', 'neutron-openvswitch-agent', 'cinder-volume'];

function service(name, start, more = {}) {
  return {
    service: name,
    status: 'up',
    since: iso(start),
    pid: 1200 + name.length * 37,
    processes: name.endsWith('api') ? 4 : 1,
    restarts_in_hour: 0,
    detail: '',
    log_problem: '',
    alert_id: null,
    ...more,
  };
}

const PLAYBOOK = `# nova-compute is down

Instances on this host keep running, but nothing can be started, stopped or moved here.

1. Look at the last lines above: a **traceback** says more than the exit code.
2. On the host: \`systemctl status nova-compute\` and \`journalctl -u nova-compute -n 100\`.
3. If RabbitMQ is not reachable, repair that first.

\`\`\`
systemctl restart nova-compute
openstack compute service list --host compute1
\`\`\`

More: [Nova: service monitoring](https://docs.openstack.org/nova/latest/admin/services.html), not [this](javascript:alert(1)).
`;

const TRACEBACK = `Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/oslo_messaging/_drivers/amqpdriver.py", line 441, in get
    return self._queues[msg_id].get(block=True, timeout=timeout)
  File "/usr/lib/python3/dist-packages/eventlet/queue.py", line 322, in get
    return waiter.wait()
_queue.Empty

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/nova/servicegroup/drivers/db.py", line 92, in _report_state
    service.service_ref.save()
oslo_messaging.exceptions.MessagingTimeout: Timed out waiting for a reply to message ID 5be1b8f1`;

export function makeWorld(now) {
  const start = now - 26 * 60 * MINUTE;
  const broke = now - 6 * MINUTE;
  const nodes = [
    {
      host: 'controller',
      cloud: 'lab',
      status: 'up',
      since: iso(start),
      last_seen: iso(now),
      services: CONTROLLER.map((name) =>
        service(
          name,
          start,
          name === 'neutron-server' ? { restarts_in_hour: 2, since: iso(now - 22 * MINUTE) } : {},
        ),
      ),
    },
    {
      host: 'compute1',
      cloud: 'lab',
      status: 'up',
      since: iso(start),
      last_seen: iso(now),
      services: COMPUTE.map((name) =>
        service(
          name,
          start,
          name === 'nova-compute'
            ? {
                status: 'down',
                since: iso(broke),
                pid: 0,
                processes: 0,
                detail: 'killed by signal 9',
                alert_id: 'a-0001',
              }
            : name === 'cinder-volume'
              ? { status: 'not_here', pid: 0, processes: 0 }
              : {},
        ),
      ),
    },
    {
      host: 'compute2',
      cloud: 'lab',
      status: 'up',
      since: iso(start),
      last_seen: iso(now),
      services: COMPUTE.map((name) =>
        service(
          name,
          start,
          name === 'neutron-openvswitch-agent'
            ? { log_problem: '/var/log/neutron/ovs.log: permission denied; usermod -aG neutron sentinella' }
            : name === 'cinder-volume'
              ? { status: 'not_here', pid: 0, processes: 0 }
              : {},
        ),
      ),
    },
  ];
  const line = (id, before, severity, text, more = {}) => ({
    id,
    time: iso(broke - before),
    host: 'compute1',
    service: 'nova-compute',
    severity,
    text,
    requestId: '',
    traceback: '',
    ...more,
  });
  const evidence = [
    line(
      '71-0',
      41_000,
      'info',
      '2026-11-21 10:04:30.028 14606 INFO nova.compute.resource_tracker [None req-342cdd28-1024-49d6-a737-db2a8f67c1c6 - - - - - -] Compute node record created for compute1:compute1 with uuid: 97f44a07-b237-4f07-8115-e8141b330e5a',
      { requestId: 'req-342cdd28-1024-49d6-a737-db2a8f67c1c6' },
    ),
    line(
      '72-0',
      12_400,
      'warning',
      '2026-11-21 10:04:58.629 14606 WARNING oslo_messaging._drivers.impl_rabbit [-] [5be1b8f1] AMQP server on 10.0.0.11:5672 is unreachable: [Errno 104] Connection reset by peer. Trying again in 1 seconds.',
    ),
    line(
      '73-0',
      5_200,
      'error',
      '2026-11-21 10:05:05.830 14606 ERROR nova.servicegroup.drivers.db [-] Unexpected error while reporting service status: oslo_messaging.exceptions.MessagingTimeout',
      { traceback: TRACEBACK },
    ),
    line(
      '73-1',
      900,
      'error',
      `2026-11-21 10:05:10.130 14606 ERROR nova.compute.manager [-] instance name ${XSS}`,
    ),
  ];
  const alert = (id, fields) => ({
    id,
    environment: 'lab',
    resource: `${fields.host}/${fields.service?.[0] ?? ''}`,
    event: 'ServiceDown',
    service: [],
    severity: 'major',
    previousSeverity: 'indeterminate',
    status: 'open',
    tier: 'page',
    value: '',
    text: '',
    ruleId: 'service-down',
    playbook: '',
    duplicateCount: 0,
    cause: '',
    owner: '',
    createTime: iso(broke),
    receiveTime: iso(broke + 180),
    lastReceiveTime: iso(broke + 180),
    updateTime: iso(broke),
    evidence: [],
    history: [
      {
        time: fields.createTime ?? iso(broke),
        type: 'new',
        severity: fields.severity ?? 'major',
        status: 'open',
        event: 'ServiceDown',
        value: '',
        text: fields.text,
        user: '',
      },
    ],
    ...fields,
  });
  /** Raised, annotated by a person, over after seven minutes. */
  const told = (at, note) =>
    [
      [0, 'new', 'open', '', ''],
      [5, 'note', 'open', note, 'ana'],
      [7, 'close', 'closed', '', ''],
    ].map(([minutes, type, status, text, user]) => ({
      ...{ time: iso(at + minutes * MINUTE), type, status, text, user },
      ...{ severity: 'critical', event: 'ServiceDown', value: '' },
    }));
  const alerts = [
    alert('a-0001', {
      host: 'compute1',
      service: ['nova-compute'],
      severity: 'critical',
      text: 'nova-compute on compute1 was killed by signal 9',
      value: 'down',
      playbook: PLAYBOOK,
      evidence,
      duplicateCount: 2,
    }),
    alert('a-0002', {
      host: 'controller',
      service: ['nova-conductor'],
      event: 'NoValidHost',
      severity: 'major',
      ruleId: 'no-valid-host',
      text: 'No valid host was found: there are not enough hosts available',
      value: '3',
      duplicateCount: 13,
      createTime: iso(broke + 2 * MINUTE),
      updateTime: iso(broke + 2 * MINUTE),
      evidence: evidence.slice(1, 3),
    }),
    alert('a-0003', {
      host: 'controller',
      service: ['neutron-server'],
      event: 'ServiceFlapping',
      severity: 'minor',
      ruleId: 'service-flapping',
      tier: 'ticket',
      text: 'neutron-server on controller was restarted 2 times in an hour',
      createTime: iso(now - 22 * MINUTE),
      updateTime: iso(now - 20 * MINUTE),
      status: 'ack',
    }),
    alert('a-0004', {
      host: 'compute2',
      service: [''],
      event: 'FilesystemFilling',
      severity: 'warning',
      ruleId: 'filesystem-filling',
      tier: 'ticket',
      text: `The filesystem /var/lib/nova on compute2 is 91 % full ${XSS}`,
      value: '0.91',
      createTime: iso(now - 190 * MINUTE),
      updateTime: iso(now - 190 * MINUTE),
    }),
    alert('a-0000', {
      host: 'compute1',
      service: ['nova-compute'],
      severity: 'critical',
      status: 'closed',
      text: 'nova-compute on compute1 exited with code 1',
      createTime: iso(now - 52 * 60 * MINUTE),
      updateTime: iso(now - 52 * 60 * MINUTE + 7 * MINUTE),
      history: told(now - 52 * 60 * MINUTE, 'restarted it; RabbitMQ had lost its quorum'),
      playbook: PLAYBOOK,
    }),
  ];
  const change = (id, before, type, host, summary, origin = 'agent') => ({
    id,
    type,
    time: iso(now - before),
    host,
    service: '',
    summary,
    origin,
  });
  const changes = [
    change('e6', 6 * MINUTE, 'service.crashed', 'compute1', 'nova-compute was killed by signal 9'),
    change('e5', 9 * MINUTE, 'package.upgraded', 'controller', 'rabbitmq-server 3.10.8-1 → 3.10.8-2'),
    change('e4', 14 * MINUTE, 'deploy', 'compute1', 'deploy of nova 26.2.2 to compute1 by ana', 'api'),
    change(
      'e3',
      22 * MINUTE,
      'service.restarted',
      'controller',
      'neutron-server was restarted (pid 4121 → 4388)',
    ),
    change(
      'e2',
      41 * MINUTE,
      'config.changed',
      'controller',
      '/etc/neutron/neutron.conf changed (api_workers)',
    ),
    change(
      'e1',
      95 * MINUTE,
      'compute.instance.live_migration',
      'compute2',
      'instance 4f1c moved from compute2 to compute1',
    ),
  ];
  return { nodes, alerts, changes, start, broke };
}

/** A value that moves: slow wave, fast wave, a shift by host. */
function wave(ms, seed, low, high) {
  const t = ms / 1000 + seed * 97;
  const unit = 0.5 + 0.28 * Math.sin(t / 140) + 0.14 * Math.sin(t / 31) + 0.08 * Math.sin(t / 7.3);
  return low + (high - low) * unit;
}

export const GAUGES = {
  host_cpu_used_ratio: [0.08, 0.72],
  host_memory_used_ratio: [0.44, 0.61],
  host_load1: [0.2, 4.4],
  host_network_receive_bytes_total: [2e4, 3e6],
  host_network_transmit_bytes_total: [1e4, 1e6],
  host_disk_read_bytes_total: [0, 8e5],
  host_disk_written_bytes_total: [1e5, 6e6],
  host_filesystem_used_ratio: [0.62, 0.64],
  host_cpus: [8, 8],
  host_system_info: [1, 1],
  host_disk_info: [2, 2],
  host_tags_info: [1, 1],
  host_memory_total_bytes: [6.4e10, 6.4e10],
  host_filesystem_size_bytes: [4e11, 4e11],
  service_cpu_used_ratio: [0.01, 0.2],
  service_memory_resident_bytes: [1.6e8, 1.9e8],
  service_processes: [1, 1],
  rabbitmq_messages_ready: [2, 40],
  rabbitmq_network_partitions: [1, 1],
  rabbitmq_connections: [120, 160],
  mysql_global_status_questions: [300, 900],
};

/** Labels beside host. */
const LABELS = {
  host_system_info: {
    openstack: 'Zed',
    os: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.1.0-37-amd64',
    cpu: 'AMD EPYC 7B13',
  },
  host_disk_info: { kind: 'nvme' },
  host_tags_info: { rack: 'r12', role: 'compute' },
};

export function samples(world, metric, host, from, to) {
  if (metric === 'agent_log_records_dropped_total')
    return [
      {
        labels: { host: 'controller', service: 'nova-api', source: '/var/log/nova/nova-api.log' },
        kind: 'counter',
        points: [
          [from, 0],
          [to, 120],
        ],
      },
    ];
  const range = GAUGES[metric];
  if (!range) return [];
  const step = Math.max(10_000, Math.ceil((to - from) / 400 / 10_000) * 10_000);
  const hosts = world.nodes.map((node) => node.host).filter((one) => !host || one === host);
  return hosts.map((one, index) => {
    const points = [];
    for (let ms = Math.ceil(from / step) * step; ms <= to; ms += step) {
      let value = wave(
        ms,
        one.length * 3 + metric.length + one.charCodeAt(one.length - 1) + index,
        range[0],
        range[1],
      );
      if (metric === 'service_processes') value = ms < world.broke ? 1 : 0;
      else if (metric.startsWith('service_') && ms > world.broke) continue;
      points.push([ms, value]);
    }
    return { labels: { host: one, ...LABELS[metric] }, kind: 'gauge', points };
  });
}
