#include "events/instance_story.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"
#include "model/trait_types.h"

namespace sentinella::events {
namespace {

/// What an event means for an instance.
struct Meaning {
  std::string_view suffix;  ///< of the legacy type, after "compute.instance."
  std::string_view act;
  bool places = false;  ///< its host is where the instance is now
};

constexpr Meaning kMeanings[] = {
    {"create.end", "created", true},
    {"create.error", "failed to be created"},
    {"live_migration.post.dest.end", "live-migrated", true},
    {"finish_resize.end", "resized", true},
    {"finish_revert_resize.end", "resize reverted", true},
    {"resize.revert.end", "resize reverted", true},
    {"resize.confirm.end", "resize confirmed"},
    {"rebuild.end", "rebuilt", true},
    {"rebuild.error", "failed to be rebuilt"},
    {"live_migration._rollback.end", "live migration rolled back"},
    {"power_off.end", "powered off", true},
    {"power_on.end", "powered on", true},
    {"reboot.end", "rebooted", true},
    {"pause.end", "paused", true},
    {"unpause.end", "unpaused", true},
    {"suspend.end", "suspended", true},
    {"resume.end", "resumed", true},
    {"shelve_offload.end", "shelved"},
    {"unshelve.end", "unshelved", true},
    {"rescue.end", "put into rescue", true},
    {"unrescue.end", "left rescue", true},
    {"soft_delete.end", "soft-deleted"},
    {"delete.end", "deleted"},
    {"exists", "", true},
};

/// The versioned names that are not merely spelt alike.
constexpr std::pair<std::string_view, std::string_view> kVersioned[] = {
    {"live_migration_post_dest.end", "live_migration.post.dest.end"},
    {"live_migration_rollback.end", "live_migration._rollback.end"},
    {"resize_finish.end", "finish_resize.end"},
    {"resize_revert.end", "resize.revert.end"},
    {"resize_confirm.end", "resize.confirm.end"}};

const Meaning* meaning_of(std::string_view type) {
  if (type.starts_with("compute.instance.")) {
    type.remove_prefix(std::string_view("compute.instance.").size());
  } else if (type.starts_with("instance.")) {
    type.remove_prefix(std::string_view("instance.").size());
    for (const auto& [versioned, legacy] : kVersioned)
      if (type == versioned) type = legacy;
  } else {
    return nullptr;
  }
  const auto found = std::ranges::find(kMeanings, type, &Meaning::suffix);
  return found == std::end(kMeanings) ? nullptr : &*found;
}

/// Asked for, of an instance whose host has failed: told by the API, with the host that it was on.
bool asks_for_evacuation(std::string_view type) {
  return type == "compute.instance.evacuate" || type == "instance.evacuate";
}

class Teller {
 public:
  explicit Teller(std::string id) { story_.id = std::move(id); }

  void hear(const Event& event) {
    describe(event);
    if (event.type.starts_with("compute_task.build_instances")) return fail_to_build(event);
    const std::string host(trait(event, "host"));
    if (asks_for_evacuation(event.type) && story_.host.empty()) story_.host = host;
    const Meaning* meaning = meaning_of(event.type);
    if (meaning == nullptr) return;
    const std::string before = story_.host;
    if (meaning->places && !host.empty()) story_.host = host;
    if (meaning->act == "deleted") {
      story_.deleted = event.time;
      story_.host.clear();
    }
    if (meaning->act == "created") story_.created = event.time;
    if (meaning->act.empty() || told_already(event, meaning->act)) return;
    std::string act(meaning->act);
    if (act == "rebuilt" && !before.empty() && before != story_.host) act = "evacuated";
    tell(event, std::move(act), before, meaning->suffix.ends_with(".error"));
  }

  InstanceStory take() { return std::move(story_); }

 private:
  void describe(const Event& event) {
    const auto keep = [&](std::string& into, std::string_view name) {
      if (const auto value = trait(event, name); !value.empty()) into = value;
    };
    if (meaning_of(event.type) == nullptr && !event.type.starts_with("compute.instance.update")) return;
    keep(story_.name, "display_name");
    keep(story_.state, "state");
    keep(story_.flavor, "flavor_name");
    keep(story_.project_id, "project_id");
  }

  void fail_to_build(const Event& event) {
    std::string reason(trait(event, "reason"));
    reason = reason.substr(0, reason.find('\n'));
    if (told_already(event, "failed to be created")) return;
    tell(event, "failed to be created", story_.host, true);
    if (!reason.empty() && !story_.chapters.empty() && story_.chapters.back().event_id == event.id)
      story_.chapters.back().text += ": " + reason;
  }

  /// Whether the same act of the same request has been told in nova's other form.
  bool told_already(const Event& event, std::string_view act) {
    const std::string_view request = trait(event, "request_id");
    return !request.empty() && !told_.insert(fmt::format("{} {}", act, request)).second;
  }

  void tell(const Event& event, std::string act, const std::string& before, bool failed) {
    Chapter chapter;
    chapter.time = event.time;
    chapter.request_id = trait(event, "request_id");
    chapter.host = story_.host;
    if (!before.empty() && before != story_.host) chapter.from = before;
    chapter.user_id = trait(event, "acting_user_id");
    if (chapter.user_id.empty()) chapter.user_id = trait(event, "user_id");
    chapter.user_name = trait(event, "user_name");
    chapter.event_id = event.id;
    chapter.failed = failed;
    chapter.text = act;
    if (!chapter.from.empty() && !chapter.host.empty())
      chapter.text += " from " + chapter.from + " to " + chapter.host;
    else if (!chapter.host.empty() && act == "created")
      chapter.text += " on " + chapter.host;
    if (act == "resized" && !story_.flavor.empty()) chapter.text += " to " + story_.flavor;
    chapter.act = std::move(act);
    story_.chapters.push_back(std::move(chapter));
  }

  InstanceStory story_;
  std::set<std::string> told_;
};

}  // namespace

InstanceStory tell_story(std::string instance_id, std::vector<Event> events) {
  // At one instant the legacy form first: it is the fuller one.
  std::ranges::stable_sort(events, [](const Event& a, const Event& b) {
    return std::pair(a.time, a.type.starts_with("instance.")) <
           std::pair(b.time, b.type.starts_with("instance."));
  });
  Teller teller(std::move(instance_id));
  for (const Event& event : events) teller.hear(event);
  return teller.take();
}

}  // namespace sentinella::events
