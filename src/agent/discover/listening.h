// Who listens where: /proc/net/tcp and tcp6 (proc(5)), readable by everybody, and whose sockets those are, as
// far as we may look.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

struct ListeningSocket {
  std::string address;  ///< to connect to: "127.0.0.1" also for "every address"; IPv6 without brackets
  std::uint16_t port = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const ListeningSocket&, const ListeningSocket&) = default;
};

/// TCP sockets in state LISTEN of lines of one of the two files; 4,096 at most, lines that are not understood
/// are left out.
std::vector<ListeningSocket> parse_net_tcp(std::string_view text);

/// Of this machine, IPv4 before IPv6; 4,096 of each at most. The tables are read piece by piece: those of a
/// busy load balancer have tens of megabytes.
std::vector<ListeningSocket> listening_sockets(const ProcFs& proc);

/// The inode in "socket:[12345]", the target of a link in /proc/PID/fd; 0 = not a socket.
std::uint64_t socket_inode(std::string_view link);

}  // namespace sentinella::agent
