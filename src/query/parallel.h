// Work on many rows, on all cores when it is enough to be worth the threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"

namespace sentinella::query {

/// Below this much work (about one unit per nanosecond) a thread costs more than it saves.
inline constexpr std::size_t kWorthThreads = 2'000'000;

/// Calls `body(begin, end)` for pieces of [0, rows), perhaps on several threads; the first error ends it.
/// `work` is a guess of the whole in units of a nanosecond.
template <typename Body>
Result<void> for_rows(std::size_t rows, std::size_t work, Body&& body) {
  const std::size_t threads =
      work < kWorthThreads ? 1 : std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), 8);
  const std::size_t pieces = std::min(rows, threads * 8);
  if (pieces == 0) return {};
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  Mutex mutex;
  Result<void> result;
  const auto run = [&] {
    for (std::size_t piece; !failed && (piece = next.fetch_add(1)) < pieces;) {
      if (auto done = body(piece * rows / pieces, (piece + 1) * rows / pieces);
          !done && !failed.exchange(true)) {
        Lock lock(mutex);
        result = std::move(done);
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < threads; ++i) helpers.emplace_back(run);
    run();
  }
  return result;
}

}  // namespace sentinella::query
