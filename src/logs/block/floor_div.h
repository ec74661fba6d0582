#pragma once

#include <cstdint>

namespace sentinella::logs {

/// a / b towards minus infinity, for times before 1970. `b` > 0.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace sentinella::logs
