// What a search asks of one trait of events, compared by type: "vcpus > 2", "launched_at <= 2026-11-21".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/event.h"
#include "model/trait_types.h"

namespace sentinella::events {

struct TraitCondition {
  enum class Op : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
  std::string name;
  Op op = Op::equal;
  std::string value;
  /// How both are compared; nullopt: as the event says its trait is, or as texts.
  std::optional<TraitType> type = TraitType::text;
};

/// "eq", "ne", "lt", "le", "gt", "ge": the words of OpenStack's queries.
std::optional<TraitCondition::Op> parse_trait_op(std::string_view text);

/// kInvalid: the value is not of the condition's type, if it has one.
Result<void> check(const TraitCondition& condition);
/// An event without the trait, or whose trait cannot be read as the condition's type, does not fit. Without a
/// type, values that cannot both be read as the trait's own are compared as texts.
bool fits(const TraitCondition& condition, const Event& event);

}  // namespace sentinella::events
