// What happened to an instance of the cloud, from its notifications: where it is, and how it came there.
//
// A live migration is told by both hosts. The destination's live_migration.post.dest.end is the move; what
// the source says afterwards (_post.start, _post.end) only means that it has cleaned up, and does not move
// the instance back. An evacuation is a rebuild that ends on another host. Nova tells everything twice, as
// compute.instance.* and as versioned instance.*; each act is one chapter.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "model/event.h"

namespace sentinella::events {

struct Chapter {
  Time time;
  std::string act;      ///< "created", "live-migrated", "resized", "deleted", "powered off" ...
  std::string text;     ///< one sentence
  std::string host;     ///< where the instance was afterwards; "" = unknown or nowhere
  std::string from;     ///< the host before, when it moved
  std::string user_id;  ///< who asked for it
  std::string user_name, request_id, event_id;
  bool failed = false;
};

struct InstanceStory {
  std::string id, name, host, state, flavor, project_id;
  Time created, deleted;          ///< 0 = unknown, not
  std::vector<Chapter> chapters;  ///< oldest first
};

/// `events` are all of one instance, in any order.
InstanceStory tell_story(std::string instance_id, std::vector<Event> events);

}  // namespace sentinella::events
