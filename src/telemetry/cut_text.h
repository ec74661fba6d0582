// Text from outside, no longer than it may be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sentinella::telemetry {

/// As many characters of Ceilometer's traits, and of names and ids here.
inline constexpr std::size_t kMaxTextCharacters = 255;

/// The first `most` characters; UTF-8 is not cut within one.
inline std::string_view first_characters(std::string_view text, std::size_t most = kMaxTextCharacters) {
  if (text.size() <= most) return text;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80 && ++characters > most)
      return text.substr(0, at);
  return text;
}

inline std::string cut_text(std::string text, std::size_t most = kMaxTextCharacters) {
  text.resize(first_characters(text, most).size());
  return text;
}

}  // namespace sentinella::telemetry
