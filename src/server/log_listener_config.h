// Sections of server.conf for listeners of log shippers: [syslog], [forward], [lumberjack]; one more of each
// kind for another account is [syslog NAME].
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ini.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::server {

struct LogListenerConfig {
  enum class Protocol : std::uint8_t { syslog, forward, lumberjack };

  std::string section;
  Protocol protocol{};
  std::string udp, tcp, tls;  ///< HOST:PORT; "" = off
  std::string account = "default";
  std::string allow = "127.0.0.0/8, ::1";
  bool proxy_protocol = false;
  std::size_t max_line = 64u << 10;
  std::size_t max_connections = 256;
  Duration zone{0};
  std::string shared_key;
};

/// nullopt: the section is not of this kind.
bool is_log_listener_section(std::string_view section);
/// A listener with everything at its default. `section` must be of this kind.
LogListenerConfig make_log_listener(std::string_view section);
/// One key. kInvalid without a field: the value; with one: no such key in this section.
Result<void> set_log_listener(LogListenerConfig& listener, const IniOption& option);
/// Every option with its meaning and default, as config_sample().
std::string log_listener_sample();

}  // namespace sentinella::server
