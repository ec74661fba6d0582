// Takes TCP connections, plain or TLS, for protocols that are not HTTP, from one range of networks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/address_range.h"
#include "net/http_server.h"

namespace sentinella::net {

struct StreamListenOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0 = any free one
  std::optional<TlsFiles> tls = {};
  std::vector<AddressRange> allow = {};  ///< of the proxies, when there are any
  /// Every connection begins with a PROXY header (proxy_protocol.h), before TLS.
  bool proxy_protocol = false;
  std::size_t max_connections = 1024;            ///< over: closed at once
  std::size_t max_unread = 16u << 20;            ///< of one connection, not yet taken; over: closed
  Duration greeting = std::chrono::seconds(10);  ///< for the PROXY header and TLS
};

struct StreamStatistics {
  std::uint64_t connections = 0;  ///< ever
  std::uint64_t open = 0;
  std::uint64_t refused = 0;  ///< from outside of `allow`, too many, or a greeting that failed
};

/// One connection, for whoever answers it. Thread-safe; does nothing once the connection is gone.
class StreamLink {
 public:
  virtual ~StreamLink() = default;
  virtual void send(std::string bytes) = 0;  ///< a peer over 1 MiB behind is cut
  virtual void close() = 0;                  ///< after what was sent before
  /// Then take() is called again although the session is paused.
  virtual void resume_after(Duration wait) = 0;
};

/// What a protocol makes of one connection. Called on the listener's thread only; destroyed there too.
class StreamSession {
 public:
  virtual ~StreamSession() = default;
  /// `unread`: all that came and was not taken yet, never empty. How many of its bytes are done with. An
  /// error closes the connection, and our log says why.
  virtual Result<std::size_t> take(std::string_view unread) = 0;
  /// Nothing more is read, and take() is not called, until StreamLink::resume_after() has passed; meanwhile
  /// the peer fills its window, and waits.
  virtual bool paused() const { return false; }
  /// The peer has ended, `unread` is what it left. Not called when the connection was cut.
  virtual void ended(std::string_view unread) { static_cast<void>(unread); }
};

/// Called on the listener's thread for each connection; `peer` is the address, the one behind a proxy if so.
using OpenSession =
    std::function<std::unique_ptr<StreamSession>(std::shared_ptr<StreamLink> link, const std::string& peer)>;

class StreamListener {
 public:
  virtual ~StreamListener() = default;  ///< drops every connection; no session is left
  virtual std::uint16_t port() const = 0;
  virtual StreamStatistics statistics() const = 0;
  /// Reads certificate and key again; new connections use them. kInvalid keeps the old ones.
  virtual Result<void> reload_tls() = 0;
};

/// Starts at once. kUnavailable: the port is taken. kInvalid: bad address, certificate or key.
Result<std::unique_ptr<StreamListener>> start_stream_listener(StreamListenOptions options, OpenSession open);

}  // namespace sentinella::net
