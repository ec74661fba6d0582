#include "agent/discover/listening.h"

#include <charconv>
#include <cstring>
#include <optional>

#include <arpa/inet.h>

#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::string_view kListen = "0A";
constexpr std::size_t kMaxSockets = 4096;
constexpr std::size_t kWord = 8;  // digits of 32 bits

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::string_view field : split(line, ' '))
    if (!field.empty()) fields.push_back(field);
  return fields;
}

std::optional<std::uint32_t> parse_hex(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// The kernel prints each 32-bit word of the address in the machine's own byte order.
std::optional<std::string> parse_address(std::string_view hex) {
  if (hex.size() != kWord && hex.size() != 4 * kWord) return std::nullopt;
  std::uint32_t words[4] = {};
  const std::size_t count = hex.size() / kWord;
  bool any = true;
  for (std::size_t i = 0; i < count; ++i) {
    const auto word = parse_hex(hex.substr(i * kWord, kWord));
    if (!word) return std::nullopt;
    words[i] = *word;
    any = any && *word == 0;
  }
  const bool mapped = count == 4 && words[0] == 0 && words[1] == 0 && words[2] == htonl(0xffff);
  if (any || (mapped && words[3] == 0)) return "127.0.0.1";
  char text[INET6_ADDRSTRLEN] = {};
  const void* bytes = mapped ? static_cast<const void*>(&words[3]) : static_cast<const void*>(words);
  if (!::inet_ntop(count == 1 || mapped ? AF_INET : AF_INET6, bytes, text, sizeof text)) return std::nullopt;
  return std::string(text);
}

}  // namespace

std::vector<ListeningSocket> parse_net_tcp(std::string_view text) {
  std::vector<ListeningSocket> sockets;
  for (std::string_view line : split(text, '\n')) {
    const auto fields = fields_of(line);
    // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
    if (fields.size() < 10 || fields[3] != kListen || sockets.size() == kMaxSockets) continue;
    const std::size_t colon = fields[1].find(':');
    if (colon == std::string_view::npos) continue;
    const auto address = parse_address(fields[1].substr(0, colon));
    const auto port = parse_hex(fields[1].substr(colon + 1));
    const auto inode = parse_uint(fields[9]);
    if (address && port && *port <= 65535 && inode)
      sockets.push_back({*address, static_cast<std::uint16_t>(*port), *inode});
  }
  return sockets;
}

std::vector<ListeningSocket> listening_sockets(const ProcFs& proc) {
  std::vector<ListeningSocket> sockets;
  for (const char* file : {"net/tcp", "net/tcp6"}) {
    const auto text = proc.read(file);
    if (!text) continue;
    for (ListeningSocket& socket : parse_net_tcp(*text)) sockets.push_back(std::move(socket));
  }
  return sockets;
}

std::uint64_t socket_inode(std::string_view link) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return 0;
  link.remove_prefix(kPrefix.size());
  link.remove_suffix(1);
  return parse_uint(link).value_or(0);
}

}  // namespace sentinella::agent
