// Receives lines of text over TCP on one port from one range of networks; nothing is answered.
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

struct LineListenerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0 = any free one
  std::vector<AddressRange> allow = {};
  std::size_t max_connections = 256;  ///< one more is closed at once
  std::size_t max_line = 64u << 10;   ///< a longer one ends its connection
};

struct LineListenerStatistics {
  std::uint64_t connections = 0;  ///< ever taken
  std::uint64_t refused = 0;      ///< from outside of `allow`, or one too many
};

class LineListener {
 public:
  virtual ~LineListener() = default;  ///< stops; the handler is not called any more
  virtual std::uint16_t port() const = 0;
  virtual LineListenerStatistics statistics() const = 0;
};

/// Called on the listener's own thread with one whole line or more, the last newline left out; what a
/// connection ends with counts as a line. The view ends with the call.
using LinesHandler = std::function<void(std::string_view lines)>;

/// Starts at once. kUnavailable: the port is taken. kInvalid: not an address of this machine.
Result<std::unique_ptr<LineListener>> start_line_listener(LineListenerOptions options, LinesHandler handler);

}  // namespace sentinella::net
