#include "base/ids.h"

#include <algorithm>

#include "base/crypto.h"

namespace sentinella {
namespace {

Uuid stamped(std::string_view bytes, std::uint8_t version) {
  Uuid id;
  std::copy_n(bytes.begin(), 16, id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | version << 4);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

}  // namespace

Uuid random_uuid() {
  return stamped(random_bytes(16), 4);
}

Uuid uuid_from_name(std::string_view name) {
  const Sha256 digest = sha256(name);
  return stamped({reinterpret_cast<const char*>(digest.data()), digest.size()}, 8);
}

std::string to_text(const Uuid& id) {
  std::string hex = to_hex(std::string_view(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()));
  for (std::size_t at : {20, 16, 12, 8}) hex.insert(at, 1, '-');
  return hex;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) hex += text[i];
  }
  const auto bytes = from_hex(hex);
  if (!bytes) return std::nullopt;
  Uuid id;
  std::copy_n(bytes->begin(), 16, id.bytes.begin());
  return id;
}

}  // namespace sentinella
