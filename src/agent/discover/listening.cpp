#include "agent/discover/listening.h"

#include <algorithm>
#include <iterator>

#include "agent/discover/net_tcp.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxSockets = 4096;

}  // namespace

std::vector<ListeningSocket> parse_net_tcp(std::string_view text) {
  std::vector<ListeningSocket> sockets;
  for_each_tcp_line(text, TcpState::listen, [&](const TcpLine& line) {
    std::string address = tcp_address(line.local_address);
    if (!address.empty() && sockets.size() < kMaxSockets)
      sockets.push_back({std::move(address), line.local_port, line.inode});
  });
  return sockets;
}

std::vector<ListeningSocket> listening_sockets(const ProcFs& proc) {
  std::vector<ListeningSocket> sockets;
  for (const char* file : {"net/tcp", "net/tcp6"}) {
    std::vector<ListeningSocket> found;
    const auto take = [&](std::string_view lines) {
      for (ListeningSocket& socket : parse_net_tcp(lines))
        if (found.size() < kMaxSockets) found.push_back(std::move(socket));
    };
    // What was read before a failure is right, and a kernel without IPv6 has no second table.
    static_cast<void>(proc.read_lines(file, take));
    std::ranges::move(found, std::back_inserter(sockets));
  }
  return sockets;
}

std::uint64_t socket_inode(std::string_view link) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return 0;
  link.remove_prefix(kPrefix.size());
  link.remove_suffix(1);
  return parse_uint(link).value_or(0);
}

}  // namespace sentinella::agent
