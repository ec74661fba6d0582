#include "telemetry/bus/amqp_sender.h"

#include <amqp_framing.h>

#include <sys/time.h>

#include "telemetry/bus/amqp_link.h"

namespace sentinella::telemetry {
namespace {

constexpr std::uint8_t kPersistent = 2;
constexpr Duration kConfirmWithin = 10s;
constexpr timeval kLook{0, 200'000};  ///< between two looks whether it is still wanted

}  // namespace

struct AmqpSender::Impl {
  Impl(const BrokerNode& node, std::string to) : link(node), exchange(std::move(to)) {}
  AmqpLink link;
  const std::string exchange;
  std::uint64_t sent = 0, confirmed = 0;  ///< tags of the broker's confirmations count from 1

  /// The broker's next word; it may take so long for each.
  Result<void> wait_frame(amqp_frame_t& frame, const std::atomic<bool>& cancelled) {
    const auto deadline = std::chrono::steady_clock::now() + kConfirmWithin;
    for (;;) {
      const timeval wait = kLook;
      const int status = amqp_simple_wait_frame_noblock(link.state, &frame, &wait);
      if (status == AMQP_STATUS_OK) return {};
      if (cancelled) return link.broken("publish", "given up");
      if (status != AMQP_STATUS_TIMEOUT || std::chrono::steady_clock::now() >= deadline)
        return link.broken("publish", amqp_error_string2(status));
    }
  }

  Result<void> wait_confirmed(const std::atomic<bool>& cancelled) {
    while (confirmed < sent) {
      amqp_frame_t frame;
      SENT_TRY(wait_frame(frame, cancelled));
      if (frame.frame_type != AMQP_FRAME_METHOD) continue;
      if (frame.payload.method.id == AMQP_BASIC_ACK_METHOD) {
        const auto* ack = static_cast<const amqp_basic_ack_t*>(frame.payload.method.decoded);
        confirmed = ack->multiple != 0 ? ack->delivery_tag : confirmed + 1;
      } else if (frame.payload.method.id == AMQP_BASIC_NACK_METHOD) {
        return link.broken("publish", "it did not take a message");
      } else if (frame.payload.method.id == AMQP_CHANNEL_CLOSE_METHOD ||
                 frame.payload.method.id == AMQP_CONNECTION_CLOSE_METHOD) {
        return link.broken("publish", "it closed the connection");
      }
    }
    return {};
  }
};

AmqpSender::AmqpSender(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AmqpSender::~AmqpSender() = default;

Result<std::unique_ptr<AmqpSender>> AmqpSender::open(const BrokerNode& node, const TransportUrl& url,
                                                     const TlsFilesOfBroker& tls, const std::string& exchange,
                                                     const std::vector<std::string>& routing_keys) {
  auto impl = std::make_unique<Impl>(node, exchange);
  SENT_TRY(impl->link.open(node, url, tls));
  SENT_TRY(impl->link.ensure_exchange(exchange, false));
  for (const std::string& key : routing_keys) {
    SENT_TRY(impl->link.ensure_queue(key, false));
    SENT_TRY(impl->link.bind(key, exchange, key));
  }
  amqp_confirm_select(impl->link.state, kAmqpChannel);
  SENT_TRY(impl->link.check("ask for confirmations"));
  return std::unique_ptr<AmqpSender>(new AmqpSender(std::move(impl)));
}

Result<void> AmqpSender::send(const std::vector<Message>& messages, const std::atomic<bool>& cancelled) {
  amqp_maybe_release_buffers(impl_->link.state);
  amqp_basic_properties_t properties{};
  properties._flags =
      AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.content_type = amqp_cstring_bytes("application/json");
  properties.content_encoding = amqp_cstring_bytes("utf-8");
  properties.delivery_mode = kPersistent;
  for (const Message& message : messages) {
    const int status =
        amqp_basic_publish(impl_->link.state, kAmqpChannel, amqp_bytes(impl_->exchange),
                           amqp_bytes(message.routing_key), 0, 0, &properties, amqp_bytes(message.body));
    if (status != AMQP_STATUS_OK) return impl_->link.broken("publish", amqp_error_string2(status));
    ++impl_->sent;
  }
  return impl_->wait_confirmed(cancelled);
}

}  // namespace sentinella::telemetry
