#include "telemetry/read_plan.h"

#include <algorithm>
#include <span>
#include <utility>

namespace sentinella::telemetry {
namespace {

using Names = std::span<const std::string_view>;

void add_whole(ReadPlan::Node& tree, Names names) {
  ReadPlan::Node* node = &tree;
  for (const std::string_view name : names) {
    node->in_document = true;
    node = &node->at(name);
  }
  node->in_document = node->whole = true;
}

}  // namespace

const ReadPlan::Node* ReadPlan::Node::find(std::string_view member) const {
  if (member.size() + 1 >= of_length.size()) return nullptr;
  for (std::size_t i = of_length[member.size()]; i < of_length[member.size() + 1]; ++i)
    if (members[i].name == member) return &members[i];
  return nullptr;
}

ReadPlan::Node& ReadPlan::Node::at(std::string_view member) {
  const auto known = std::ranges::find(members, member, &Node::name);
  if (known != members.end()) return *known;
  while (of_length.size() < member.size() + 2)
    of_length.push_back(static_cast<std::uint32_t>(members.size()));
  const auto place = members.begin() + of_length[member.size() + 1];
  for (std::size_t length = member.size() + 1; length < of_length.size(); ++length) ++of_length[length];
  const auto added = members.emplace(place);
  added->name = member;
  return *added;
}

ReadPlan::Node* ReadPlan::tree_of(const std::vector<std::string_view>& names) {
  if (names[0] == "ctxt") return &context_;
  if (names[0] == "payload") return &payload_;
  return nullptr;
}

void ReadPlan::add(const std::vector<std::string_view>& names) {
  if (names.empty()) {
    add_whole(context_, {});
    add_whole(payload_, {});
  } else if (Node* const tree = tree_of(names)) {
    add_whole(*tree, Names(names).subspan(1));
  }
}

void ReadPlan::add_path(const void* path, const std::vector<std::string_view>& names) {
  Node* node = names.size() < 2 ? nullptr : tree_of(names);
  if (node == nullptr) return add(names);
  for (const std::string_view name : Names(names).subspan(1)) node = &node->at(name);
  if (node->slot == kNoSlot) node->slot = slots_++;
  remember(path, node->slot);
}

std::size_t ReadPlan::place_of(const void* path) const {
  const std::size_t hash = reinterpret_cast<std::uintptr_t>(path) * 0x9e3779b97f4a7c15u >> 32;
  std::size_t place = hash & (known_.size() - 1);
  while (known_[place].path != nullptr && known_[place].path != path)
    place = (place + 1) & (known_.size() - 1);
  return place;
}

void ReadPlan::remember(const void* path, Slot slot) {
  if (2 * (paths_ + 1) > known_.size()) {
    const std::vector<Known> before =
        std::exchange(known_, std::vector<Known>(std::max<std::size_t>(16, 2 * known_.size())));
    for (const Known& one : before)
      if (one.path != nullptr) known_[place_of(one.path)] = one;
  }
  Known& known = known_[place_of(path)];
  paths_ += known.path == nullptr;
  known = {path, slot};
}

ReadPlan::Slot ReadPlan::slot_of(const void* path) const {
  return known_.empty() ? kNoSlot : known_[place_of(path)].slot;
}

}  // namespace sentinella::telemetry
