#include "net/proxy_protocol.h"

#include <arpa/inet.h>

#include <array>
#include <vector>

#include "base/text.h"

namespace sentinella::net {
namespace {

constexpr std::string_view kSignature2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixed2 = 16;
constexpr std::size_t kMaxLine1 = 107;

Result<std::string> checked_address(int family, std::string_view text) {
  std::array<unsigned char, 16> ignored;
  if (inet_pton(family, std::string(text).c_str(), ignored.data()) != 1)
    return fail(Errc::kInvalid, "the PROXY line has \"{}\" for an address", text.substr(0, 64));
  return std::string(text);
}

/// `PROXY TCP4 SOURCE DESTINATION PORT PORT\r\n` or `PROXY UNKNOWN ...\r\n`.
Result<std::optional<ProxyHeader>> read_line(std::string_view bytes) {
  const auto end = bytes.substr(0, kMaxLine1).find("\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() >= kMaxLine1) return fail(Errc::kInvalid, "the PROXY line does not end");
    return std::nullopt;
  }
  ProxyHeader header{.size = end + 2, .peer = {}};
  const auto words = split(bytes.substr(0, end), ' ');
  if (words.size() >= 2 && words[1] == "UNKNOWN") return header;
  if (words.size() != 6 || (words[1] != "TCP4" && words[1] != "TCP6"))
    return fail(Errc::kInvalid, "the PROXY line is not PROXY TCP4|TCP6 SOURCE DESTINATION PORT PORT");
  SENT_TRY_ASSIGN(header.peer, checked_address(words[1] == "TCP4" ? AF_INET : AF_INET6, words[2]));
  return header;
}

/// The first address of a version 2 header's block.
Result<std::string> source_of(unsigned family, std::string_view block) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int af = family == 1 ? AF_INET : AF_INET6;
  if (block.size() < (family == 1 ? 12u : 36u))
    return fail(Errc::kInvalid, "the PROXY header has {} bytes of addresses, too few", block.size());
  inet_ntop(af, block.data(), text.data(), text.size());
  return std::string(text.data());
}

Result<std::optional<ProxyHeader>> read_binary(std::string_view bytes) {
  if (bytes.size() < kFixed2) return std::nullopt;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  if (byte(12) >> 4 != 2) return fail(Errc::kInvalid, "the PROXY header is of version {}", byte(12) >> 4);
  const unsigned command = byte(12) & 15, family = byte(13) >> 4;
  const std::size_t length = byte(14) * 256u + byte(15);
  if (command > 1) return fail(Errc::kInvalid, "the PROXY header has the unknown command {}", command);
  if (kFixed2 + length > kMaxProxyHeader)
    return fail(Errc::kTooLarge, "the PROXY header has {} bytes, at most {}", kFixed2 + length,
                kMaxProxyHeader);
  if (bytes.size() < kFixed2 + length) return std::nullopt;
  ProxyHeader header{.size = kFixed2 + length, .peer = {}};
  if (command == 1 && (family == 1 || family == 2)) {
    SENT_TRY_ASSIGN(header.peer, source_of(family, bytes.substr(kFixed2, length)));
  }
  return header;
}

}  // namespace

Result<std::optional<ProxyHeader>> read_proxy_header(std::string_view bytes) {
  constexpr std::string_view kWord1 = "PROXY ";
  const auto begins = [&](std::string_view mark) {
    return bytes.substr(0, mark.size()) == mark.substr(0, bytes.size());
  };
  if (begins(kWord1)) return bytes.size() < kWord1.size() ? std::nullopt : read_line(bytes);
  if (begins(kSignature2)) return read_binary(bytes);
  return fail(Errc::kInvalid, "the connection does not begin with a PROXY header");
}

}  // namespace sentinella::net
