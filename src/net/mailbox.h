// The way from any thread to the server's I/O thread, which may be gone by the time a late answer arrives.
#pragma once

#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/mutex.h"

namespace sentinella::net {

/// Thread-safe. Shared by the server and everything it hands out.
class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}

  /// Runs `task` on the I/O thread; drops it once closed.
  void post(std::move_only_function<void()> task) {
    Lock lock(mutex_);
    if (io_ != nullptr) boost::asio::post(*io_, std::move(task));
  }
  void close() {
    Lock lock(mutex_);
    io_ = nullptr;
  }

 private:
  Mutex mutex_;
  boost::asio::io_context* io_ SENT_GUARDED_BY(mutex_);
};

}  // namespace sentinella::net
