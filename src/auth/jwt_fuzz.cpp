// Any bytes as a token, and any bytes as the payload of a token that is signed well.
#include <cstdint>

#include "auth/jwt.h"
#include "base/crypto.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string key(32, 'k');
  (void)auth::verify_jwt(input, key, "user", Time{});

  const std::string valid = auth::sign_jwt({}, key);
  const std::string signed_part = valid.substr(0, valid.find('.') + 1) + to_base64url(input);
  const Sha256 mac = hmac_sha256(key, signed_part);
  const std::string signature = to_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
  (void)auth::verify_jwt(signed_part + "." + signature, key, "user", Time{});
  return 0;
}
