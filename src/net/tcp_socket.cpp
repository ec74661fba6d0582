#include "net/tcp_socket.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace sentinella::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

Result<std::uint16_t> listen_on(tcp::acceptor& acceptor, const std::string& host, std::uint16_t port) {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) return fail_field(Errc::kInvalid, "host", "'{}' is not an address to listen on", host);
  const tcp::endpoint endpoint(address, port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    const bool wrong =
        error == asio::error::access_denied || error == boost::system::errc::address_not_available;
    return fail(wrong ? Errc::kInvalid : Errc::kUnavailable, "cannot listen on {} port {}: {}", host, port,
                error.message());
  }
  return acceptor.local_endpoint(error).port();
}

void set_connection_options(tcp::socket& socket) {
  constexpr int kIdleSeconds = 60;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &kIdleSeconds, sizeof kIdleSeconds);
}

}  // namespace sentinella::net
