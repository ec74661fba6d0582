#include "logs/embedded/repacker.h"

#include <chrono>

namespace sentinella::logs {
namespace {

/// After each block it rests so many times as long as the block took: a quarter of a core at most.
constexpr int kRest = 3;

}  // namespace

Repacker::~Repacker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Repacker::start() {
  thread_ = std::thread([this] { run(); });
}

void Repacker::add(const Block& block) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(block);
  }
  changed_.notify_all();
}

void Repacker::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const Block block = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    const auto begin = std::chrono::steady_clock::now();
    repack_(block);
    const auto took = std::chrono::steady_clock::now() - begin;
    lock.lock();
    changed_.wait_for(lock, took * kRest, [this] { return stopping_; });
  }
}

}  // namespace sentinella::logs
