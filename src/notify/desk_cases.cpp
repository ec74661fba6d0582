#include "notify/desk_cases.h"

#include <algorithm>

namespace sentinella::notify {
namespace {

template <typename Index>
void drop(Index& index, const std::string& key, const std::string& id) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  found->second.erase(id);
  if (found->second.empty()) index.erase(found);
}

template <typename Index>
std::vector<Case*> list(const Index& index, const std::string& key) {
  std::vector<Case*> out;
  if (const auto found = index.find(key); found != index.end())
    for (const auto& [id, one] : found->second) out.push_back(one);
  return out;
}

}  // namespace

const Case* Cases::find(const std::string& id) const {
  const auto found = all_.find(id);
  return found == all_.end() ? nullptr : &found->second;
}

void Cases::changed(Case& one) {
  unindexed_.insert(&one);
}

Cases::Place Cases::place_of(const Case& one) {
  Place place;
  place.due = one.notice.due;
  if (!one.notice.pending.empty()) place.group = one.notice.group_key;
  place.conversation = one.notice.conversation;
  if (one.live) place.cause = one.alert.cause;
  if (one.live && (one.notice.stage == "cause" || one.notice.stage == "inhibition"))
    place.holder = one.notice.stage_id;
  return place;
}

void Cases::enter(const std::string& id, Case& one, const Place& place) {
  if (place.due != Time{}) due_.emplace(place.due, id);
  if (!place.group.empty()) groups_[place.group].emplace(id, &one);
  if (!place.conversation.empty()) conversations_[place.conversation].emplace(id, &one);
  if (!place.holder.empty()) holders_[place.holder].emplace(id, &one);
  if (!place.cause.empty()) ++causes_[place.cause];
}

void Cases::leave(const std::string& id, const Place& place) {
  due_.erase({place.due, id});
  drop(groups_, place.group, id);
  drop(conversations_, place.conversation, id);
  drop(holders_, place.holder, id);
  if (const auto found = causes_.find(place.cause); found != causes_.end() && --found->second == 0)
    causes_.erase(found);
}

void Cases::index() {
  for (Case* const one : unindexed_) {
    const std::string& id = one->notice.alert_id;
    Place& place = places_[id];
    leave(id, place);
    place = place_of(*one);
    enter(id, *one, place);
    unsettled_.insert(id);
  }
  unindexed_.clear();
}

std::vector<Case*> Cases::due(Time now) {
  index();
  std::vector<Case*> out;
  for (const auto& [time, id] : due_) {
    if (time > now) break;
    out.push_back(&all_.at(id));
  }
  // In the order of alerts, not of times: what is told must not depend on how late we are.
  std::ranges::sort(out, {}, [](const Case* one) -> const std::string& { return one->notice.alert_id; });
  return out;
}

std::optional<Time> Cases::first_due() {
  index();
  return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
}

std::vector<Case*> Cases::waiting(const std::string& group_key) {
  index();
  return list(groups_, group_key);
}

std::vector<Case*> Cases::members(const std::string& conversation) {
  index();
  return list(conversations_, conversation);
}

std::vector<Case*> Cases::held_by(const std::string& alert_id) {
  index();
  return list(holders_, alert_id);
}

std::uint64_t Cases::symptoms(const std::string& alert_id) {
  index();
  const auto found = causes_.find(alert_id);
  return found == causes_.end() ? 0 : found->second;
}

bool Cases::is_over(const Case& one) {
  if (one.live || one.notice.flapping || !one.notice.pending.empty()) return false;
  return std::ranges::none_of(members(one.notice.conversation),
                              [](const Case* other) { return other->live; });
}

void Cases::remove(const std::string& id) {
  leave(id, places_[id]);
  places_.erase(id);
  all_.erase(id);
}

std::vector<catalog::Notice> Cases::settle() {
  index();
  std::vector<catalog::Notice> out;
  std::set<std::string> maybe_over;
  for (const std::string& id : unsettled_) {
    const Case& one = all_.at(id);
    out.push_back(one.notice);
    if (one.live) continue;
    maybe_over.insert(id);
    // The last that was live of a conversation takes the others with it.
    for (const Case* other : members(one.notice.conversation)) maybe_over.insert(other->notice.alert_id);
  }
  std::erase_if(maybe_over, [&](const std::string& id) { return !is_over(all_.at(id)); });
  for (const std::string& id : maybe_over) remove(id);
  unsettled_.clear();
  return out;
}

}  // namespace sentinella::notify
