// Syslog (RFC 3164, RFC 5424) by datagrams (RFC 5426), TCP (RFC 6587) and TLS (RFC 5425).
//
// TCP has no acknowledgements: what is read is durable before more is read, so that what a sender has handed
// to the network and we have not read is lost with either machine, and nothing else.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/durable_session.h"
#include "api/log_batch.h"
#include "codec/syslog_framing.h"

namespace sentinella::api::syslog {

struct SyslogOptions {
  LogBatch::Options batch;
  std::size_t max_message = 64u << 10;
};

/// A message as a record, before it is parsed: host and service of its head, or `peer` for the host.
LogRecord record_of(std::string_view message, std::string_view peer, Time received);

std::unique_ptr<net::StreamSession> open_session(Context& server, const SyslogOptions& options,
                                                 std::shared_ptr<net::StreamLink> link,
                                                 const std::string& peer);

/// Datagrams, collected until the kernel has no more and handed in together. Not thread-safe.
class DatagramDoor {
 public:
  /// Above this, in memory and not yet durable, datagrams are dropped and counted.
  static constexpr std::size_t kMaxInFlight = 16u << 20;

  DatagramDoor(Context& server, SyslogOptions options);
  void take(std::string_view datagram, std::string_view peer);
  void flush();

 private:
  Context& server_;
  const SyslogOptions options_;
  std::optional<LogBatch> batch_;
  std::size_t batch_bytes_ = 0;
  const std::shared_ptr<std::atomic<std::size_t>> in_flight_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace sentinella::api::syslog
