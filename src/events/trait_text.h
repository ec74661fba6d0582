// Conditions on traits as people write them.
#pragma once

#include <string_view>

#include "base/result.h"
#include "events/trait_condition.h"

namespace sentinella::events {

/// "vcpus>=2", "state=active", "launched_at<2026-11-21T00:00:00Z": order is that of numbers or instants when
/// the value is one, equality is of the trait's own type. kInvalid: not NAME OPERATOR VALUE with =, !=, <,
/// <=, > or >=.
Result<TraitCondition> parse_trait_condition(std::string_view text);

}  // namespace sentinella::events
