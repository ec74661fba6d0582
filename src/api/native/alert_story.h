// The log lines that tell an alert's story, when the alert itself names no request: first whatever ids its
// lines name, then who was there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/context.h"
#include "logs/backtrace.h"

namespace sentinella::api::native {

/// Why a story is told from these lines.
struct StoryStart {
  std::string_view by;         ///< "request", "id", "record", "around"
  std::string why{};           ///< one sentence
  std::optional<Time> failed;  ///< around: the instant that the lines are around
};

struct AlertStory {
  logs::Backtrace story;
  StoryStart start;
};

/// Tried in this order, until one finds lines that the alert does not show itself: the request of its
/// evidence, the UUIDs that it speaks of, its host and service with what that needs (service_map.h) in the
/// minutes around the first failure. Within `range`. kInvalid: it names none of them.
Result<AlertStory> story_of_alert(const logs::LogStore& store, const Alert& alert, TimeRange range,
                                  std::size_t limit);

}  // namespace sentinella::api::native
