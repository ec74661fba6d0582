#include "agent/discover/catalogue.h"

#include <array>

namespace sentinella::agent {
namespace {

constexpr bool kAsked = true;

constexpr std::array kServices = {
    KnownService{"nova-api", "nova-api", "/var/log/nova/nova-api.log", kAsked},
    KnownService{"nova-scheduler", "nova-scheduler", "/var/log/nova/nova-scheduler.log", kAsked},
    KnownService{"nova-compute", "nova-compute", "/var/log/nova/nova-compute.log", kAsked},
    KnownService{"nova-cert", "nova-cert", "/var/log/nova/nova-cert.log", kAsked},
    KnownService{"nova-conductor", "nova-conductor", "/var/log/nova/nova-conductor.log", kAsked},
    KnownService{"nova-novncproxy", "nova-novncproxy", "/var/log/nova/nova-novncproxy.log", kAsked},
    KnownService{"neutron-server", "neutron-server", "/var/log/neutron/server.log", kAsked},
    KnownService{"neutron-dhcp-agent", "neutron-dhcp-agent", "/var/log/neutron/dhcp-agent.log", kAsked},
    KnownService{"neutron-openvswitch-agent", "neutron-openvswitch-agent",
                 "/var/log/neutron/openvswitch-agent.log", kAsked},
    KnownService{"neutron-l3-agent", "neutron-l3-agent", "/var/log/neutron/l3-agent.log", kAsked},
    KnownService{"neutron-metadata-agent", "neutron-metadata-agent", "/var/log/neutron/metadata-agent.log",
                 kAsked},
    KnownService{"nova-metadata", "nova-metadata-wsgi", "/var/log/nova/nova-metadata-api.log"},
    KnownService{"nova-serialproxy", "nova-serialproxy", "/var/log/nova/nova-serialproxy.log"},
    KnownService{"nova-spicehtml5proxy", "nova-spicehtml5proxy", "/var/log/nova/nova-spicehtml5proxy.log"},
    KnownService{"neutron-rpc-server", "neutron-rpc-server", "/var/log/neutron/rpc-server.log"},
    KnownService{"neutron-ovn-metadata-agent", "neutron-ovn-metadata-agent",
                 "/var/log/neutron/ovn-metadata-agent.log"},
    KnownService{"neutron-sriov-nic-agent", "neutron-sriov-nic-agent",
                 "/var/log/neutron/sriov-nic-agent.log"},
    KnownService{"keystone", "keystone", "/var/log/keystone/keystone.log"},
    KnownService{"glance-api", "glance-api", "/var/log/glance/glance-api.log"},
    KnownService{"placement", "placement", "/var/log/placement/placement-api.log"},
    KnownService{"placement-api", "placement-api", "/var/log/placement/placement-api.log"},
    KnownService{"cinder-api", "cinder-api", "/var/log/cinder/cinder-api.log"},
    KnownService{"cinder-scheduler", "cinder-scheduler", "/var/log/cinder/cinder-scheduler.log"},
    KnownService{"cinder-volume", "cinder-volume", "/var/log/cinder/cinder-volume.log"},
    KnownService{"cinder-backup", "cinder-backup", "/var/log/cinder/cinder-backup.log"},
    KnownService{"heat-api", "heat-api", "/var/log/heat/heat-api.log"},
    KnownService{"heat-api-cfn", "heat-api-cfn", "/var/log/heat/heat-api-cfn.log"},
    KnownService{"heat-engine", "heat-engine", "/var/log/heat/heat-engine.log"},
    KnownService{"octavia-api", "octavia-api", "/var/log/octavia/octavia-api.log"},
    KnownService{"octavia-worker", "octavia-worker", "/var/log/octavia/octavia-worker.log"},
    KnownService{"octavia-health-manager", "octavia-health-manager",
                 "/var/log/octavia/octavia-health-manager.log"},
    KnownService{"octavia-housekeeping", "octavia-housekeeping", "/var/log/octavia/octavia-housekeeping.log"},
    KnownService{"designate-api", "designate-api", "/var/log/designate/designate-api.log"},
    KnownService{"designate-central", "designate-central", "/var/log/designate/designate-central.log"},
    KnownService{"designate-worker", "designate-worker", "/var/log/designate/designate-worker.log"},
    KnownService{"barbican-api", "barbican-api", "/var/log/barbican/barbican-api.log"},
    KnownService{"barbican-worker", "barbican-worker", "/var/log/barbican/barbican-worker.log"},
    KnownService{"magnum-api", "magnum-api", "/var/log/magnum/magnum-api.log"},
    KnownService{"magnum-conductor", "magnum-conductor", "/var/log/magnum/magnum-conductor.log"},
    KnownService{"manila-api", "manila-api", "/var/log/manila/manila-api.log"},
    KnownService{"manila-scheduler", "manila-scheduler", "/var/log/manila/manila-scheduler.log"},
    KnownService{"manila-share", "manila-share", "/var/log/manila/manila-share.log"},
    KnownService{"ironic-api", "ironic-api", "/var/log/ironic/ironic-api.log"},
    KnownService{"ironic-conductor", "ironic-conductor", "/var/log/ironic/ironic-conductor.log"},
    KnownService{"gnocchi-api", "gnocchi-api", "/var/log/gnocchi/gnocchi-api.log"},
    KnownService{"gnocchi-metricd", "gnocchi-metricd", "/var/log/gnocchi/gnocchi-metricd.log"},
    KnownService{"ceilometer-polling", "ceilometer-polling", "/var/log/ceilometer/ceilometer-polling.log"},
    KnownService{"ceilometer-agent-notification", "ceilometer-agent-notification",
                 "/var/log/ceilometer/ceilometer-agent-notification.log"},
    KnownService{"aodh-api", "aodh-api", "/var/log/aodh/aodh-api.log"},
    KnownService{"aodh-evaluator", "aodh-evaluator", "/var/log/aodh/aodh-evaluator.log"},
    KnownService{"aodh-notifier", "aodh-notifier", "/var/log/aodh/aodh-notifier.log"},
    KnownService{"aodh-listener", "aodh-listener", "/var/log/aodh/aodh-listener.log"},
    KnownService{"rabbitmq-server", "beam.smp rabbit", "/var/log/rabbitmq/rabbit@HOST.log"},
    KnownService{"mariadb", "mariadbd", "/var/log/mysql/error.log"},
    KnownService{"memcached", "memcached", ""},
    KnownService{"haproxy", "haproxy", "/var/log/haproxy.log"},
    KnownService{"libvirtd", "libvirtd", ""},
    KnownService{"ovs-vswitchd", "ovs-vswitchd", "/var/log/openvswitch/ovs-vswitchd.log"},
    KnownService{"ovsdb-server", "ovsdb-server", "/var/log/openvswitch/ovsdb-server.log"},
    KnownService{"ovn-northd", "ovn-northd", "/var/log/ovn/ovn-northd.log"},
    KnownService{"ovn-controller", "ovn-controller", "/var/log/ovn/ovn-controller.log"},
    KnownService{"ceph-mon", "ceph-mon", ""},
    KnownService{"ceph-osd", "ceph-osd", ""},
};

}  // namespace

std::span<const KnownService> known_services() {
  return kServices;
}

}  // namespace sentinella::agent
