#include <cstddef>
#include <cstdint>

#include "agent/check/service_links.h"
#include "agent/discover/listening.h"
#include "agent/watch/cgroup.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::agent;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_net_tcp(text));
  static_cast<void>(parse_peer_sockets(text, PeerPorts{}));
  static_cast<void>(socket_inode(text));
  static_cast<void>(parse_cgroup(text));
  static_cast<void>(parse_cgroup_number(text));
  static_cast<void>(parse_cgroup_field(text, "oom_kill"));
  return 0;
}
