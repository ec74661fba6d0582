// The kernel's table of TCP sockets, /proc/net/tcp and tcp6 (proc(5)), line by line. Readable by everybody.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace sentinella::agent {

enum class TcpState : std::uint8_t { established = 1, listen = 10 };

struct TcpLine {
  std::string_view local_address;  ///< in hexadecimal, as the kernel prints it
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  uid_t owner = 0;  ///< whose process made the socket
  std::uint64_t inode = 0;
};

/// Calls `each` with the sockets in this state; lines that are not understood are left out. The views live as
/// long as `text`.
void for_each_tcp_line(std::string_view text, TcpState state,
                       const std::function<void(const TcpLine&)>& each);

/// The kernel prints each 32-bit word of the address in the machine's own byte order. "" = no address; "every
/// address" is told as 127.0.0.1, to connect to; IPv6 without brackets.
std::string tcp_address(std::string_view hex);

}  // namespace sentinella::agent
