#include "rules/live_state.h"

namespace sentinella::rules {

std::string_view to_string(CheckStatus status) {
  switch (status) {
    case CheckStatus::unknown:
      return "unknown";
    case CheckStatus::up:
      return "up";
    case CheckStatus::stopping:
      return "stopping";
    case CheckStatus::down:
      return "down";
    case CheckStatus::not_here:
      return "not_here";
  }
  return "unknown";
}

CheckStatus parse_check_status(std::string_view text) {
  using enum CheckStatus;
  for (const CheckStatus one : {up, stopping, down, not_here})
    if (to_string(one) == text) return one;
  return unknown;
}

}  // namespace sentinella::rules
