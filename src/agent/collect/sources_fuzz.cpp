#include <cstddef>
#include <cstdint>

#include "agent/collect/ceph.h"
#include "agent/collect/haproxy.h"
#include "agent/collect/json_rpc.h"
#include "agent/collect/libvirt.h"
#include "agent/collect/memcached.h"
#include "agent/collect/mysql_protocol.h"
#include "agent/collect/openstack.h"
#include "agent/collect/openstack_capacity.h"
#include "agent/collect/openvswitch.h"
#include "agent/collect/postgres.h"
#include "agent/collect/rabbitmq.h"
#include "base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using namespace sentinella::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<SeriesSamples> samples;
  SampleWriter out(samples, "h", Time{});
  static_cast<void>(write_memcached(text, "i", out));
  static_cast<void>(write_haproxy(text, "i", out));
  static_cast<void>(write_rabbitmq_overview(text, "i", out));
  static_cast<void>(write_rabbitmq_nodes(text, "i", out));
  static_cast<void>(write_rabbitmq_queues(text, "i", out));
  static_cast<void>(write_nova_services(text, "i", out));
  static_cast<void>(write_nova_hypervisors(text, "i", out));
  static_cast<void>(write_neutron_agents(text, "i", out));
  static_cast<void>(read_catalogue(text, ""));
  static_cast<void>(parse_mysql_greeting(text));
  static_cast<void>(parse_mysql_login_reply(text, "pw"));
  MysqlRows rows;
  for (std::string_view rest = text;;) {
    const auto packet = first_mysql_packet(rest);
    if (!packet || !rows.put(packet->payload)) break;
    rest.remove_prefix(packet->size);
  }
  static_cast<void>(write_ceph_status(text, out));
  static_cast<void>(write_ceph_df(text, out));
  static_cast<void>(write_quota(text, "compute", {"id", "name"}, "i", out));
  static_cast<void>(write_quota(text, "network", {"id", "name"}, "i", out));
  static_cast<void>(write_inventories(text, {"id", "name"}, "i", out));
  static_cast<void>(write_usages(text, {"id", "name"}, "i", out));
  static_cast<void>(write_cinder_pools(text, "i", out));
  static_cast<void>(write_glance_images(text, "i", out));
  static_cast<void>(read_projects(text, 10));
  static_cast<void>(read_providers(text, 10));
  write_upcalls(text, out);
  write_cluster_status(text, "db", out);
  if (const auto json = parse_json(text)) static_cast<void>(write_ovsdb(*json, out));
  static_cast<void>(JsonEnd().find(text));
  static_cast<void>(parse_interfaces(text));
  static_cast<void>(parse_process_io(text));
  static_cast<void>(parse_tap_device(text));
  static_cast<void>(parse_vcpu_thread(text));
  static_cast<void>(parse_run_delay(text));
  std::vector<std::string> arguments = {"qemu"};
  for (std::string_view argument : split(text, '\n')) arguments.emplace_back(argument);
  static_cast<void>(parse_qemu_arguments(arguments));
  PostgresLogin login("u", "p", "n", true);
  PostgresRows postgres_rows;
  for (std::string_view rest = text;;) {
    const auto message = first_postgres_message(rest);
    if (!message || !*message) break;
    static_cast<void>(login.put(**message));
    static_cast<void>(postgres_rows.put(**message));
    rest.remove_prefix((*message)->size);
  }
  write_postgres(postgres_rows.take().rows, "i", out);
  return 0;
}
