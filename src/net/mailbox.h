// The way from any thread to the server's I/O thread, which may be gone by the time a late answer arrives.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/mutex.h"

namespace sentinella::net {

/// Thread-safe. Shared by the server and everything it hands out. Tasks that arrive together wake the I/O
/// thread once: a group commit answers hundreds of requests in one go.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  using Task = std::move_only_function<void()>;

  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}

  /// Runs `task` on the I/O thread, in order of arrival; drops it once closed.
  void post(Task task) {
    Lock lock(mutex_);
    if (io_ == nullptr) return;
    tasks_.push_back(std::move(task));
    if (tasks_.size() == 1) boost::asio::post(*io_, [self = shared_from_this()] { self->run(); });
  }
  void close() {
    std::vector<Task> dropped;
    Lock lock(mutex_);
    io_ = nullptr;
    dropped.swap(tasks_);
  }

 private:
  void run() {
    std::vector<Task> tasks;
    {
      Lock lock(mutex_);
      tasks.swap(tasks_);
    }
    for (Task& task : tasks) task();
  }

  Mutex mutex_;
  boost::asio::io_context* io_ SENT_GUARDED_BY(mutex_);
  std::vector<Task> tasks_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::net
