// A blocking byte stream over TCP, with or without TLS, every call with a deadline. For clients: HTTP, SMTP.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::net {

struct TlsClientOptions {
  std::string ca_file = {};           ///< PEM; "" = the system's CA directory
  std::string pinned_sha256 = {};     ///< hex of the certificate's SHA-256; when set, it alone decides
  bool verify = true;                 ///< false only for tests
  std::string certificate_file = {};  ///< PEM chain by which we show who we are; "" = we do not
  std::string key_file = {};          ///< PEM, of the certificate
};

/// Not thread-safe.
class Stream {
 public:
  virtual ~Stream() = default;
  /// At least one byte, at most `max`; "" = the peer closed. kUnavailable: timed out or reset.
  virtual Result<std::string> read_some(std::size_t max, Duration timeout) = 0;
  virtual Result<void> write(std::string_view data, Duration timeout) = 0;
  /// Turns a plain stream into a TLS one (STARTTLS). kUnauthorized: the certificate does not verify; says
  /// why.
  virtual Result<void> start_tls(const std::string& host, const TlsClientOptions& options,
                                 Duration timeout) = 0;
};

/// kUnavailable: name not found, refused or timed out; the message names host, port and cause. Looking up a
/// name is the system resolver's and keeps to its own time limit. When `cancelled` is set, which must outlive
/// the stream, whatever waits here or on the stream soon ends with kUnavailable.
Result<std::unique_ptr<Stream>> connect(const std::string& host, std::uint16_t port, Duration timeout,
                                        const std::atomic<bool>* cancelled = nullptr);

}  // namespace sentinella::net
