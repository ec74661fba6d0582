// A system that can tell its figures when asked: a broker, a database, an API.
#pragma once

#include <string>
#include <string_view>

#include "agent/collect/sample_writer.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

/// Used by one thread at a time. May wait, at most kLimit for each thing it asks.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::string_view kind() const = 0;
  /// Which one, the label `instance`: "127.0.0.1:15672".
  virtual std::string instance() const = 0;
  virtual Duration every() const = 0;
  /// Whether it is on this machine: one that never answered then is not here, and nothing is said of it.
  virtual bool local() const = 0;
  /// kUnavailable: nobody is there; what was written before counts nonetheless.
  virtual Result<void> collect(SampleWriter& out) = 0;

  static constexpr Duration kLimit = std::chrono::seconds(3);
};

/// Of an address, a URL or a socket's path: "127.0.0.1:11211", "http://localhost:15672",
/// "/run/haproxy/admin.sock".
inline bool is_this_machine(std::string_view address) {
  if (const std::size_t scheme = address.find("://"); scheme != std::string_view::npos)
    address.remove_prefix(scheme + 3);
  return address.starts_with("127.") || address.starts_with("[::1]") || address.starts_with("localhost") ||
         address.starts_with('/');
}

}  // namespace sentinella::agent
