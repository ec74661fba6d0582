#include "net/address_range.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "base/text.h"

namespace sentinella::net {
namespace {

using Bytes = std::array<std::uint8_t, 16>;
constexpr unsigned kMappedBits = 96;  // ::ffff:0:0/96, RFC 4291 section 2.5.5.2

Bytes mapped(const in_addr& address) {
  Bytes bytes{};
  bytes[10] = bytes[11] = 0xff;
  std::memcpy(bytes.data() + 12, &address, 4);
  return bytes;
}

std::optional<Bytes> bytes_of(const sockaddr_storage& address) {
  Bytes bytes{};
  if (address.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    return mapped(v4.sin_addr);
  }
  if (address.ss_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6;
  std::memcpy(&v6, &address, sizeof v6);
  std::memcpy(bytes.data(), &v6.sin6_addr, 16);
  return bytes;
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
  const auto bad = [&] {
    return fail(Errc::kInvalid, "\"{}\" is not a network such as 10.0.0.0/8 or 2001:db8::/32", text);
  };
  const auto slash = text.find('/');
  const std::string address(text.substr(0, slash));
  AddressRange range;
  in_addr v4;
  in6_addr v6;
  unsigned width = 128;
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    range.prefix_ = mapped(v4);
    width = 32;
  } else if (inet_pton(AF_INET6, address.c_str(), &v6) == 1) {
    std::memcpy(range.prefix_.data(), &v6, 16);
  } else {
    return bad();
  }
  std::uint64_t bits = width;
  if (slash != std::string_view::npos) {
    const auto given = parse_uint(text.substr(slash + 1));
    if (!given || *given > width) return bad();
    bits = *given;
  }
  range.bits_ = static_cast<unsigned>(bits) + (width == 32 ? kMappedBits : 0);
  return range;
}

Result<std::vector<AddressRange>> AddressRange::parse_list(std::string_view text) {
  std::vector<AddressRange> ranges;
  std::string spaced(text);
  std::ranges::replace(spaced, ' ', ',');
  for (const std::string_view piece : split(spaced, ',')) {
    if (piece.empty()) continue;
    SENT_TRY_ASSIGN(const auto range, parse(piece));
    ranges.push_back(range);
  }
  return ranges;
}

bool AddressRange::contains(const sockaddr_storage& address) const {
  const auto bytes = bytes_of(address);
  if (!bytes) return false;
  const unsigned whole = bits_ / 8;
  if (!std::equal(prefix_.begin(), prefix_.begin() + whole, bytes->begin())) return false;
  if (bits_ % 8 == 0) return true;
  const unsigned mask = 0xff00u >> (bits_ % 8);
  return ((prefix_[whole] ^ (*bytes)[whole]) & mask & 0xff) == 0;
}

std::string address_text(const sockaddr_storage& address) {
  const auto bytes = bytes_of(address);
  if (!bytes) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = std::equal(bytes->begin(), bytes->begin() + 12, mapped(in_addr{}).begin());
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes->data() + (v4 ? 12 : 0), text.data(), text.size());
  return text.data();
}

}  // namespace sentinella::net
