// Secrets of 256 random bits. Their prefix says what they open (and lets scanners find leaked ones); the
// catalogue has only their hash, which needs no salt: nobody guesses 256 bits.
#pragma once

#include <string>
#include <string_view>

#include "base/crypto.h"

namespace sentinella::auth {

inline constexpr std::string_view kApiKeyPrefix = "snt_";
inline constexpr std::string_view kAccountKeyPrefix = "snk_";
inline constexpr std::string_view kAgentKeyPrefix = "sna_";
inline constexpr std::string_view kEnrolmentPrefix = "sne_";
inline constexpr std::string_view kLoginLinkPrefix = "snl_";

inline std::string make_secret(std::string_view prefix) {
  return std::string(prefix) + random_token();
}
inline std::string hash_secret(std::string_view secret) {
  return to_hex(sha256(secret));
}

}  // namespace sentinella::auth
