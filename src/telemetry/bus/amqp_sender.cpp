#include "telemetry/bus/amqp_sender.h"

#include <sys/time.h>

#include "telemetry/bus/amqp_link.h"

namespace sentinella::telemetry {
namespace {

constexpr std::uint8_t kPersistent = 2;
constexpr timeval kConfirmWithin{10, 0};  ///< each word of the broker

}  // namespace

struct AmqpSender::Impl {
  Impl(const BrokerNode& node, std::string to, SocketCut& by)
      : cut(by), link(node), exchange(std::move(to)) {}
  SocketCut& cut;
  AmqpLink link;
  const std::string exchange;
  std::uint64_t sent = 0, confirmed = 0;  ///< tags of the broker's confirmations count from 1

  Result<void> set_up(const BrokerNode& node, const TransportUrl& url, const TlsFilesOfBroker& tls,
                      const std::vector<std::string>& routing_keys) {
    if (cut.is_cut()) return link.broken("connect", "it is no longer wanted");
    SENT_TRY(link.open(node, url, tls, &cut));
    SENT_TRY(link.ensure_exchange(exchange, false));
    for (const std::string& key : routing_keys) {
      SENT_TRY(link.ensure_queue(key, false));
      SENT_TRY(link.bind(key, exchange, key));
    }
    amqp_confirm_select(link.state, kAmqpChannel);
    return link.check("ask for confirmations");
  }

  /// The end of a connection that was cut is not the broker's fault.
  Result<void> or_given_up(Result<void> done) const {
    if (done || !cut.is_cut()) return done;
    return fail(Errc::kUnavailable, "given up: {}", done.error().message);
  }

  Result<void> wait_frame(amqp_frame_t& frame) {
    const int status = amqp_simple_wait_frame_noblock(link.state, &frame, &kConfirmWithin);
    if (status != AMQP_STATUS_OK) return link.broken("publish", amqp_error_string2(status));
    return {};
  }

  Result<void> wait_confirmed() {
    while (confirmed < sent) {
      amqp_frame_t frame;
      SENT_TRY(wait_frame(frame));
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

  Result<void> publish(const std::vector<Message>& messages) {
    amqp_maybe_release_buffers(link.state);
    amqp_basic_properties_t properties{};
    properties._flags =
        AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.content_type = amqp_cstring_bytes("application/json");
    properties.content_encoding = amqp_cstring_bytes("utf-8");
    properties.delivery_mode = kPersistent;
    for (const Message& message : messages) {
      const int status =
          amqp_basic_publish(link.state, kAmqpChannel, amqp_bytes(exchange), amqp_bytes(message.routing_key),
                             0, 0, &properties, amqp_bytes(message.body));
      if (status != AMQP_STATUS_OK) return link.broken("publish", amqp_error_string2(status));
      ++sent;
    }
    return wait_confirmed();
  }
};

AmqpSender::AmqpSender(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AmqpSender::~AmqpSender() = default;

Result<std::unique_ptr<AmqpSender>> AmqpSender::open(const BrokerNode& node, const TransportUrl& url,
                                                     const TlsFilesOfBroker& tls, const std::string& exchange,
                                                     const std::vector<std::string>& routing_keys,
                                                     SocketCut& cut) {
  auto impl = std::make_unique<Impl>(node, exchange, cut);
  SENT_TRY(impl->or_given_up(impl->set_up(node, url, tls, routing_keys)));
  return std::unique_ptr<AmqpSender>(new AmqpSender(std::move(impl)));
}

Result<void> AmqpSender::send(const std::vector<Message>& messages) {
  return impl_->or_given_up(impl_->publish(messages));
}

}  // namespace sentinella::telemetry
