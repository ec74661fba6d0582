// What was changed that may be the reason for what happened somewhere: an alert, the story of a request.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "api/context.h"
#include "base/json.h"

namespace sentinella::api::native {

/// Something happened here; either may be "".
struct Scene {
  std::string host;
  std::string service;
};

struct RelatedChange {
  Event event;
  std::string why;  ///< "same host", "on a host it needs: rabbitmq", "whole cloud"
};

struct RelatedChanges {
  std::vector<RelatedChange> items;  ///< each event once
  bool truncated = false;            ///< there are more than were asked for, or than are looked through
};

/// At most `limit`: first those of the scenes' hosts, then of the hosts with what their services need
/// (service_map.h), then those of no host; of each the newest first.
Result<RelatedChanges> related_changes(const Context& server, AccountId account,
                                       std::span<const Scene> scenes, TimeRange range, std::size_t limit);

/// An array.
void write_related_changes(JsonWriter& json, std::span<const RelatedChange> changes);

/// Changes are looked for in so much time before something went wrong.
inline constexpr Duration kChangesBefore = std::chrono::hours(2);

}  // namespace sentinella::api::native
