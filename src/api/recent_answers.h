// Answers of open routes, kept for a moment: however often strangers ask, each is made once in that time.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::api {

/// Thread-safe. One answer is made at a time, and whoever wants it meanwhile waits for it. Holds what was
/// asked for within a `life`.
class RecentAnswers {
 public:
  /// `make` gives Result<std::string>; an error is not kept.
  template <typename Make>
  Result<std::string> get(const std::string& key, Time now, Duration life, Make&& make) {
    const std::lock_guard lock(mutex_);
    std::erase_if(answers_, [&](const auto& one) { return one.second.made + life <= now; });
    if (const auto found = answers_.find(key); found != answers_.end()) return found->second.body;
    Result<std::string> body = std::forward<Make>(make)();
    if (body) answers_[key] = {*body, now};
    return body;
  }

 private:
  struct Answer {
    std::string body;
    Time made;
  };

  std::mutex mutex_;
  std::map<std::string, Answer> answers_;
};

}  // namespace sentinella::api
