#include "api/gnocchi/resource_id.h"

#include "base/crypto.h"
#include "base/sha1.h"

namespace sentinella::api::gnocchi {

std::optional<Uuid> any_uuid(std::string_view text) {
  if (text.size() == 36)
    if (const auto id = parse_uuid(text)) return id;
  if (text.size() > 64) return std::nullopt;
  for (const std::string_view prefix : {"urn:", "uuid:", "{"})
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  if (text.ends_with('}')) text.remove_suffix(1);
  std::string digits;
  for (const char c : text)
    if (c != '-') digits += c;
  if (digits.size() != 32) return std::nullopt;
  for (const std::size_t at : {20, 16, 12, 8}) digits.insert(at, 1, '-');
  return parse_uuid(digits);
}

Uuid resource_uuid(std::string_view name, std::string_view creator) {
  if (const auto id = any_uuid(name)) return *id;
  static const Uuid names = *parse_uuid("0a7a15ff-aa13-4ac2-897c-9bdf30ce175b");
  std::string text(name);
  text += '\0';
  text += creator;
  return uuid5(names, text);
}

}  // namespace sentinella::api::gnocchi
