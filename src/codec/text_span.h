// A place in a text.
#pragma once

#include <cstdint>

namespace sentinella::codec {

struct TextSpan {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

}  // namespace sentinella::codec
