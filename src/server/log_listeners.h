// The listeners for log shippers that server.conf asks for, each bound to its account.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "api/context.h"
#include "net/stream_listener.h"
#include "net/udp_listener.h"
#include "server/config.h"

namespace sentinella::server {

/// Thread-safe once started.
class LogListeners {
 public:
  /// `context` must outlive it. kNotFound: there is no such account; else as the listeners' own errors, with
  /// the section.
  static Result<std::unique_ptr<LogListeners>> start(const std::vector<LogListenerConfig>& configs,
                                                     const std::optional<net::TlsFiles>& tls,
                                                     api::Context& context);
  /// Reads certificates again.
  void reload();
  std::vector<api::ListenerFigures> figures() const;

 private:
  struct Stream {
    api::LogDoor door;
    std::unique_ptr<net::StreamListener> listener;
  };
  struct Datagrams {
    std::unique_ptr<net::UdpListener> listener;
  };

  Result<void> add(const LogListenerConfig& config, const std::optional<net::TlsFiles>& tls,
                   api::Context& context);
  Result<void> add_stream(const LogListenerConfig& config, const std::string& address,
                          const std::optional<net::TlsFiles>& tls, AccountId account, api::Context& context);
  Result<void> add_datagrams(const LogListenerConfig& config, AccountId account, api::Context& context);

  std::vector<Stream> streams_;
  std::vector<Datagrams> datagrams_;
};

}  // namespace sentinella::server
