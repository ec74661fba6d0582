// The certificate that the listeners show: the configured one, or one that is made when there is none.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "net/http_server.h"
#include "server/config.h"

namespace sentinella::server {

/// Makes one unless it is there. `address` becomes one of its names.
Result<net::TlsFiles> certificate_files(const Config& config, const ListenAddress& address);
/// Of the port at `address`; nullopt: it speaks plain HTTP.
Result<std::optional<net::TlsFiles>> tls_files(const Config& config, const ListenAddress& address);
/// Hex SHA-256 of the port's certificate if it was made here, so that nobody vouches for it and agents must
/// pin it; else "". One that was given is renewed by its owner, which a pin would not outlive.
std::string made_fingerprint(const Config& config);

}  // namespace sentinella::server
