// Publishes to an exchange of a RabbitMQ node and waits until the broker has what it was given.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "telemetry/bus/broker_tls.h"
#include "telemetry/bus/socket_cut.h"
#include "telemetry/bus/transport_url.h"

namespace sentinella::telemetry {

/// Blocking; belongs to one thread.
class AmqpSender {
 public:
  /// Connects, finds or makes the topic exchange and, as oslo.messaging's publishers do, a queue of the name
  /// of each routing key, so that what is published is kept until somebody consumes it. kUnavailable,
  /// kUnauthorized. `cut` must outlive it: when another thread cuts, what is waited for soon ends with
  /// kUnavailable, here and in send(); to be connected alone is waited for, for five seconds.
  static Result<std::unique_ptr<AmqpSender>> open(const BrokerNode& node, const TransportUrl& url,
                                                  const TlsFilesOfBroker& tls, const std::string& exchange,
                                                  const std::vector<std::string>& routing_keys,
                                                  SocketCut& cut);
  ~AmqpSender();

  struct Message {
    std::string routing_key, body;  ///< JSON
  };
  /// Returns when the broker has confirmed all of them. An error is the connection's end: some may have come.
  Result<void> send(const std::vector<Message>& messages);

 private:
  struct Impl;
  explicit AmqpSender(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::telemetry
