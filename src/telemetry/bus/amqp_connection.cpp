#include "telemetry/bus/amqp_connection.h"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

#include <sys/time.h>

#include <openssl/ssl.h>

namespace sentinella::telemetry {
namespace {

constexpr int kHeartbeatSeconds = 20;
constexpr int kFrameBytes = 131'072;
constexpr amqp_channel_t kChannel = 1;
constexpr timeval kConnectWait{5, 0}, kAnswerWait{10, 0};

amqp_bytes_t bytes_of(const std::string& text) {
  return {text.size(), const_cast<char*>(text.data())};
}
std::string text_of(amqp_bytes_t bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

/// What the broker said when it closed channel or connection.
std::string reason_of(const amqp_rpc_reply_t& reply) {
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) return amqp_error_string2(reply.library_error);
  if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION) return "it closed the connection";
  if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
    return text_of(static_cast<const amqp_connection_close_t*>(reply.reply.decoded)->reply_text);
  if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
    return text_of(static_cast<const amqp_channel_close_t*>(reply.reply.decoded)->reply_text);
  return "it answered with an error";
}

bool is_not_found(const amqp_rpc_reply_t& reply) {
  return reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD &&
         static_cast<const amqp_channel_close_t*>(reply.reply.decoded)->reply_code == AMQP_NOT_FOUND;
}

}  // namespace

struct AmqpConnection::Impl {
  explicit Impl(std::string node) : name(std::move(node)), state(amqp_new_connection()) {}
  ~Impl() {
    if (state == nullptr) return;
    // The answer to a close is not waited for: the socket is closed right after.
    amqp_destroy_connection(state);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const std::string name;
  amqp_connection_state_t state;

  std::unexpected<Error> broken(std::string_view what, std::string_view why) const {
    return fail(Errc::kUnavailable, "cannot {} at the broker {}: {}", what, name, why);
  }
  Result<void> check(std::string_view what) const {
    const auto reply = amqp_get_rpc_reply(state);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return {};
    return broken(what, reason_of(reply));
  }
  Result<void> open_socket(const BrokerNode& node, bool tls, const TlsFilesOfBroker& files);
  Result<void> open_tls(amqp_socket_t* socket, const TlsFilesOfBroker& files) const;
  Result<void> login(const BrokerNode& node, const std::string& vhost);
  Result<void> open_channel() {
    amqp_channel_open(state, kChannel);
    return check("open a channel");
  }
  /// False when the broker says that there is none; the channel is then open again.
  Result<bool> found(std::string_view what) {
    const auto reply = amqp_get_rpc_reply(state);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return true;
    if (!is_not_found(reply)) return broken(what, reason_of(reply));
    const amqp_channel_close_ok_t closed{};
    amqp_send_method(state, kChannel, AMQP_CHANNEL_CLOSE_OK_METHOD,
                     const_cast<amqp_channel_close_ok_t*>(&closed));
    SENT_TRY(open_channel());
    return false;
  }
  Result<void> ensure_exchange(const std::string& exchange, bool durable);
  Result<void> ensure_queue(const SubscriptionOptions& options);
  Result<void> subscribe(const SubscriptionOptions& options);
};

Result<void> AmqpConnection::Impl::open_tls(amqp_socket_t* socket, const TlsFilesOfBroker& files) const {
  amqp_ssl_socket_set_verify_peer(socket, files.verify ? 1 : 0);
  amqp_ssl_socket_set_verify_hostname(socket, files.verify ? 1 : 0);
  amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
  if (!files.ca.empty()) {
    if (amqp_ssl_socket_set_cacert(socket, files.ca.c_str()) != AMQP_STATUS_OK)
      return broken("use the CA of " + files.ca.string(), "the file cannot be read as PEM");
  } else {
    SSL_CTX_set_default_verify_paths(static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket)));
  }
  if (files.certificate.empty()) return {};
  if (amqp_ssl_socket_set_key(socket, files.certificate.c_str(), files.key.c_str()) != AMQP_STATUS_OK)
    return broken("use the certificate " + files.certificate.string(), "certificate or key cannot be read");
  return {};
}

Result<void> AmqpConnection::Impl::open_socket(const BrokerNode& node, bool tls,
                                               const TlsFilesOfBroker& files) {
  if (state == nullptr) return broken("connect", "out of memory");
  amqp_set_handshake_timeout(state, &kAnswerWait);
  amqp_set_rpc_timeout(state, &kAnswerWait);
  amqp_socket_t* const socket = tls ? amqp_ssl_socket_new(state) : amqp_tcp_socket_new(state);
  if (socket == nullptr) return broken("connect", "no socket can be made");
  if (tls) SENT_TRY(open_tls(socket, files));
  timeval wait = kConnectWait;
  const int status = amqp_socket_open_noblock(socket, node.host.c_str(), node.port, &wait);
  if (status != AMQP_STATUS_OK) return broken("connect", amqp_error_string2(status));
  return {};
}

Result<void> AmqpConnection::Impl::login(const BrokerNode& node, const std::string& vhost) {
  const auto reply = amqp_login(state, vhost.c_str(), 0, kFrameBytes, kHeartbeatSeconds,
                                AMQP_SASL_METHOD_PLAIN, node.user.c_str(), node.password.c_str());
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return {};
  const bool refused = reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION ||
                       (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
                        reply.library_error == AMQP_STATUS_CONNECTION_CLOSED);
  return fail(refused ? Errc::kUnauthorized : Errc::kUnavailable,
              "the broker {} does not let the user {} into the vhost {}: {}", name, node.user, vhost,
              reason_of(reply));
}

Result<void> AmqpConnection::Impl::ensure_exchange(const std::string& exchange, bool durable) {
  amqp_exchange_declare(state, kChannel, bytes_of(exchange), amqp_cstring_bytes("topic"), 1, 0, 0, 0,
                        amqp_empty_table);
  const std::string what = "find the exchange " + exchange;
  SENT_TRY_ASSIGN(const bool there, found(what));
  if (there) return {};
  amqp_exchange_declare(state, kChannel, bytes_of(exchange), amqp_cstring_bytes("topic"), 0, durable ? 1 : 0,
                        0, 0, amqp_empty_table);
  return check("make the exchange " + exchange);
}

/// Durable, so that what is published while nobody listens is kept.
Result<void> AmqpConnection::Impl::ensure_queue(const SubscriptionOptions& options) {
  amqp_queue_declare(state, kChannel, bytes_of(options.queue), 1, 0, 0, 0, amqp_empty_table);
  const std::string what = "find the queue " + options.queue;
  SENT_TRY_ASSIGN(const bool there, found(what));
  if (there) return {};
  amqp_table_entry_t type{};
  type.key = amqp_cstring_bytes("x-queue-type");
  type.value.kind = AMQP_FIELD_KIND_UTF8;
  type.value.value.bytes = amqp_cstring_bytes("quorum");
  const amqp_table_t arguments{1, &type};
  amqp_queue_declare(state, kChannel, bytes_of(options.queue), 0, 1, 0, 0,
                     options.quorum ? arguments : amqp_empty_table);
  return check("make the queue " + options.queue);
}

Result<void> AmqpConnection::Impl::subscribe(const SubscriptionOptions& options) {
  SENT_TRY(open_channel());
  for (const std::string& exchange : options.exchanges)
    SENT_TRY(ensure_exchange(exchange, options.durable_exchanges));
  SENT_TRY(ensure_queue(options));
  for (const std::string& exchange : options.exchanges) {
    for (const std::string& key : options.routing_keys) {
      amqp_queue_bind(state, kChannel, bytes_of(options.queue), bytes_of(exchange), bytes_of(key),
                      amqp_empty_table);
      SENT_TRY(check("bind the queue " + options.queue + " to " + exchange));
    }
  }
  amqp_basic_qos(state, kChannel, 0, options.prefetch, 0);
  SENT_TRY(check("set the prefetch"));
  amqp_basic_consume(state, kChannel, bytes_of(options.queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
  return check("consume the queue " + options.queue);
}

AmqpConnection::AmqpConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AmqpConnection::~AmqpConnection() = default;

Result<std::unique_ptr<AmqpConnection>> AmqpConnection::open(const BrokerNode& node, const TransportUrl& url,
                                                             const TlsFilesOfBroker& tls,
                                                             const SubscriptionOptions& options) {
  auto impl = std::make_unique<Impl>(fmt::format("{}:{}", node.host, node.port));
  SENT_TRY(impl->open_socket(node, url.tls, tls));
  SENT_TRY(impl->login(node, url.vhost));
  SENT_TRY(impl->subscribe(options));
  return std::unique_ptr<AmqpConnection>(new AmqpConnection(std::move(impl)));
}

Result<std::optional<Delivery>> AmqpConnection::next(Duration wait) {
  amqp_maybe_release_buffers(impl_->state);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(wait).count();
  const timeval timeout{static_cast<time_t>(micros / 1'000'000),
                        static_cast<suseconds_t>(micros % 1'000'000)};
  amqp_envelope_t envelope;
  const auto reply = amqp_consume_message(impl_->state, &envelope, &timeout, 0);
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT)
    return std::nullopt;
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) return impl_->broken("consume", reason_of(reply));
  Delivery delivery{envelope.delivery_tag, text_of(envelope.exchange), text_of(envelope.routing_key),
                    text_of(envelope.message.body), envelope.redelivered != 0};
  amqp_destroy_envelope(&envelope);
  return delivery;
}

Result<void> AmqpConnection::acknowledge(std::uint64_t tag) {
  const int status = amqp_basic_ack(impl_->state, kChannel, tag, 1);
  if (status != AMQP_STATUS_OK) return impl_->broken("acknowledge", amqp_error_string2(status));
  return {};
}

}  // namespace sentinella::telemetry
