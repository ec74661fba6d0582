// Listens and hands requests to a Handler. Keep-alive, pipelined requests in order, TLS 1.2+ where asked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "net/http.h"

namespace sentinella::net {

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM chain
  std::filesystem::path key;          ///< PEM
};

struct ListenOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0 = any free one
  std::optional<TlsFiles> tls = {};
  std::size_t max_body_bytes = 16u << 20;       ///< over: 413, connection closed
  std::size_t max_header_bytes = 32u << 10;     ///< over: 431
  std::size_t max_buffered_bytes = 256u << 20;  ///< bodies in memory, all connections together; over: 503
  std::size_t max_connections = 4096;           ///< over: the newest waits in the kernel's queue
  Duration idle_timeout = std::chrono::seconds(75);  ///< between requests
  Duration read_timeout = std::chrono::seconds(30);  ///< for one whole request; over: 408
  std::size_t io_threads = 1;                        ///< each connection belongs to one of them
  /// Whether the handler takes this request without waiting, for a disk or for long: then it is called on the
  /// connection's I/O thread, and a request costs no change of threads. Absent: none.
  std::function<bool(const Request&)> quick = {};
};

struct ServerStatistics {
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t rejected = 0;  ///< malformed or over a bound
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;  ///< stops
  virtual std::uint16_t port() const = 0;
  /// No new connections; waits at most `grace` for running requests, closes streams. Idempotent.
  virtual void stop(Duration grace) = 0;
  /// Reads certificate and key again; new connections use them. kInvalid keeps the old ones.
  virtual Result<void> reload_tls() = 0;
  virtual ServerStatistics statistics() const = 0;
};

/// Starts at once, with `worker_threads` handler threads. kUnavailable: the port is taken.
/// kInvalid: bad address, certificate or key.
Result<std::unique_ptr<HttpServer>> start_http_server(ListenOptions options, Handler handler,
                                                      std::size_t worker_threads = 4);

}  // namespace sentinella::net
