#include "net/transport.h"

#include <poll.h>

#include <array>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sentinella::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> drain(tcp::socket& socket) {
  error_code ignored;
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  std::array<char, 4096> sink;
  for (;;) {
    const auto [error, bytes] = co_await socket.async_read_some(asio::buffer(sink), kAwait);
    if (error || bytes == 0) co_return;
  }
}

void close_socket(tcp::socket& socket) {
  error_code ignored;
  socket.close(ignored);
}

void reset_socket(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

bool has_ended(tcp::socket& socket) {
  pollfd look{.fd = socket.native_handle(), .events = POLLRDHUP, .revents = 0};
  return poll(&look, 1, 0) > 0 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(tcp::socket socket) : socket_(std::move(socket)) {}
  bool secure() const override { return false; }
  asio::awaitable<bool> handshake() override { co_return true; }
  asio::awaitable<std::size_t> read_some(std::span<char> buffer) override {
    const auto [error, bytes] =
        co_await socket_.async_read_some(asio::buffer(buffer.data(), buffer.size()), kAwait);
    co_return error ? 0 : bytes;
  }
  asio::awaitable<std::size_t> write_some(std::string_view data) override {
    const auto [error, bytes] =
        co_await socket_.async_write_some(asio::buffer(data.data(), data.size()), kAwait);
    co_return error ? 0 : bytes;
  }
  asio::awaitable<void> finish() override { co_await drain(socket_); }
  bool peer_left() override { return has_ended(socket_); }
  void cancel() override {
    error_code ignored;
    socket_.cancel(ignored);
  }
  void close() override { close_socket(socket_); }
  void reset() override { reset_socket(socket_); }

 private:
  tcp::socket socket_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(tcp::socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}
  bool secure() const override { return true; }
  asio::awaitable<bool> handshake() override {
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
    shaken_ = !error;
    co_return shaken_;
  }
  asio::awaitable<std::size_t> read_some(std::span<char> buffer) override {
    const auto [error, bytes] =
        co_await stream_.async_read_some(asio::buffer(buffer.data(), buffer.size()), kAwait);
    co_return error ? 0 : bytes;
  }
  asio::awaitable<std::size_t> write_some(std::string_view data) override {
    const auto [error, bytes] =
        co_await stream_.async_write_some(asio::buffer(data.data(), data.size()), kAwait);
    co_return error ? 0 : bytes;
  }
  asio::awaitable<void> finish() override {
    if (shaken_) co_await stream_.async_shutdown(kAwait);
    co_await drain(stream_.next_layer());
  }
  bool peer_left() override { return has_ended(stream_.next_layer()); }
  void cancel() override {
    error_code ignored;
    stream_.next_layer().cancel(ignored);
  }
  void close() override { close_socket(stream_.next_layer()); }
  void reset() override { reset_socket(stream_.next_layer()); }

 private:
  asio::ssl::stream<tcp::socket> stream_;
  bool shaken_ = false;
};

/// Without this OpenSSL would ask the terminal for the passphrase of an encrypted key.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

}  // namespace

Result<TlsContext> load_tls_context(const TlsFiles& files) try {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(native, no_passphrase);
  error_code error;
  context->use_certificate_chain_file(files.certificate.string(), error);
  if (error)
    return fail_field(Errc::kInvalid, "certificate", "cannot use {} as a certificate chain: {}",
                      files.certificate.string(), error.message());
  context->use_private_key_file(files.key.string(), asio::ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(native) != 1)
    return fail_field(Errc::kInvalid, "key", "cannot use {} as the key of {}: {}", files.key.string(),
                      files.certificate.string(),
                      error ? error.message() : "it belongs to another certificate");
  return context;
} catch (const std::exception& e) {
  return fail(Errc::kInternal, "cannot make a TLS context: {}", e.what());
}

std::unique_ptr<Transport> make_plain_transport(tcp::socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> make_tls_transport(tcp::socket socket, const TlsContext& context) {
  return std::make_unique<TlsTransport>(std::move(socket), *context);
}

}  // namespace sentinella::net
