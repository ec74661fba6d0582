// Something that happens by the clock, on a thread of its own.
#pragma once

#include <functional>
#include <thread>

#include "base/mutex.h"
#include "base/time.h"

namespace sentinella::server {

/// Runs `work` on a thread of its own, again after the span it returns, until stopped. Thread-safe.
class PeriodicTask {
 public:
  explicit PeriodicTask(std::function<Duration()> work);
  ~PeriodicTask();  ///< stops
  PeriodicTask(const PeriodicTask&) = delete;
  PeriodicTask& operator=(const PeriodicTask&) = delete;
  void wake();  ///< cuts the wait short; harmless after stop()
  void stop();  ///< waits for running work

 private:
  void run();

  std::function<Duration()> work_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ SENT_GUARDED_BY(mutex_) = false;
  bool woken_ SENT_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace sentinella::server
