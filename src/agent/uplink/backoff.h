// How long to wait before trying again: doubling from 0.2 s to 30 s, each time a random half to whole of it,
// so that a thousand agents do not come back at once.
#pragma once

#include <algorithm>
#include <random>

#include "base/time.h"

namespace sentinella::agent {

class Backoff {
 public:
  explicit Backoff(std::uint64_t seed) : random_(seed) {}
  Duration next() {
    const Duration whole = step_;
    step_ = std::min<Duration>(step_ * 2, kLongest);
    return Duration(std::uniform_int_distribution<std::int64_t>(whole.count() / 2, whole.count())(random_));
  }
  void reset() { step_ = kShortest; }

  static constexpr Duration kShortest = 200ms;
  static constexpr Duration kLongest = 30s;

 private:
  Duration step_ = kShortest;
  std::mt19937_64 random_;
};

}  // namespace sentinella::agent
