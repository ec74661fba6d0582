// Signatures by Ed25519 (RFC 8032), over OpenSSL.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sentinella {

inline constexpr std::size_t kEd25519KeyBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;

/// False also when key or signature has the wrong size.
bool ed25519_verifies(std::string_view public_key, std::string_view message, std::string_view signature);

/// With a private key in PEM, as `openssl genpkey -algorithm ed25519` makes it. kInvalid: it is none. What
/// failed is said without a word of the key.
Result<std::string> ed25519_sign(const std::string& private_pem, std::string_view message);
/// Its public half: 32 bytes.
Result<std::string> ed25519_public_key(const std::string& private_pem);

}  // namespace sentinella
