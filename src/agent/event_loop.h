// The agent's one main thread: waits for descriptors (epoll) and timers, and sleeps when there is nothing to
// do.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

/// Not thread-safe. Handlers may watch, unwatch, start and cancel timers, their own included.
class EventLoop {
 public:
  using Handler = std::function<void()>;
  using Instant = std::chrono::steady_clock::time_point;
  using TimerId = std::pair<Instant, std::uint64_t>;

  static Result<std::unique_ptr<EventLoop>> create();

  /// Calls `handler` while `fd` is readable (level-triggered). The caller keeps `fd` open until unwatch().
  Result<void> watch(int fd, Handler handler);
  void unwatch(int fd);

  /// Calls `handler` once, `delay` from now.
  TimerId after(Duration delay, Handler handler);
  void cancel(TimerId timer);

  /// Handles what is due and ready; sleeps at most `max_wait` for it.
  void run_once(Duration max_wait);
  void run();  ///< until stop()
  void stop() { stopped_ = true; }

 private:
  explicit EventLoop(FileDescriptor epoll) : epoll_(std::move(epoll)) {}
  void fire_due_timers();

  FileDescriptor epoll_;
  std::unordered_map<int, std::shared_ptr<Handler>> handlers_;
  std::map<TimerId, Handler> timers_;
  std::uint64_t next_timer_ = 0;
  bool stopped_ = false;
};

}  // namespace sentinella::agent
