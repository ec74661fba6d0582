// Credentials that were good within the last second, so that a sender of many small requests is not looked up
// for each of them, and none of those waits for a password's hash or a disk.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "base/mutex.h"
#include "base/time.h"
#include "model/account.h"

namespace sentinella::api {

/// Thread-safe. Adds its life to the time within which a revoked credential is refused.
class WarmCallers {
 public:
  static constexpr Duration kLife = std::chrono::seconds(1);
  static constexpr std::size_t kMax = 10'000;

  /// null when the header (as sent) is not known to be good.
  std::shared_ptr<const Caller> find(std::string_view authorization, Time now) const {
    Lock lock(mutex_);
    const auto found = entries_.find(authorization);
    if (found == entries_.end()) return nullptr;
    const auto& [caller, since] = found->second;
    return since <= now && now - since < kLife ? caller : nullptr;
  }
  void remember(std::string_view authorization, const Caller& caller, Time now) {
    auto entry = std::make_shared<const Caller>(caller);
    Lock lock(mutex_);
    if (entries_.size() >= kMax) entries_.clear();
    entries_.insert_or_assign(std::string(authorization), Entry{std::move(entry), now});
  }

 private:
  struct Entry {
    std::shared_ptr<const Caller> caller;
    Time since;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return hash64(text); }
  };
  mutable Mutex mutex_;
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::api
