// A logged-in connection to a RabbitMQ node with one open channel: what whoever consumes and whoever
// publishes have in common. For the .cpp files of this folder alone: librabbitmq's headers stay there.
#pragma once

#include <string>
#include <string_view>

#include <amqp.h>

#include "base/result.h"
#include "telemetry/bus/broker_tls.h"
#include "telemetry/bus/socket_cut.h"
#include "telemetry/bus/transport_url.h"

namespace sentinella::telemetry {

inline constexpr amqp_channel_t kAmqpChannel = 1;

inline amqp_bytes_t amqp_bytes(const std::string& text) {
  return {text.size(), const_cast<char*>(text.data())};
}

/// Blocking; belongs to one thread. Errors are kUnavailable (and kUnauthorized of the login); messages name
/// the node, never the password.
struct AmqpLink {
  explicit AmqpLink(const BrokerNode& node);
  ~AmqpLink();
  AmqpLink(const AmqpLink&) = delete;
  AmqpLink& operator=(const AmqpLink&) = delete;

  /// Connects, logs in, opens the channel. From the connection on `cut` ends what is waited for; it must
  /// outlive the link.
  Result<void> open(const BrokerNode& node, const TransportUrl& url, const TlsFilesOfBroker& tls,
                    SocketCut* cut = nullptr);
  /// Exchanges and queues are looked for first, so that one that is there with other properties is used as it
  /// is.
  Result<void> ensure_exchange(const std::string& exchange, bool durable);
  /// A durable one, so that what is published while nobody listens is kept.
  Result<void> ensure_queue(const std::string& queue, bool quorum);
  Result<void> bind(const std::string& queue, const std::string& exchange, const std::string& key);

  std::unexpected<Error> broken(std::string_view what, std::string_view why) const;
  /// How the last call went.
  Result<void> check(std::string_view what) const;
  static std::string reason_of(const amqp_rpc_reply_t& reply);

  const std::string name;
  amqp_connection_state_t state;

 private:
  Result<void> open_socket(const BrokerNode& node, bool tls, const TlsFilesOfBroker& files);
  Result<void> open_tls(amqp_socket_t* socket, const TlsFilesOfBroker& files) const;
  Result<void> login(const BrokerNode& node, const std::string& vhost);
  Result<void> open_channel();
  /// False when the broker says that there is none; the channel is then open again.
  Result<bool> found(std::string_view what);

  SocketCut* cut_ = nullptr;
};

}  // namespace sentinella::telemetry
