// A connection's bytes, plain or TLS, for the server's coroutines. On the I/O thread only.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"
#include "net/http_server.h"

namespace boost::asio::ssl {
class context;
}

namespace sentinella::net {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// Reads certificate and key. kInvalid: names the file that is not usable.
Result<TlsContext> load_tls_context(const TlsFiles& files);

/// At most one read and one write at a time; buffers stay valid until the operation ends.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual bool secure() const = 0;
  virtual boost::asio::awaitable<bool> handshake() = 0;
  /// Bytes read; 0 = closed, failed or cancelled.
  virtual boost::asio::awaitable<std::size_t> read_some(std::span<char> buffer) = 0;
  virtual boost::asio::awaitable<std::size_t> write_some(std::string_view data) = 0;
  /// Ends our side, then reads and drops what still comes, until the peer ends or cancel(): closing over
  /// unread bytes would reset the connection and could take the response from the peer.
  virtual boost::asio::awaitable<void> finish() = 0;
  /// Asks the kernel: the peer has ended its side, or the connection is broken.
  virtual bool peer_left() = 0;
  /// Operations under way end at once; new ones may follow.
  virtual void cancel() = 0;
  virtual void close() = 0;
  /// Closes with a reset, dropping what the kernel still holds.
  virtual void reset() = 0;
};

std::unique_ptr<Transport> make_plain_transport(boost::asio::ip::tcp::socket socket);
/// `context` may be let go afterwards.
std::unique_ptr<Transport> make_tls_transport(boost::asio::ip::tcp::socket socket, const TlsContext& context);

}  // namespace sentinella::net
