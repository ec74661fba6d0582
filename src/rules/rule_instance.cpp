#include "rules/rule_instance.h"

#include <array>

namespace sentinella::rules {

std::string_view to_string(RuleInstance::State state) {
  static constexpr std::array<std::string_view, 5> kNames{"ok", "pending", "firing", "recovering", "no_data"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace sentinella::rules
