// HMAC-SHA256 (RFC 2104) of what comes piece by piece. For what is at hand as a whole: hmac_sha256().
#pragma once

#include <memory>
#include <string_view>

#include "base/crypto.h"

namespace sentinella {

/// Not thread-safe.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();
  void add(std::string_view data);
  /// Once, at the end.
  Sha256 finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace sentinella
