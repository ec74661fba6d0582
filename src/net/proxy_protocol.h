// What a proxy puts in front of a connection that it hands on, to say whose it is: the PROXY protocol,
// versions 1 (text) and 2 (binary), of HAProxy's proxy-protocol.txt.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sentinella::net {

struct ProxyHeader {
  std::size_t size = 0;  ///< bytes of the header, after which the connection's own begin
  std::string peer;      ///< address of the one behind the proxy; "" when the proxy speaks for itself
};

/// No header is longer than this; a longer one is refused.
inline constexpr std::size_t kMaxProxyHeader = 4096;

/// The header that `bytes` begins with; nullopt: it goes on beyond them. kInvalid: there is none.
Result<std::optional<ProxyHeader>> read_proxy_header(std::string_view bytes);

}  // namespace sentinella::net
