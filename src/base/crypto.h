// Random bytes, digests, MACs and text encodings, over OpenSSL. No passwords here: see auth/password.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sentinella {

/// From the operating system's generator. Aborts when there is none: nothing safe can follow.
std::string random_bytes(std::size_t count);
/// `bytes` random bytes as URL-safe base64 without padding: 32 gives 43 characters, 256 bits.
std::string random_token(std::size_t bytes = 32);

using Sha256 = std::array<std::uint8_t, 32>;
Sha256 sha256(std::string_view data);
/// For protocols that want it: 128 digits.
std::string sha512_hex(std::string_view data);
Sha256 hmac_sha256(std::string_view key, std::string_view data);

/// Takes the same time wherever two texts of one length differ.
bool constant_time_equal(std::string_view a, std::string_view b);

std::string to_hex(std::string_view bytes);
std::string to_hex(const Sha256& digest);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);
/// RFC 4648 section 5, without padding, as JWT uses it.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace sentinella
