#include "telemetry/read_plan.h"

#include <algorithm>
#include <utility>

namespace sentinella::telemetry {
const ReadPlan::Node* ReadPlan::Node::find(std::string_view member) const {
  if (member.size() + 1 >= of_length.size()) return nullptr;
  for (std::size_t i = of_length[member.size()]; i < of_length[member.size() + 1]; ++i)
    if (members[i].name == member) return &members[i];
  return nullptr;
}

ReadPlan::Node& ReadPlan::member_of(Node& node, std::string_view name) {
  if (node.met == kNoSlot) node.met = slots_++;
  const auto known = std::ranges::find(node.members, name, &Node::name);
  if (known != node.members.end()) return *known;
  auto& starts = node.of_length;
  while (starts.size() < name.size() + 2) starts.push_back(static_cast<std::uint32_t>(node.members.size()));
  const auto added = node.members.emplace(node.members.begin() + starts[name.size() + 1]);
  for (std::size_t length = name.size() + 1; length < starts.size(); ++length) ++starts[length];
  added->name = name;
  return *added;
}

void ReadPlan::add_whole(Node& tree, std::span<const std::string_view> names) {
  Node* node = &tree;
  for (const std::string_view name : names) {
    node->in_document = true;
    node = &member_of(*node, name);
  }
  node->in_document = node->whole = true;
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
    add_whole(*tree, std::span(names).subspan(1));
  }
}

void ReadPlan::add_path(const void* path, const std::vector<std::string_view>& names) {
  Node* node = names.size() < 2 ? nullptr : tree_of(names);
  if (node == nullptr) return add(names);
  for (const std::string_view name : std::span(names).subspan(1)) node = &member_of(*node, name);
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
