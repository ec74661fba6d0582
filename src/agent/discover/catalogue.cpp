#include "agent/discover/catalogue.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr bool kAsked = true;

// clang-format off
constexpr std::array kServices = {
    // name, process, logs, port, probe, units, configuration
    KnownService{"nova-api", "nova-api|nova-api-wsgi|nova-osapi_compute", "nova/nova-api.log", 8774, "/", "nova-api|openstack-nova-api", "/etc/nova/nova.conf", kAsked},
    KnownService{"nova-scheduler", "nova-scheduler", "nova/nova-scheduler.log", 0, "", "nova-scheduler|openstack-nova-scheduler", "/etc/nova/nova.conf", kAsked},
    KnownService{"nova-compute", "nova-compute", "nova/nova-compute.log", 0, "", "nova-compute|openstack-nova-compute", "/etc/nova/nova.conf", kAsked},
    KnownService{"nova-cert", "nova-cert", "nova/nova-cert.log", 0, "", "nova-cert|openstack-nova-cert", "/etc/nova/nova.conf", kAsked},
    KnownService{"nova-conductor", "nova-conductor", "nova/nova-conductor.log", 0, "", "nova-conductor|openstack-nova-conductor", "/etc/nova/nova.conf", kAsked},
    KnownService{"nova-novncproxy", "nova-novncproxy", "nova/nova-novncproxy.log", 6080, "/vnc_lite.html", "nova-novncproxy|openstack-nova-novncproxy", "/etc/nova/nova.conf", kAsked},
    KnownService{"neutron-server", "neutron-server", "neutron/server.log|neutron/neutron-server.log", 9696, "/", "neutron-server", "/etc/neutron/neutron.conf", kAsked},
    KnownService{"neutron-dhcp-agent", "neutron-dhcp-agent", "neutron/dhcp-agent.log|neutron/neutron-dhcp-agent.log", 0, "", "", "/etc/neutron/dhcp_agent.ini", kAsked},
    KnownService{"neutron-openvswitch-agent", "neutron-openvswitch-agent", "neutron/openvswitch-agent.log|neutron/neutron-openvswitch-agent.log", 0, "", "", "/etc/neutron/plugins/ml2/openvswitch_agent.ini", kAsked},
    KnownService{"neutron-l3-agent", "neutron-l3-agent", "neutron/l3-agent.log|neutron/neutron-l3-agent.log", 0, "", "", "/etc/neutron/l3_agent.ini", kAsked},
    KnownService{"neutron-metadata-agent", "neutron-metadata-agent", "neutron/metadata-agent.log|neutron/neutron-metadata-agent.log", 0, "", "", "/etc/neutron/metadata_agent.ini", kAsked},

    KnownService{"nova-metadata", "nova-metadata-wsgi|nova-api-metadata|nova-metadata", "nova/nova-metadata-api.log|nova/nova-api-metadata.log|kolla/nova/nova-metadata.log", 8775, "/", "nova-api-metadata|openstack-nova-metadata-api", "/etc/nova/nova.conf"},
    KnownService{"nova-serialproxy", "nova-serialproxy", "nova/nova-serialproxy.log", 6083, "tcp", "nova-serialproxy|openstack-nova-serialproxy", "/etc/nova/nova.conf"},
    KnownService{"nova-spicehtml5proxy", "nova-spicehtml5proxy", "nova/nova-spicehtml5proxy.log", 6082, "/spice_auto.html", "nova-spicehtml5proxy|openstack-nova-spicehtml5proxy", "/etc/nova/nova.conf"},
    KnownService{"nova-consoleauth", "nova-consoleauth", "nova/nova-consoleauth.log", 0, "", "nova-consoleauth|openstack-nova-consoleauth", "/etc/nova/nova.conf"},
    KnownService{"nova-network", "nova-network", "nova/nova-network.log", 0, "", "nova-network|openstack-nova-network", "/etc/nova/nova.conf"},

    KnownService{"neutron-api", "neutron-api", "neutron/neutron-api.log|neutron/server.log", 9696, "/", "neutron-api", "/etc/neutron/neutron.conf"},
    KnownService{"neutron-rpc-server", "neutron-rpc-server", "neutron/neutron-rpc-server.log|neutron/rpc-server.log", 0, "", "", "/etc/neutron/neutron.conf"},
    KnownService{"neutron-periodic-workers", "neutron-periodic-workers", "neutron/neutron-periodic-workers.log", 0, "", "", "/etc/neutron/neutron.conf"},
    KnownService{"neutron-linuxbridge-agent", "neutron-linuxbridge-agent", "neutron/neutron-linuxbridge-agent.log|neutron/linuxbridge-agent.log", 0, "", "", "/etc/neutron/plugins/ml2/linuxbridge_agent.ini"},
    KnownService{"neutron-ovn-metadata-agent", "neutron-ovn-metadata-agent", "neutron/neutron-ovn-metadata-agent.log|neutron/ovn-metadata-agent.log", 0, "", "", "/etc/neutron/neutron_ovn_metadata_agent.ini"},
    KnownService{"neutron-ovn-agent", "neutron-ovn-agent", "neutron/neutron-ovn-agent.log", 0, "", "", "/etc/neutron/plugins/ml2/ovn_agent.ini"},
    KnownService{"neutron-sriov-nic-agent", "neutron-sriov-nic-agent", "neutron/neutron-sriov-nic-agent.log|neutron/sriov-nic-agent.log", 0, "", "", "/etc/neutron/plugins/ml2/sriov_agent.ini"},
    KnownService{"neutron-metering-agent", "neutron-metering-agent", "neutron/neutron-metering-agent.log|neutron/metering-agent.log", 0, "", "", "/etc/neutron/metering_agent.ini"},
    KnownService{"neutron-bgp-dragent", "neutron-bgp-dragent", "neutron/neutron-bgp-dragent.log|neutron/bgp-dragent.log", 0, "", "", "/etc/neutron/bgp_dragent.ini"},

    KnownService{"keystone", "keystone|keystone-wsgi-public|keystone-public|keystone-all", "keystone/keystone.log|kolla/keystone/keystone-apache-public-error.log", 5000, "/v3", "keystone|openstack-keystone", "/etc/keystone/keystone.conf"},
    KnownService{"placement-api", "placement-api|placement", "placement/placement-api.log", 8778, "/", "placement-api", "/etc/placement/placement.conf"},
    KnownService{"glance-api", "glance-api", "glance/glance-api.log|glance/api.log", 9292, "/", "glance-api|openstack-glance-api", "/etc/glance/glance-api.conf"},
    KnownService{"glance-registry", "glance-registry", "glance/glance-registry.log|glance/registry.log", 9191, "tcp", "glance-registry|openstack-glance-registry", "/etc/glance/glance-registry.conf"},
    KnownService{"cinder-api", "cinder-api|cinder-wsgi", "cinder/cinder-api.log|cinder/api.log", 8776, "/", "cinder-api|openstack-cinder-api", "/etc/cinder/cinder.conf"},
    KnownService{"cinder-scheduler", "cinder-scheduler", "cinder/cinder-scheduler.log|cinder/scheduler.log", 0, "", "cinder-scheduler|openstack-cinder-scheduler", "/etc/cinder/cinder.conf"},
    KnownService{"cinder-volume", "cinder-volume", "cinder/cinder-volume.log|cinder/volume.log", 0, "", "cinder-volume|openstack-cinder-volume", "/etc/cinder/cinder.conf"},
    KnownService{"cinder-backup", "cinder-backup", "cinder/cinder-backup.log|cinder/backup.log", 0, "", "cinder-backup|openstack-cinder-backup", "/etc/cinder/cinder.conf"},
    KnownService{"horizon", "horizon|openstack-dashboard", "apache2/error.log|httpd/openstack_dashboard-error.log|kolla/horizon/horizon.log", 80, "/auth/login/", "apache2|httpd", "/etc/openstack-dashboard/local_settings.py"},

    KnownService{"heat-api", "heat-api|heat-wsgi-api", "heat/heat-api.log", 8004, "/", "heat-api|openstack-heat-api", "/etc/heat/heat.conf"},
    KnownService{"heat-api-cfn", "heat-api-cfn|heat-wsgi-api-cfn", "heat/heat-api-cfn.log", 8000, "/", "heat-api-cfn|openstack-heat-api-cfn", "/etc/heat/heat.conf"},
    KnownService{"heat-engine", "heat-engine", "heat/heat-engine.log", 0, "", "heat-engine|openstack-heat-engine", "/etc/heat/heat.conf"},

    KnownService{"swift-proxy", "swift-proxy-server", "", 8080, "/healthcheck", "swift-proxy|openstack-swift-proxy", "/etc/swift/proxy-server.conf"},
    KnownService{"swift-account", "swift-account-server", "", 6002, "/healthcheck", "swift-account|openstack-swift-account", "/etc/swift/account-server.conf"},
    KnownService{"swift-account-auditor", "swift-account-auditor", "", 0, "", "swift-account-auditor|openstack-swift-account-auditor", "/etc/swift/account-server.conf"},
    KnownService{"swift-account-reaper", "swift-account-reaper", "", 0, "", "swift-account-reaper|openstack-swift-account-reaper", "/etc/swift/account-server.conf"},
    KnownService{"swift-account-replicator", "swift-account-replicator", "", 0, "", "swift-account-replicator|openstack-swift-account-replicator", "/etc/swift/account-server.conf"},
    KnownService{"swift-container", "swift-container-server", "", 6001, "/healthcheck", "swift-container|openstack-swift-container", "/etc/swift/container-server.conf"},
    KnownService{"swift-container-auditor", "swift-container-auditor", "", 0, "", "swift-container-auditor|openstack-swift-container-auditor", "/etc/swift/container-server.conf"},
    KnownService{"swift-container-replicator", "swift-container-replicator", "", 0, "", "swift-container-replicator|openstack-swift-container-replicator", "/etc/swift/container-server.conf"},
    KnownService{"swift-container-sharder", "swift-container-sharder", "", 0, "", "swift-container-sharder", "/etc/swift/container-server.conf"},
    KnownService{"swift-container-updater", "swift-container-updater", "", 0, "", "swift-container-updater|openstack-swift-container-updater", "/etc/swift/container-server.conf"},
    KnownService{"swift-object", "swift-object-server", "", 6000, "/healthcheck", "swift-object|openstack-swift-object", "/etc/swift/object-server.conf"},
    KnownService{"swift-object-auditor", "swift-object-auditor", "", 0, "", "swift-object-auditor|openstack-swift-object-auditor", "/etc/swift/object-server.conf"},
    KnownService{"swift-object-replicator", "swift-object-replicator", "", 0, "", "swift-object-replicator|openstack-swift-object-replicator", "/etc/swift/object-server.conf"},
    KnownService{"swift-object-updater", "swift-object-updater", "", 0, "", "swift-object-updater|openstack-swift-object-updater", "/etc/swift/object-server.conf"},
    KnownService{"swift-object-reconstructor", "swift-object-reconstructor", "", 0, "", "swift-object-reconstructor", "/etc/swift/object-server.conf"},

    KnownService{"octavia-api", "octavia-api|octavia-wsgi", "octavia/octavia-api.log|octavia/api.log", 9876, "/", "octavia-api|openstack-octavia-api", "/etc/octavia/octavia.conf"},
    KnownService{"octavia-worker", "octavia-worker", "octavia/octavia-worker.log|octavia/worker.log", 0, "", "octavia-worker|openstack-octavia-worker", "/etc/octavia/octavia.conf"},
    KnownService{"octavia-health-manager", "octavia-health-manager", "octavia/octavia-health-manager.log|octavia/health-manager.log", 0, "", "octavia-health-manager|openstack-octavia-health-manager", "/etc/octavia/octavia.conf"},
    KnownService{"octavia-housekeeping", "octavia-housekeeping", "octavia/octavia-housekeeping.log|octavia/housekeeping.log", 0, "", "octavia-housekeeping|openstack-octavia-housekeeping", "/etc/octavia/octavia.conf"},
    KnownService{"octavia-driver-agent", "octavia-driver-agent", "octavia/octavia-driver-agent.log", 0, "", "octavia-driver-agent|openstack-octavia-driver-agent", "/etc/octavia/octavia.conf"},

    KnownService{"designate-api", "designate-api|designate-api-wsgi", "designate/designate-api.log|designate/api.log", 9001, "/", "designate-api|openstack-designate-api", "/etc/designate/designate.conf"},
    KnownService{"designate-central", "designate-central", "designate/designate-central.log|designate/central.log", 0, "", "designate-central|openstack-designate-central", "/etc/designate/designate.conf"},
    KnownService{"designate-worker", "designate-worker", "designate/designate-worker.log|designate/worker.log", 0, "", "designate-worker|openstack-designate-worker", "/etc/designate/designate.conf"},
    KnownService{"designate-producer", "designate-producer", "designate/designate-producer.log|designate/producer.log", 0, "", "designate-producer|openstack-designate-producer", "/etc/designate/designate.conf"},
    KnownService{"designate-mdns", "designate-mdns", "designate/designate-mdns.log|designate/mdns.log", 5354, "tcp", "designate-mdns|openstack-designate-mdns", "/etc/designate/designate.conf"},
    KnownService{"designate-sink", "designate-sink", "designate/designate-sink.log|designate/sink.log", 0, "", "designate-sink|openstack-designate-sink", "/etc/designate/designate.conf"},
    KnownService{"barbican-api", "barbican-api|barbican-wsgi-api", "barbican/barbican-api.log|barbican/api.log", 9311, "/", "barbican-api|openstack-barbican-api", "/etc/barbican/barbican.conf"},
    KnownService{"barbican-worker", "barbican-worker", "barbican/barbican-worker.log|barbican/worker.log", 0, "", "barbican-worker|openstack-barbican-worker", "/etc/barbican/barbican.conf"},
    KnownService{"barbican-keystone-listener", "barbican-keystone-listener", "barbican/barbican-keystone-listener.log", 0, "", "barbican-keystone-listener|openstack-barbican-keystone-listener", "/etc/barbican/barbican.conf"},
    KnownService{"magnum-api", "magnum-api", "magnum/magnum-api.log", 9511, "/", "magnum-api|openstack-magnum-api", "/etc/magnum/magnum.conf"},
    KnownService{"magnum-conductor", "magnum-conductor", "magnum/magnum-conductor.log", 0, "", "magnum-conductor|openstack-magnum-conductor", "/etc/magnum/magnum.conf"},
    KnownService{"manila-api", "manila-api", "manila/manila-api.log|manila/api.log", 8786, "/", "manila-api|openstack-manila-api", "/etc/manila/manila.conf"},
    KnownService{"manila-scheduler", "manila-scheduler", "manila/manila-scheduler.log|manila/scheduler.log", 0, "", "manila-scheduler|openstack-manila-scheduler", "/etc/manila/manila.conf"},
    KnownService{"manila-share", "manila-share", "manila/manila-share.log|manila/share.log", 0, "", "manila-share|openstack-manila-share", "/etc/manila/manila.conf"},
    KnownService{"manila-data", "manila-data", "manila/manila-data.log|manila/data.log", 0, "", "manila-data|openstack-manila-data", "/etc/manila/manila.conf"},
    KnownService{"ironic-api", "ironic-api|ironic-api-wsgi", "ironic/ironic-api.log", 6385, "/", "ironic-api|openstack-ironic-api", "/etc/ironic/ironic.conf"},
    KnownService{"ironic-conductor", "ironic-conductor", "ironic/ironic-conductor.log", 0, "", "ironic-conductor|openstack-ironic-conductor", "/etc/ironic/ironic.conf"},
    KnownService{"ironic-inspector", "ironic-inspector", "ironic-inspector/ironic-inspector.log|kolla/ironic-inspector/ironic-inspector.log", 5050, "/", "ironic-inspector|openstack-ironic-inspector", "/etc/ironic-inspector/inspector.conf"},
    KnownService{"ironic-neutron-agent", "ironic-neutron-agent", "ironic-neutron-agent/ironic-neutron-agent.log", 0, "", "", "/etc/neutron/plugins/ml2/ironic_neutron_agent.ini"},

    KnownService{"gnocchi-api", "gnocchi-api", "gnocchi/gnocchi-api.log", 8041, "/", "gnocchi-api|openstack-gnocchi-api", "/etc/gnocchi/gnocchi.conf"},
    KnownService{"gnocchi-metricd", "gnocchi-metricd", "gnocchi/gnocchi-metricd.log|gnocchi/metricd.log", 0, "", "gnocchi-metricd|openstack-gnocchi-metricd", "/etc/gnocchi/gnocchi.conf"},
    KnownService{"gnocchi-statsd", "gnocchi-statsd", "gnocchi/gnocchi-statsd.log|gnocchi/statsd.log", 0, "", "gnocchi-statsd|openstack-gnocchi-statsd", "/etc/gnocchi/gnocchi.conf"},
    KnownService{"ceilometer-agent-central", "ceilometer-polling central|ceilometer-agent-central", "ceilometer/ceilometer-agent-central.log|ceilometer/central.log|ceilometer/ceilometer-polling.log", 0, "", "ceilometer-agent-central|openstack-ceilometer-central", "/etc/ceilometer/polling.yaml"},
    KnownService{"ceilometer-agent-compute", "ceilometer-polling compute|ceilometer-agent-compute", "ceilometer/ceilometer-agent-compute.log|ceilometer/compute.log", 0, "", "ceilometer-agent-compute|openstack-ceilometer-compute", "/etc/ceilometer/polling.yaml"},
    KnownService{"ceilometer-agent-ipmi", "ceilometer-polling ipmi|ceilometer-agent-ipmi", "ceilometer/ceilometer-agent-ipmi.log", 0, "", "ceilometer-agent-ipmi|openstack-ceilometer-ipmi", "/etc/ceilometer/polling.yaml"},
    KnownService{"ceilometer-agent-notification", "ceilometer-agent-notification", "ceilometer/ceilometer-agent-notification.log|ceilometer/agent-notification.log", 0, "", "ceilometer-agent-notification|openstack-ceilometer-notification", "/etc/ceilometer/pipeline.yaml"},
    KnownService{"aodh-api", "aodh-api|aodh-wsgi-api", "aodh/aodh-api.log", 8042, "/", "aodh-api|openstack-aodh-api", "/etc/aodh/aodh.conf"},
    KnownService{"aodh-evaluator", "aodh-evaluator", "aodh/aodh-evaluator.log|aodh/evaluator.log", 0, "", "aodh-evaluator|openstack-aodh-evaluator", "/etc/aodh/aodh.conf"},
    KnownService{"aodh-notifier", "aodh-notifier", "aodh/aodh-notifier.log|aodh/notifier.log", 0, "", "aodh-notifier|openstack-aodh-notifier", "/etc/aodh/aodh.conf"},
    KnownService{"aodh-listener", "aodh-listener", "aodh/aodh-listener.log|aodh/listener.log", 0, "", "aodh-listener|openstack-aodh-listener", "/etc/aodh/aodh.conf"},

    KnownService{"blazar-api", "blazar-api", "blazar/blazar-api.log", 1234, "/", "blazar-api", "/etc/blazar/blazar.conf"},
    KnownService{"blazar-manager", "blazar-manager", "blazar/blazar-manager.log", 0, "", "blazar-manager", "/etc/blazar/blazar.conf"},
    KnownService{"cloudkitty-api", "cloudkitty-api", "cloudkitty/cloudkitty-api.log", 8889, "/", "cloudkitty-api", "/etc/cloudkitty/cloudkitty.conf"},
    KnownService{"cloudkitty-processor", "cloudkitty-processor", "cloudkitty/cloudkitty-processor.log", 0, "", "cloudkitty-processor", "/etc/cloudkitty/cloudkitty.conf"},
    KnownService{"cyborg-api", "cyborg-api", "cyborg/cyborg-api.log", 6666, "/", "cyborg-api", "/etc/cyborg/cyborg.conf"},
    KnownService{"masakari-api", "masakari-api|masakari-wsgi", "masakari/masakari-api.log", 15868, "/", "masakari-api", "/etc/masakari/masakari.conf"},
    KnownService{"masakari-engine", "masakari-engine", "masakari/masakari-engine.log", 0, "", "masakari-engine", "/etc/masakari/masakari.conf"},
    KnownService{"masakari-hostmonitor", "masakari-hostmonitor", "masakari/masakari-hostmonitor.log", 0, "", "masakari-host-monitor", "/etc/masakarimonitors/masakarimonitors.conf"},
    KnownService{"mistral-api", "mistral-server api|mistral-api", "mistral/mistral-api.log", 8989, "/", "mistral-api|openstack-mistral-api", "/etc/mistral/mistral.conf"},
    KnownService{"mistral-engine", "mistral-server engine|mistral-engine", "mistral/mistral-engine.log", 0, "", "mistral-engine|openstack-mistral-engine", "/etc/mistral/mistral.conf"},
    KnownService{"mistral-executor", "mistral-server executor|mistral-executor", "mistral/mistral-executor.log", 0, "", "mistral-executor|openstack-mistral-executor", "/etc/mistral/mistral.conf"},
    KnownService{"tacker-server", "tacker-server", "tacker/tacker-server.log", 9890, "/", "tacker|tacker-server", "/etc/tacker/tacker.conf"},
    KnownService{"trove-api", "trove-api", "trove/trove-api.log", 8779, "/", "trove-api|openstack-trove-api", "/etc/trove/trove.conf"},
    KnownService{"trove-taskmanager", "trove-taskmanager", "trove/trove-taskmanager.log", 0, "", "trove-taskmanager|openstack-trove-taskmanager", "/etc/trove/trove.conf"},
    KnownService{"trove-conductor", "trove-conductor", "trove/trove-conductor.log", 0, "", "trove-conductor|openstack-trove-conductor", "/etc/trove/trove.conf"},
    KnownService{"watcher-api", "watcher-api", "watcher/watcher-api.log", 9322, "/", "watcher-api|openstack-watcher-api", "/etc/watcher/watcher.conf"},
    KnownService{"watcher-decision-engine", "watcher-decision-engine", "watcher/watcher-decision-engine.log", 0, "", "watcher-decision-engine|openstack-watcher-decision-engine", "/etc/watcher/watcher.conf"},
    KnownService{"watcher-applier", "watcher-applier", "watcher/watcher-applier.log", 0, "", "watcher-applier|openstack-watcher-applier", "/etc/watcher/watcher.conf"},
    KnownService{"zun-api", "zun-api", "zun/zun-api.log", 9517, "/", "zun-api", "/etc/zun/zun.conf"},
    KnownService{"zun-compute", "zun-compute", "zun/zun-compute.log", 0, "", "zun-compute", "/etc/zun/zun.conf"},
    KnownService{"skyline-apiserver", "skyline-apiserver|skyline_apiserver.main:app", "skyline/skyline.log", 9998, "/api/openstack/skyline/docs", "skyline-apiserver", "/etc/skyline/skyline.yaml"},

    KnownService{"rabbitmq-server", "beam.smp -s rabbit boot", "rabbitmq/rabbit@HOST.log|rabbitmq/rabbitmq.log", 5672, "amqp", "rabbitmq-server", "/etc/rabbitmq/rabbitmq.conf"},
    KnownService{"mariadb", "mariadbd|mysqld", "mysql/error.log|mariadb/mariadb.log|kolla/mariadb/mariadb.log", 3306, "mysql", "mariadb|mysql|mysqld", "/etc/mysql/mariadb.cnf"},
    KnownService{"postgresql", "postgres", "postgresql/postgresql-15-main.log", 5432, "tcp", "postgresql@15-main|postgresql", "/etc/postgresql"},
    KnownService{"memcached", "memcached", "", 11211, "memcached", "memcached", "/etc/memcached.conf"},
    KnownService{"redis", "redis-server|valkey-server", "redis/redis-server.log|redis/redis.log|kolla/redis/redis.log", 6379, "redis", "redis-server|redis|valkey", "/etc/redis/redis.conf"},
    KnownService{"etcd", "etcd", "kolla/etcd/etcd.log", 2379, "/health", "etcd", "/etc/default/etcd"},
    KnownService{"haproxy", "haproxy", "haproxy.log|kolla/haproxy/haproxy.log", 0, "", "haproxy", "/etc/haproxy/haproxy.cfg"},
    KnownService{"keepalived", "keepalived", "", 0, "", "keepalived", "/etc/keepalived/keepalived.conf"},
    KnownService{"proxysql", "proxysql", "kolla/proxysql/proxysql.log", 6032, "mysql", "proxysql", "/etc/proxysql.cnf"},
    KnownService{"pacemaker", "pacemakerd", "pacemaker/pacemaker.log", 0, "", "pacemaker", "/etc/corosync/corosync.conf"},
    KnownService{"corosync", "corosync", "corosync/corosync.log|cluster/corosync.log", 0, "", "corosync", "/etc/corosync/corosync.conf"},

    KnownService{"libvirtd", "libvirtd", "libvirt/libvirtd.log|kolla/libvirt/libvirtd.log", 0, "", "libvirtd", "/etc/libvirt/libvirtd.conf"},
    KnownService{"virtqemud", "virtqemud", "libvirt/virtqemud.log", 0, "", "virtqemud", "/etc/libvirt/virtqemud.conf"},
    KnownService{"virtlogd", "virtlogd", "", 0, "", "virtlogd", "/etc/libvirt/virtlogd.conf"},
    KnownService{"ovs-vswitchd", "ovs-vswitchd", "openvswitch/ovs-vswitchd.log|kolla/openvswitch/ovs-vswitchd.log", 0, "", "ovs-vswitchd|openvswitch-switch", "/etc/openvswitch/conf.db"},
    KnownService{"ovsdb-server", "ovsdb-server conf.db", "openvswitch/ovsdb-server.log|kolla/openvswitch/ovsdb-server.log", 0, "", "ovsdb-server|openvswitch-switch", "/etc/openvswitch/conf.db"},
    KnownService{"ovn-northd", "ovn-northd", "ovn/ovn-northd.log|kolla/openvswitch/ovn-northd.log", 0, "", "ovn-northd|ovn-central", "/etc/default/ovn-central"},
    KnownService{"ovn-nb-db", "ovsdb-server ovnnb_db", "ovn/ovsdb-server-nb.log|kolla/openvswitch/ovn-nb-db.log", 6641, "tcp", "ovn-ovsdb-server-nb", "/etc/default/ovn-central"},
    KnownService{"ovn-sb-db", "ovsdb-server ovnsb_db", "ovn/ovsdb-server-sb.log|kolla/openvswitch/ovn-sb-db.log", 6642, "tcp", "ovn-ovsdb-server-sb", "/etc/default/ovn-central"},
    KnownService{"ovn-controller", "ovn-controller", "ovn/ovn-controller.log|kolla/openvswitch/ovn-controller.log", 0, "", "ovn-controller|ovn-host", "/etc/default/ovn-host"},

    KnownService{"ceph-mon", "ceph-mon", "ceph/ceph-mon.HOST.log", 3300, "tcp", "ceph-mon@HOST", "/etc/ceph/ceph.conf"},
    KnownService{"ceph-mgr", "ceph-mgr", "ceph/ceph-mgr.HOST.log", 0, "", "ceph-mgr@HOST", "/etc/ceph/ceph.conf"},
    KnownService{"ceph-osd", "ceph-osd", "ceph/ceph-osd.0.log", 0, "", "ceph-osd.target", "/etc/ceph/ceph.conf"},
    KnownService{"ceph-mds", "ceph-mds", "ceph/ceph-mds.HOST.log", 0, "", "ceph-mds@HOST", "/etc/ceph/ceph.conf"},
    KnownService{"ceph-radosgw", "radosgw", "ceph/ceph-client.rgw.HOST.log", 7480, "/swift/healthcheck", "ceph-radosgw@rgw.HOST", "/etc/ceph/ceph.conf"},
};
// clang-format on

/// Those whose programs without a port are workers and agents of oslo.messaging.
constexpr std::string_view kBrokerProjects[] = {
    "nova-",    "neutron-", "cinder-",  "heat-", "octavia-",   "designate-",  "barbican-",
    "magnum-",  "manila-",  "ironic-",  "aodh-", "blazar-",    "cloudkitty-", "masakari-",
    "mistral-", "trove-",   "watcher-", "zun-",  "ceilometer-"};

void replace_host(std::string& text, std::string_view host) {
  if (const std::size_t at = text.find("HOST"); at != std::string::npos) text.replace(at, 4, host);
}

}  // namespace

std::span<const KnownService> known_services() {
  return kServices;
}

const KnownService* find_known_service(std::string_view name) {
  const auto found = std::ranges::find(kServices, name, &KnownService::name);
  return found == kServices.end() ? nullptr : &*found;
}

bool lives_on_broker(const KnownService& service) {
  return service.probe.empty() && std::ranges::any_of(kBrokerProjects, [&](std::string_view project) {
           return service.name.starts_with(project);
         });
}

std::vector<std::string_view> alternatives(std::string_view column) {
  return split(column, '|');
}

std::vector<std::string> usual_logs(const KnownService& service, std::string_view host) {
  std::vector<std::string> logs;
  bool kolla_named = false;
  std::string project;
  for (std::string_view path : alternatives(service.logs)) {
    kolla_named |= path.starts_with("kolla/");
    if (project.empty() && path.contains('/')) project = path.substr(0, path.find('/'));
    logs.push_back("/var/log/" + std::string(path));
    replace_host(logs.back(), host);
  }
  if (project.empty() || kolla_named) return logs;
  const std::string_view usual = alternatives(service.logs).front();
  // Kolla names the file after the service, and keeps "rabbit@HOST.log" as it is.
  std::string kolla = usual.contains("HOST")
                          ? "/var/log/kolla/" + std::string(usual)
                          : "/var/log/kolla/" + project + "/" + std::string(service.name) + ".log";
  replace_host(kolla, host);
  logs.push_back(std::move(kolla));
  return logs;
}

std::vector<std::string> logs_beside(std::string_view service) {
  struct Row {
    std::string_view service, logs;
  };
  // What a guest's process said before it died; what the web server in front of Keystone says.
  static constexpr std::array kBeside{
      Row{"libvirtd", "/var/log/libvirt/qemu/*.log"},
      Row{"virtqemud", "/var/log/libvirt/qemu/*.log"},
      Row{"keystone", "/var/log/apache2/keystone*.log|/var/log/httpd/keystone*.log"},
  };
  std::vector<std::string> logs;
  for (const Row& row : kBeside)
    if (row.service == service)
      for (const std::string_view log : alternatives(row.logs)) logs.emplace_back(log);
  return logs;
}

}  // namespace sentinella::agent
