// A conversation over a socket, TCP (with TLS when wanted) or Unix, with one time limit for all of it.
// Blocking.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "base/time.h"
#include "net/stream.h"

namespace sentinella::agent {

/// Not thread-safe.
class Dialogue {
 public:
  /// `address`: "host:port", "[::1]:port", or a socket's absolute path. kUnavailable: nobody is there;
  /// kForbidden: we may not.
  static Result<Dialogue> open(const std::string& address, Duration limit);

  /// Goes on in TLS; both sides must have agreed on it, and nothing of it may have been received yet.
  /// kUnauthorized: the certificate does not verify. A Unix socket stays as it is.
  Result<void> start_tls(const net::TlsClientOptions& options);
  Result<void> send(std::string_view data);
  /// At least one byte, at most `most`; "" = the other side has ended.
  Result<std::string> receive(std::size_t most = 16384);
  /// All until the other side ends, or until what came ends with `end`. kTooLarge over `max`.
  Result<std::string> receive_until(std::string_view end, std::size_t max);

 private:
  using SteadyClock = std::chrono::steady_clock;
  Dialogue(std::string address, SteadyClock::time_point deadline)
      : address_(std::move(address)), deadline_(deadline) {}
  Result<void> open_local();
  Result<void> open_tcp();
  Result<void> wait(short events) const;
  Result<Duration> time_left() const;

  std::unique_ptr<net::Stream> stream_;  ///< over TCP
  std::string host_;
  FileDescriptor socket_;  ///< the Unix one
  std::string address_;
  SteadyClock::time_point deadline_;
};

}  // namespace sentinella::agent
