// One connection to a RabbitMQ node with one queue being consumed: AMQP 0-9-1 by librabbitmq, whose headers
// stay in .cpp files. Blocking; belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "telemetry/bus/broker_tls.h"
#include "telemetry/bus/transport_url.h"

namespace sentinella::telemetry {

struct SubscriptionOptions {
  std::vector<std::string> exchanges;     ///< control exchanges: nova, glance ...
  std::vector<std::string> routing_keys;  ///< notifications.info ...
  std::string queue;                      ///< of our own, so that nothing is taken from other consumers
  std::uint16_t prefetch = 1000;
  bool quorum = false;             ///< the queue, when it is made
  bool durable_exchanges = false;  ///< exchanges that are not there yet are made so
};

struct Delivery {
  std::uint64_t tag = 0;
  std::string exchange, routing_key;
  std::string body;
  bool redelivered = false;
};

class AmqpConnection {
 public:
  /// Connects, logs in, finds or makes exchanges and queue, binds and begins to consume. Exchanges and queue
  /// are looked for first, so that one that is there with other properties is used as it is. kUnavailable,
  /// kUnauthorized; the message names the node, never the password.
  static Result<std::unique_ptr<AmqpConnection>> open(const BrokerNode& node, const TransportUrl& url,
                                                      const TlsFilesOfBroker& tls,
                                                      const SubscriptionOptions& options);
  ~AmqpConnection();

  /// The next message; nullopt when none came within `wait`. Keeps the heartbeat going. An error is the
  /// connection's end.
  Result<std::optional<Delivery>> next(Duration wait);
  /// Acknowledges every message up to `tag`.
  Result<void> acknowledge(std::uint64_t tag);

 private:
  struct Impl;
  explicit AmqpConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::telemetry
