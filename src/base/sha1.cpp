#include "base/sha1.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include <openssl/evp.h>

namespace sentinella {

Sha1 sha1(std::string_view data) {
  Sha1 digest{};
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1 ||
      size != digest.size())
    std::abort();
  return digest;
}

Uuid uuid5(const Uuid& name_space, std::string_view name) {
  std::string text(name_space.bytes.begin(), name_space.bytes.end());
  text += name;
  const Sha1 digest = sha1(text);
  Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x50);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

}  // namespace sentinella
