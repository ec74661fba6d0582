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

}  // namespace sentinella::rules
