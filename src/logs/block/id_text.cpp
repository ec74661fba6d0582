#include "logs/block/id_text.h"

namespace sentinella::logs {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> parse_id(std::string_view text) {
  const bool dashed = text.size() == kDashedId;
  if (!dashed && text.size() != kPlainId) return std::nullopt;
  std::string bytes;
  int high = -1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dashed && (i == 8 || i == 13 || i == 18 || i == 23)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    if (high < 0) {
      high = value;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | value));
      high = -1;
    }
  }
  return bytes;
}

std::optional<std::string> trailing_id(std::string_view text) {
  for (const std::size_t length : {kDashedId, kPlainId})
    if (text.size() >= length)
      if (auto bytes = parse_id(text.substr(text.size() - length))) return bytes;
  return std::nullopt;
}

}  // namespace sentinella::logs
