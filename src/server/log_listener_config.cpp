#include "server/log_listener_config.h"

#include <array>
#include <vector>

#include "base/text.h"
#include "codec/log_zone.h"
#include "net/address_range.h"
#include "server/config.h"

namespace sentinella::server {
namespace {

using Protocol = LogListenerConfig::Protocol;

constexpr std::array<std::string_view, 3> kProtocols = {"syslog", "forward", "lumberjack"};

template <auto Member>
Result<void> set_address(LogListenerConfig& listener, const std::string& value) {
  if (!value.empty()) SENT_TRY(parse_listen(value));
  listener.*Member = value;
  return {};
}
template <auto Member>
Result<void> set_text(LogListenerConfig& listener, const std::string& value) {
  listener.*Member = value;
  return {};
}
Result<void> set_allow(LogListenerConfig& listener, const std::string& value) {
  SENT_TRY(net::AddressRange::parse_list(value));
  listener.allow = value;
  return {};
}
Result<void> set_proxy(LogListenerConfig& listener, const std::string& value) {
  if (value != "on" && value != "off") return fail(Errc::kInvalid, "\"{}\" is neither on nor off", value);
  listener.proxy_protocol = value == "on";
  return {};
}
Result<void> set_max_line(LogListenerConfig& listener, const std::string& value) {
  constexpr std::uint64_t kLeast = 480, kMost = 32u << 20;
  SENT_TRY_ASSIGN(const std::uint64_t bytes, parse_bytes(value));
  if (bytes < kLeast || bytes > kMost) return fail(Errc::kInvalid, "\"{}\" is not 480 bytes to 32MiB", value);
  listener.max_line = bytes;
  return {};
}
Result<void> set_max_connections(LogListenerConfig& listener, const std::string& value) {
  const auto number = parse_uint(value);
  if (!number || *number == 0 || *number > 100'000)
    return fail(Errc::kInvalid, "\"{}\" is not 1 to 100000", value);
  listener.max_connections = *number;
  return {};
}
Result<void> set_zone(LogListenerConfig& listener, const std::string& value) {
  SENT_TRY_ASSIGN(listener.zone, codec::parse_log_zone(value));
  return {};
}

struct ListenerOption {
  std::string_view protocols;  ///< blank-separated; "" = all
  std::string_view key, fallback, help;
  Result<void> (*set)(LogListenerConfig&, const std::string&);
  bool in(std::string_view protocol) const {
    return protocols.empty() || protocols.find(protocol) != std::string_view::npos;
  }
};

constexpr std::array kListenerOptions{
    ListenerOption{"syslog", "udp", "", "HOST:PORT for datagrams; empty: none are taken.",
                   set_address<&LogListenerConfig::udp>},
    ListenerOption{"", "tcp", "", "HOST:PORT for connections in the clear; empty: off.",
                   set_address<&LogListenerConfig::tcp>},
    ListenerOption{"", "tls", "", "HOST:PORT for TLS, with the server's certificate; empty: off.",
                   set_address<&LogListenerConfig::tls>},
    ListenerOption{"", "account", "default", "The account that gets what comes there.",
                   set_text<&LogListenerConfig::account>},
    ListenerOption{"", "allow", "127.0.0.0/8, ::1",
                   "Networks that may send (or the proxies, when there are any).", set_allow},
    ListenerOption{"forward", "shared_key", "", "What clients must know; empty: whoever is allowed may send.",
                   set_text<&LogListenerConfig::shared_key>},
    ListenerOption{"", "proxy_protocol", "off",
                   "on: every connection begins with a PROXY header (version 1 or 2), before TLS.",
                   set_proxy},
    ListenerOption{"syslog", "max_line", "64KiB", "Of a longer message the beginning is kept.", set_max_line},
    ListenerOption{"", "max_connections", "256", "One more is closed at once.", set_max_connections},
    ListenerOption{"", "zone", "+00:00", "Of times that are written without one.", set_zone},
};

std::string_view protocol_of(std::string_view section) {
  return section.substr(0, section.find(' '));
}

}  // namespace

bool is_log_listener_section(std::string_view section) {
  for (const auto protocol : kProtocols)
    if (protocol_of(section) == protocol) return true;
  return false;
}

LogListenerConfig make_log_listener(std::string_view section) {
  LogListenerConfig listener;
  listener.section = section;
  for (std::size_t i = 0; i < kProtocols.size(); ++i)
    if (protocol_of(section) == kProtocols[i]) listener.protocol = static_cast<Protocol>(i);
  return listener;
}

Result<void> set_log_listener(LogListenerConfig& listener, const IniOption& option) {
  const auto protocol = kProtocols[static_cast<std::size_t>(listener.protocol)];
  std::vector<std::string_view> known;
  for (const ListenerOption& one : kListenerOptions) {
    if (!one.in(protocol)) continue;
    if (one.key == option.key) return one.set(listener, option.value);
    known.push_back(one.key);
  }
  const auto near = suggest(option.key, known);
  return fail_field(Errc::kInvalid, option.key, "unknown key in [{}]{}", option.section,
                    near ? fmt::format("; did you mean \"{}\"?", *near) : "");
}

std::string log_listener_sample() {
  std::string out =
      "\n# Listeners of log shippers. For another account add [syslog NAME], [forward NAME], [lumberjack "
      "NAME].\n";
  for (const auto protocol : kProtocols) {
    out += fmt::format("\n[{}]\n", protocol);
    for (const ListenerOption& option : kListenerOptions)
      if (option.in(protocol))
        out += fmt::format("# {}\n#{} = {}\n", option.help, option.key, option.fallback);
  }
  return out;
}

}  // namespace sentinella::server
