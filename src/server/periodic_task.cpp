#include "server/periodic_task.h"

namespace sentinella::server {

PeriodicTask::PeriodicTask(std::function<Duration()> work)
    : work_(std::move(work)), thread_([this] { run(); }) {}

PeriodicTask::~PeriodicTask() {
  stop();
}

void PeriodicTask::stop() {
  {
    Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void PeriodicTask::wake() {
  {
    Lock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void PeriodicTask::run() {
  for (;;) {
    const auto next = std::chrono::steady_clock::now() + work_();
    Lock lock(mutex_);
    while (!stopping_ && !woken_)
      if (changed_.wait_until(mutex_, next) == std::cv_status::timeout) break;
    if (stopping_) return;
    woken_ = false;
  }
}

}  // namespace sentinella::server
