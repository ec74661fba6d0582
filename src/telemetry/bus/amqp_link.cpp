#include "telemetry/bus/amqp_link.h"

#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

#include <sys/time.h>

#include <openssl/ssl.h>

namespace sentinella::telemetry {
namespace {

constexpr int kHeartbeatSeconds = 20;
constexpr int kFrameBytes = 131'072;
constexpr timeval kConnectWait{5, 0}, kAnswerWait{10, 0};

std::string said(amqp_bytes_t bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

bool is_not_found(const amqp_rpc_reply_t& reply) {
  return reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD &&
         static_cast<const amqp_channel_close_t*>(reply.reply.decoded)->reply_code == AMQP_NOT_FOUND;
}

}  // namespace

AmqpLink::AmqpLink(const BrokerNode& node)
    : name(fmt::format("{}:{}", node.host, node.port)), state(amqp_new_connection()) {}

AmqpLink::~AmqpLink() {
  // The answer to a close is not waited for: the socket is closed right after.
  if (state != nullptr) amqp_destroy_connection(state);
  if (cut_ != nullptr) cut_->forget();
}

std::unexpected<Error> AmqpLink::broken(std::string_view what, std::string_view why) const {
  return fail(Errc::kUnavailable, "cannot {} at the broker {}: {}", what, name, why);
}

Result<void> AmqpLink::check(std::string_view what) const {
  const auto reply = amqp_get_rpc_reply(state);
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return {};
  return broken(what, reason_of(reply));
}

/// What the broker said when it closed channel or connection.
std::string AmqpLink::reason_of(const amqp_rpc_reply_t& reply) {
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) return amqp_error_string2(reply.library_error);
  if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION) return "it closed the connection";
  if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD)
    return said(static_cast<const amqp_connection_close_t*>(reply.reply.decoded)->reply_text);
  if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
    return said(static_cast<const amqp_channel_close_t*>(reply.reply.decoded)->reply_text);
  return "it answered with an error";
}

Result<void> AmqpLink::open_channel() {
  amqp_channel_open(state, kAmqpChannel);
  return check("open a channel");
}

Result<bool> AmqpLink::found(std::string_view what) {
  const auto reply = amqp_get_rpc_reply(state);
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return true;
  if (!is_not_found(reply)) return broken(what, reason_of(reply));
  const amqp_channel_close_ok_t closed{};
  amqp_send_method(state, kAmqpChannel, AMQP_CHANNEL_CLOSE_OK_METHOD,
                   const_cast<amqp_channel_close_ok_t*>(&closed));
  SENT_TRY(open_channel());
  return false;
}

Result<void> AmqpLink::open_tls(amqp_socket_t* socket, const TlsFilesOfBroker& files) const {
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

Result<void> AmqpLink::open_socket(const BrokerNode& node, bool tls, const TlsFilesOfBroker& files) {
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

Result<void> AmqpLink::login(const BrokerNode& node, const std::string& vhost) {
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

Result<void> AmqpLink::open(const BrokerNode& node, const TransportUrl& url, const TlsFilesOfBroker& tls,
                            SocketCut* cut) {
  SENT_TRY(open_socket(node, url.tls, tls));
  cut_ = cut;
  if (cut_ != nullptr) SENT_TRY(cut_->watch(amqp_get_sockfd(state)));
  SENT_TRY(login(node, url.vhost));
  return open_channel();
}

Result<void> AmqpLink::ensure_exchange(const std::string& exchange, bool durable) {
  amqp_exchange_declare(state, kAmqpChannel, amqp_bytes(exchange), amqp_cstring_bytes("topic"), 1, 0, 0, 0,
                        amqp_empty_table);
  const std::string what = "find the exchange " + exchange;
  SENT_TRY_ASSIGN(const bool there, found(what));
  if (there) return {};
  amqp_exchange_declare(state, kAmqpChannel, amqp_bytes(exchange), amqp_cstring_bytes("topic"), 0,
                        durable ? 1 : 0, 0, 0, amqp_empty_table);
  return check("make the exchange " + exchange);
}

Result<void> AmqpLink::ensure_queue(const std::string& queue, bool quorum) {
  amqp_queue_declare(state, kAmqpChannel, amqp_bytes(queue), 1, 0, 0, 0, amqp_empty_table);
  const std::string what = "find the queue " + queue;
  SENT_TRY_ASSIGN(const bool there, found(what));
  if (there) return {};
  amqp_table_entry_t type{};
  type.key = amqp_cstring_bytes("x-queue-type");
  type.value.kind = AMQP_FIELD_KIND_UTF8;
  type.value.value.bytes = amqp_cstring_bytes("quorum");
  const amqp_table_t arguments{1, &type};
  amqp_queue_declare(state, kAmqpChannel, amqp_bytes(queue), 0, 1, 0, 0,
                     quorum ? arguments : amqp_empty_table);
  return check("make the queue " + queue);
}

Result<void> AmqpLink::bind(const std::string& queue, const std::string& exchange, const std::string& key) {
  amqp_queue_bind(state, kAmqpChannel, amqp_bytes(queue), amqp_bytes(exchange), amqp_bytes(key),
                  amqp_empty_table);
  return check("bind the queue " + queue + " to " + exchange);
}

}  // namespace sentinella::telemetry
