// Work that has to wait for others (sockets, child processes), beside the loop: one task at a time on a
// thread of its own, what it found handed back on the loop's thread.
#pragma once

#include <functional>
#include <memory>

#include "agent/event_loop.h"
#include "base/result.h"

namespace sentinella::agent {

/// Lives on the loop's thread. The thread begins with the first task, so that who has none pays nothing.
class Background {
 public:
  /// Called on the loop's thread when the task has ended.
  using Done = std::function<void()>;
  /// Runs on the thread; gives what is to be called afterwards. Must own all that it uses: at the end of the
  /// agent a task that hangs is left behind.
  using Task = std::function<Done()>;

  static Result<std::unique_ptr<Background>> create(EventLoop& loop);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// False: the one before is still at work, and this one is not taken.
  bool start(Task task);
  bool busy() const { return busy_; }

 private:
  struct Shared;
  Background(EventLoop& loop, std::shared_ptr<Shared> shared);
  void finish();

  EventLoop& loop_;
  std::shared_ptr<Shared> shared_;
  bool busy_ = false;
};

}  // namespace sentinella::agent
