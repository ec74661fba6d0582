// What events' types and traits' values are, for the native API and Panko's.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "api/context.h"
#include "base/json.h"
#include "model/event.h"
#include "model/trait_types.h"

namespace sentinella::api::native {

/// A trait's value by its type: a number, else a text.
void write_trait_value(JsonWriter& json, const TypedTrait& trait);

struct EventCensus {
  std::map<std::string, std::uint64_t> types;
  bool complete = true;  ///< false: there are more events than are looked at
};
/// How many events of each type an account has; at most 200,000 are looked at, the newest.
Result<EventCensus> count_event_types(const RequestContext& call, TimeRange range);

}  // namespace sentinella::api::native
