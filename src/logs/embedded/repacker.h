// Compresses sealed blocks once more, harder, on a thread of its own that works a part of the time only.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "model/account.h"

namespace sentinella::logs {

class Repacker {
 public:
  using Block = std::pair<AccountId, std::uint64_t>;
  /// `repack` is called on the repacker's thread.
  explicit Repacker(std::function<void(const Block&)> repack) : repack_(std::move(repack)) {}
  /// Ends after the block in hand.
  ~Repacker();
  Repacker(const Repacker&) = delete;
  Repacker& operator=(const Repacker&) = delete;

  void start();
  void add(const Block& block);

 private:
  void run();

  const std::function<void(const Block&)> repack_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Block> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sentinella::logs
