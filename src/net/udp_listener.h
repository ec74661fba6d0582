// Receives datagrams on one port from one range of networks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/address_range.h"

namespace sentinella::net {

struct UdpOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0 = any free one
  std::vector<AddressRange> allow = {};
  int receive_buffer_bytes = 4 << 20;  ///< asked of the kernel, which may give less
  /// Called when no datagram waits any more: what was collected from several can be handed on.
  std::function<void()> drained = {};
};

struct UdpStatistics {
  std::uint64_t datagrams = 0;
  std::uint64_t refused = 0;     ///< from outside of `allow`
  std::uint64_t overflowed = 0;  ///< the kernel dropped them because the buffer was full
};

class UdpListener {
 public:
  virtual ~UdpListener() = default;  ///< stops; the handler is not called any more
  virtual std::uint16_t port() const = 0;
  virtual UdpStatistics statistics() const = 0;
};

/// Called on the listener's own thread; the views end with the call.
using DatagramHandler = std::function<void(std::string_view datagram, const sockaddr_storage& from)>;

/// Starts at once. kUnavailable: the port is taken. kInvalid: not an address of this machine.
Result<std::unique_ptr<UdpListener>> start_udp_listener(UdpOptions options, DatagramHandler handler);

}  // namespace sentinella::net
