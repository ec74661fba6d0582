#include "catalog/uuid_names.h"

#include "base/crypto.h"
#include "base/sha1.h"

namespace sentinella::catalog {
namespace {

constexpr std::uint8_t kNoDigit = 0xff;

std::uint8_t hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  c = static_cast<char>(c | 32);
  return c >= 'a' && c <= 'f' ? static_cast<std::uint8_t>(c - 'a' + 10) : kNoDigit;
}

/// 8-4-4-4-12, as every measure of a batch names its metric.
std::optional<Uuid> usual_form(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
    return std::nullopt;
  Uuid id;
  std::size_t at = 0;
  for (std::uint8_t& byte : id.bytes) {
    if (text[at] == '-') ++at;
    const std::uint8_t high = hex_digit(text[at]), low = hex_digit(text[at + 1]);
    if (high == kNoDigit || low == kNoDigit) return std::nullopt;
    byte = static_cast<std::uint8_t>(high << 4 | low);
    at += 2;
  }
  return id;
}

}  // namespace

std::optional<Uuid> any_uuid(std::string_view text) {
  if (const auto id = usual_form(text)) return id;
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

}  // namespace sentinella::catalog
