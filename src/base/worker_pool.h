// A fixed set of threads that run tasks in order of arrival.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace sentinella {

/// Thread-safe. The destructor runs what is queued, then joins.
class WorkerPool {
 public:
  using Task = std::move_only_function<void()>;

  explicit WorkerPool(std::size_t threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void post(Task task);
  std::size_t queued() const;

 private:
  void work();

  mutable Mutex mutex_;
  CondVar wake_;
  std::deque<Task> tasks_ SENT_GUARDED_BY(mutex_);
  bool stopping_ SENT_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace sentinella
