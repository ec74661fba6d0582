// Where a message broker is, as oslo.messaging writes it:
//   rabbit://user:password@host:port,user:password@host2:port/vhost      (kombu+... and amqp:// alike)
// amqps:// or ?ssl=1 speak TLS. Without a user it is guest/guest, without a port 5672 (5671).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sentinella::telemetry {

struct BrokerNode {
  std::string host;
  std::uint16_t port = 5672;
  std::string user = "guest", password = "guest";
};

/// One broker: the nodes of one cluster.
struct TransportUrl {
  std::vector<BrokerNode> nodes;  ///< at least one; tried in turn
  std::string vhost = "/";
  bool tls = false;

  /// "host:port/vhost" of the first node: for logs and status, without the password.
  std::string name() const;
};

/// kInvalid; the message never holds the password.
Result<TransportUrl> parse_transport_url(std::string_view text);

}  // namespace sentinella::telemetry
