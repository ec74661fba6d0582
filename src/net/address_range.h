// A range of network addresses in CIDR form (RFC 4632, RFC 4291): "10.0.0.0/8", "2001:db8::/32", "::1".
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sockaddr_storage;

namespace sentinella::net {

class AddressRange {
 public:
  /// kInvalid, naming the text. An address without a length is a range of one.
  static Result<AddressRange> parse(std::string_view text);
  /// Ranges separated by commas and blanks.
  static Result<std::vector<AddressRange>> parse_list(std::string_view text);

  /// An IPv4 address that came over an IPv6 socket counts as what it is.
  bool contains(const sockaddr_storage& address) const;

 private:
  std::array<std::uint8_t, 16> prefix_{};  ///< IPv4 as ::ffff:a.b.c.d
  unsigned bits_ = 0;
};

/// "192.0.2.7", "2001:db8::7"; IPv4 that came over an IPv6 socket as IPv4. "" when it is of neither.
std::string address_text(const sockaddr_storage& address);

}  // namespace sentinella::net
