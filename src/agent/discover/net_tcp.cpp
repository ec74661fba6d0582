#include "agent/discover/net_tcp.h"

#include <array>
#include <charconv>
#include <optional>

#include <arpa/inet.h>

#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kWord = 8;     // digits of 32 bits
constexpr std::size_t kFields = 10;  // sl local remote st tx:rx tr:when retrnsmt uid timeout inode

/// The line's first fields; absent when it has fewer.
std::optional<std::array<std::string_view, kFields>> first_fields(std::string_view line) {
  std::array<std::string_view, kFields> fields;
  for (std::string_view& field : fields) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    field = line.substr(begin, end - begin);
    line.remove_prefix(end);
  }
  return fields;
}

std::optional<std::uint32_t> parse_hex(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// Behind the colon; absent: not a port.
std::optional<std::uint16_t> port_of(std::string_view address) {
  const std::size_t colon = address.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_hex(address.substr(colon + 1));
  return port && *port <= 65535 ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

}  // namespace

void for_each_tcp_line(std::string_view text, TcpState state,
                       const std::function<void(const TcpLine&)>& each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto fields = first_fields(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!fields) continue;
    const auto in_state = parse_hex((*fields)[3]);
    if (!in_state || *in_state != static_cast<std::uint32_t>(state)) continue;
    const auto local = port_of((*fields)[1]), remote = port_of((*fields)[2]);
    const auto owner = parse_uint((*fields)[7]), inode = parse_uint((*fields)[9]);
    if (!local || !remote || !owner || !inode) continue;
    each({(*fields)[1].substr(0, (*fields)[1].find(':')), *local, *remote, static_cast<uid_t>(*owner),
          *inode});
  }
}

std::string tcp_address(std::string_view hex) {
  if (hex.size() != kWord && hex.size() != 4 * kWord) return "";
  std::uint32_t words[4] = {};
  const std::size_t count = hex.size() / kWord;
  bool any = true;
  for (std::size_t i = 0; i < count; ++i) {
    const auto word = parse_hex(hex.substr(i * kWord, kWord));
    if (!word) return "";
    words[i] = *word;
    any = any && *word == 0;
  }
  const bool mapped = count == 4 && words[0] == 0 && words[1] == 0 && words[2] == htonl(0xffff);
  if (any || (mapped && words[3] == 0)) return "127.0.0.1";
  char text[INET6_ADDRSTRLEN] = {};
  const void* bytes = mapped ? static_cast<const void*>(&words[3]) : static_cast<const void*>(words);
  if (!::inet_ntop(count == 1 || mapped ? AF_INET : AF_INET6, bytes, text, sizeof text)) return "";
  return text;
}

}  // namespace sentinella::agent
