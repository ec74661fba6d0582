#include <cstddef>
#include <cstdint>

#include "agent/collect/haproxy.h"
#include "agent/collect/memcached.h"
#include "agent/collect/mysql_protocol.h"
#include "agent/collect/openstack.h"
#include "agent/collect/rabbitmq.h"
#include "agent/collect/units.h"

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
  write_units(text, out);
  static_cast<void>(parse_mysql_greeting(text));
  static_cast<void>(parse_mysql_login_reply(text, "pw"));
  MysqlRows rows;
  for (std::string_view rest = text;;) {
    const auto packet = first_mysql_packet(rest);
    if (!packet || !rows.put(packet->payload)) break;
    rest.remove_prefix(packet->size);
  }
  return 0;
}
