// Which figures of its own a service of the infrastructure has: what people look at first when it is blamed.
import type { Unit } from '../../text/units';
import type { LazyKey } from '../../text/lazy_words';

export interface ServiceFigure {
  name: LazyKey;
  /** PromQL. */
  query: string;
  unit: Unit;
  /** Asks for attention above, or below, this. */
  above?: number;
  below?: number;
}
export interface ServiceKind {
  /** The collector of the agent that gives the figures. */
  collector: string;
  figures: readonly ServiceFigure[];
}

const kRabbit: ServiceKind = {
  collector: 'rabbitmq',
  figures: [
    { name: 'rabbit_ready', query: 'sum(rabbitmq_messages_ready)', unit: 'number', above: 1000 },
    { name: 'rabbit_published', query: 'sum(rate(rabbitmq_messages_published_total[5m]))', unit: 'number/s' },
    {
      name: 'rabbit_queues',
      query: 'topk(5, rabbitmq_queue_messages_ready > 0)',
      unit: 'number',
      above: 500,
    },
    {
      name: 'rabbit_partitions',
      query: 'max by (node) (rabbitmq_network_partitions)',
      unit: 'number',
      above: 0,
    },
    { name: 'rabbit_running', query: 'min by (node) (rabbitmq_node_running)', unit: 'number', below: 1 },
    {
      name: 'rabbit_memory',
      query: 'max by (node) (rabbitmq_process_resident_memory_bytes / rabbitmq_resident_memory_limit_bytes)',
      unit: 'ratio',
      above: 0.85,
    },
    { name: 'connections', query: 'sum(rabbitmq_connections)', unit: 'number' },
    { name: 'rabbit_consumers', query: 'sum(rabbitmq_consumers)', unit: 'number' },
  ],
};

const kMysql: ServiceKind = {
  collector: 'mariadb',
  figures: [
    {
      name: 'queries',
      query: 'sum by (instance) (rate(mysql_global_status_questions[5m]))',
      unit: 'number/s',
    },
    {
      name: 'connections_used',
      query:
        'max by (instance) (mysql_global_status_threads_connected / mysql_global_variables_max_connections)',
      unit: 'ratio',
      above: 0.85,
    },
    {
      name: 'threads_running',
      query: 'max by (instance) (mysql_global_status_threads_running)',
      unit: 'number',
    },
    {
      name: 'slow_queries',
      query: 'sum by (instance) (rate(mysql_global_status_slow_queries[5m]))',
      unit: 'number/s',
      above: 0.5,
    },
    {
      name: 'galera_size',
      query: 'min by (instance) (mysql_global_status_wsrep_cluster_size)',
      unit: 'number',
    },
    {
      name: 'galera_ready',
      query: 'min by (instance) (mysql_global_status_wsrep_ready)',
      unit: 'number',
      below: 1,
    },
    {
      name: 'galera_paused',
      query: 'max by (instance) (rate(mysql_global_status_wsrep_flow_control_paused_ns[5m]) / 1000000000)',
      unit: 'ratio',
      above: 0.1,
    },
    {
      name: 'deadlocks',
      query: 'sum by (instance) (increase(mysql_global_status_innodb_deadlocks[5m]))',
      unit: 'number',
      above: 0,
    },
  ],
};

const kPostgres: ServiceKind = {
  collector: 'postgresql',
  figures: [
    {
      name: 'connections_used',
      query: 'sum by (instance) (pg_stat_activity_count) / max by (instance) (pg_settings_max_connections)',
      unit: 'ratio',
      above: 0.85,
    },
    {
      name: 'queries',
      query: 'sum by (instance) (rate(pg_stat_database_xact_commit[5m]))',
      unit: 'number/s',
    },
    {
      name: 'pg_rollbacks',
      query: 'sum by (instance) (rate(pg_stat_database_xact_rollback[5m]))',
      unit: 'number/s',
    },
    {
      name: 'pg_oldest',
      query: 'max by (instance) (pg_stat_activity_max_tx_duration)',
      unit: 'seconds',
      above: 600,
    },
    { name: 'pg_locks', query: 'max by (instance) (pg_locks_waiting)', unit: 'number', above: 5 },
    { name: 'pg_lag', query: 'max by (instance) (pg_replication_lag_seconds)', unit: 'seconds', above: 60 },
    {
      name: 'deadlocks',
      query: 'sum by (instance) (increase(pg_stat_database_deadlocks[5m]))',
      unit: 'number',
      above: 0,
    },
  ],
};

const kMemcached: ServiceKind = {
  collector: 'memcached',
  figures: [
    {
      name: 'hit_ratio',
      query:
        'sum by (instance) (rate(memcached_get_hits_total[5m])) / (sum by (instance) (rate(memcached_get_hits_total[5m])) + sum by (instance) (rate(memcached_get_misses_total[5m])))',
      unit: 'ratio',
      below: 0.5,
    },
    {
      name: 'memory_used',
      query: 'max by (instance) (memcached_current_bytes / memcached_limit_bytes)',
      unit: 'ratio',
    },
    {
      name: 'evictions',
      query: 'sum by (instance) (rate(memcached_items_evicted_total[5m]))',
      unit: 'number/s',
      above: 1,
    },
    {
      name: 'connections_used',
      query: 'max by (instance) (memcached_current_connections / memcached_max_connections)',
      unit: 'ratio',
      above: 0.85,
    },
    { name: 'memcached_items', query: 'sum by (instance) (memcached_current_items)', unit: 'number' },
  ],
};

const kHaproxy: ServiceKind = {
  collector: 'haproxy',
  figures: [
    {
      name: 'haproxy_servers',
      query: 'min by (proxy) (haproxy_backend_active_servers)',
      unit: 'number',
      below: 1,
    },
    {
      name: 'haproxy_5xx',
      query: 'sum by (proxy) (rate(haproxy_backend_http_responses_total{code="5xx"}[5m]))',
      unit: 'number/s',
      above: 0.1,
    },
    {
      name: 'haproxy_requests',
      query: 'sum by (proxy) (rate(haproxy_backend_http_responses_total[5m]))',
      unit: 'number/s',
    },
    {
      name: 'response_time',
      query: 'max by (proxy) (haproxy_backend_response_time_average_seconds)',
      unit: 'seconds',
      above: 1,
    },
    {
      name: 'haproxy_queue',
      query: 'max by (proxy) (haproxy_backend_current_queue)',
      unit: 'number',
      above: 0,
    },
    { name: 'haproxy_sessions', query: 'sum by (proxy) (haproxy_frontend_current_sessions)', unit: 'number' },
  ],
};

const kCeph: ServiceKind = {
  collector: 'ceph',
  figures: [
    { name: 'ceph_health', query: 'max(ceph_health_status)', unit: 'number', above: 0 },
    { name: 'ceph_osds_down', query: 'max(ceph_osd_count - ceph_osd_up_count)', unit: 'number', above: 0 },
    {
      name: 'ceph_used',
      query: 'max(ceph_cluster_total_used_bytes / ceph_cluster_total_bytes)',
      unit: 'ratio',
      above: 0.8,
    },
    { name: 'ceph_degraded', query: 'max(ceph_objects_degraded)', unit: 'number', above: 0 },
    { name: 'ceph_read', query: 'max(ceph_client_read_bytes_per_second)', unit: 'bytes/s' },
    { name: 'ceph_write', query: 'max(ceph_client_write_bytes_per_second)', unit: 'bytes/s' },
  ],
};

const kOpenvswitch: ServiceKind = {
  collector: 'openvswitch',
  figures: [
    {
      name: 'ovs_flows',
      query: 'max by (host) (ovs_datapath_flows / ovs_datapath_flows_limit)',
      unit: 'ratio',
      above: 0.8,
    },
    {
      name: 'ovs_dropped',
      query: 'sum by (host) (rate(ovs_interface_receive_dropped_total[5m]))',
      unit: 'number/s',
      above: 10,
    },
    { name: 'ovs_errors', query: 'sum by (host) (ovs_interface_error)', unit: 'number', above: 0 },
    {
      name: 'ovs_received',
      query: 'sum by (host) (rate(ovs_interface_receive_bytes_total[5m]))',
      unit: 'bytes/s',
    },
  ],
};

const kOvn: ServiceKind = {
  collector: 'openvswitch',
  figures: [
    {
      name: 'ovn_leader',
      query: 'min by (host, database) (ovn_db_cluster_has_leader)',
      unit: 'number',
      below: 1,
    },
    { name: 'ovn_connected', query: 'min by (host) (ovn_controller_connected)', unit: 'number', below: 1 },
  ],
};

const kHypervisor: ServiceKind = {
  collector: 'openstack',
  figures: [
    { name: 'instances_running', query: 'sum by (hostname) (openstack_nova_running_vms)', unit: 'number' },
    {
      name: 'vcpus_given',
      query: 'max by (hostname) (openstack_nova_vcpus_used / openstack_nova_vcpus_available)',
      unit: 'ratio',
    },
    {
      name: 'memory_given',
      query: 'max by (hostname) (openstack_nova_memory_used_bytes / openstack_nova_memory_available_bytes)',
      unit: 'ratio',
      above: 0.95,
    },
    {
      name: 'hypervisors_up',
      query: 'min by (hostname) (openstack_nova_hypervisor_up)',
      unit: 'number',
      below: 1,
    },
  ],
};

const api = (name: string): ServiceKind => ({
  collector: 'openstack',
  figures: [
    {
      name: 'response_time',
      query: `max by (api) (openstack_api_seconds{api="${name}"})`,
      unit: 'seconds',
      above: 1,
    },
    { name: 'api_up', query: `min by (api) (openstack_api_up{api="${name}"})`, unit: 'number', below: 1 },
  ],
});

/** By what the service's name begins with; the first that fits. */
const kKinds: readonly (readonly [RegExp, ServiceKind])[] = [
  [/^rabbitmq/, kRabbit],
  [/^(mysql|mariadb|galera)/, kMysql],
  [/^postgres/, kPostgres],
  [/^memcached/, kMemcached],
  [/^haproxy/, kHaproxy],
  [/^ceph/, kCeph],
  [/^(ovs|openvswitch)/, kOpenvswitch],
  [/^ovn/, kOvn],
  [/^nova-compute/, kHypervisor],
  [/^nova-api/, api('compute')],
  [/^keystone/, api('identity')],
  [/^neutron-(server|api)/, api('network')],
  [/^cinder-api/, api('volume')],
];

export const kindOf = (service: string): ServiceKind | null =>
  kKinds.find(([name]) => name.test(service))?.[1] ?? null;

export const isBad = ({ above = Infinity, below = -Infinity }: ServiceFigure, value: number): boolean =>
  value > above || value < below;
