#include "telemetry/bus/amqp_connection.h"

#include "telemetry/bus/amqp_link.h"

namespace sentinella::telemetry {
namespace {

std::string text_of(amqp_bytes_t bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

}  // namespace

struct AmqpConnection::Impl {
  explicit Impl(const BrokerNode& node) : link(node) {}
  AmqpLink link;

  Result<void> subscribe(const SubscriptionOptions& options) {
    for (const std::string& exchange : options.exchanges)
      SENT_TRY(link.ensure_exchange(exchange, options.durable_exchanges));
    SENT_TRY(link.ensure_queue(options.queue, options.quorum));
    for (const std::string& exchange : options.exchanges)
      for (const std::string& key : options.routing_keys) SENT_TRY(link.bind(options.queue, exchange, key));
    amqp_basic_qos(link.state, kAmqpChannel, 0, options.prefetch, 0);
    SENT_TRY(link.check("set the prefetch"));
    amqp_basic_consume(link.state, kAmqpChannel, amqp_bytes(options.queue), amqp_empty_bytes, 0, 0, 0,
                       amqp_empty_table);
    return link.check("consume the queue " + options.queue);
  }
};

AmqpConnection::AmqpConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AmqpConnection::~AmqpConnection() = default;

Result<std::unique_ptr<AmqpConnection>> AmqpConnection::open(const BrokerNode& node, const TransportUrl& url,
                                                             const TlsFilesOfBroker& tls,
                                                             const SubscriptionOptions& options) {
  auto impl = std::make_unique<Impl>(node);
  SENT_TRY(impl->link.open(node, url, tls));
  SENT_TRY(impl->subscribe(options));
  return std::unique_ptr<AmqpConnection>(new AmqpConnection(std::move(impl)));
}

Result<std::optional<Delivery>> AmqpConnection::next(Duration wait) {
  amqp_maybe_release_buffers(impl_->link.state);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(wait).count();
  const timeval timeout{static_cast<time_t>(micros / 1'000'000),
                        static_cast<suseconds_t>(micros % 1'000'000)};
  amqp_envelope_t envelope;
  const auto reply = amqp_consume_message(impl_->link.state, &envelope, &timeout, 0);
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT)
    return std::nullopt;
  if (reply.reply_type != AMQP_RESPONSE_NORMAL)
    return impl_->link.broken("consume", AmqpLink::reason_of(reply));
  Delivery delivery{envelope.delivery_tag, text_of(envelope.exchange), text_of(envelope.routing_key),
                    text_of(envelope.message.body), envelope.redelivered != 0};
  amqp_destroy_envelope(&envelope);
  return delivery;
}

Result<void> AmqpConnection::acknowledge(std::uint64_t tag) {
  const int status = amqp_basic_ack(impl_->link.state, kAmqpChannel, tag, 1);
  if (status != AMQP_STATUS_OK) return impl_->link.broken("acknowledge", amqp_error_string2(status));
  return {};
}

}  // namespace sentinella::telemetry
