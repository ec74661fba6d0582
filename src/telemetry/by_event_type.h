// What belongs to a type of event, found once: messages come in their millions, their types are some
// hundreds.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sentinella::telemetry {

/// Not thread-safe. However many types others invent, it remembers some thousands of them at most.
template <typename T>
class ByEventType {
 public:
  /// What `find()` said of the type, now or earlier; good until the next call.
  template <typename Find>
  const T& get(std::string_view type, Find&& find) {
    if (const auto known = known_.find(type); known != known_.end()) return known->second;
    T found = find();
    if (known_.size() >= kMost) known_.clear();
    return known_.emplace(type, std::move(found)).first->second;
  }

 private:
  static constexpr std::size_t kMost = 4096;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, T, Hash, std::equal_to<>> known_;
};

}  // namespace sentinella::telemetry
