// A certificate of our own for a listener that was given none.
#pragma once

#include <string>
#include <vector>

#include "net/http_server.h"

namespace sentinella::net {

/// Makes a self-signed EC P-256 certificate and key (0600) for `names` (DNS names or addresses) unless both
/// files are there already.
Result<void> ensure_self_signed(const TlsFiles& files, const std::vector<std::string>& names);
/// Hex SHA-256 of the certificate, for pinning.
Result<std::string> certificate_fingerprint(const std::filesystem::path& certificate);

}  // namespace sentinella::net
