// What anybody reads of the messages of one type, and where it is put: one walk through a message fetches it
// all. What a message holds besides is not even copied.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sentinella::telemetry {

/// A tree of the names of members. Says too much rather than too little. Thread-safe once it is complete.
class ReadPlan {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot kNoSlot = UINT32_MAX;

  struct Node {
    std::string name;
    bool whole = false;        ///< is copied into the document, with all below it
    bool in_document = false;  ///< is whole, or something below it is
    Slot slot = kNoSlot;       ///< which of the values it is
    Slot met = kNoSlot;  ///< with members: which of the values notes that it has been met in this message
    std::vector<Node> members;             ///< the shortest names first
    std::vector<std::uint32_t> of_length;  ///< the first member with a name of so many bytes, or more

    const Node* find(std::string_view member) const;  ///< nullptr: nobody reads it
  };

  /// The member that the names lead to is in the document, with all below it; without names everything is.
  void add(const std::vector<std::string_view>& names);
  /// The names lead to all that this path reads: it gets a slot where it can have one. `path` stands for the
  /// path and is no more than compared.
  void add_path(const void* path, const std::vector<std::string_view>& names);

  const Node& context() const { return context_; }
  const Node& payload() const { return payload_; }
  std::size_t slots() const { return slots_; }
  /// kNoSlot: what it reads is in the document.
  Slot slot_of(const void* path) const;

 private:
  struct Known {
    const void* path = nullptr;
    Slot slot = kNoSlot;
  };
  /// The one of the two trees that the names lead into; nullptr: what they lead to is always there.
  Node* tree_of(const std::vector<std::string_view>& names);
  Node& member_of(Node& node, std::string_view name);
  void add_whole(Node& tree, std::span<const std::string_view> names);
  void remember(const void* path, Slot slot);
  std::size_t place_of(const void* path) const;

  Node context_, payload_;
  Slot slots_ = 0;
  std::vector<Known> known_;  ///< a hash table with linear probing, never more than half full
  std::size_t paths_ = 0;
};

}  // namespace sentinella::telemetry
