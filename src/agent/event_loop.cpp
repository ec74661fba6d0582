#include "agent/event_loop.h"

#include <algorithm>
#include <cerrno>

#include <sys/epoll.h>

namespace sentinella::agent {

using std::chrono::steady_clock;

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return fail_errno(errno, "cannot create an epoll descriptor");
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(epoll)));
}

Result<void> EventLoop::watch(int fd, Handler handler) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return fail_errno(errno, "cannot wait for a descriptor with epoll");
  handlers_[fd] = std::make_shared<Handler>(std::move(handler));
  return {};
}

void EventLoop::unwatch(int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  handlers_.erase(fd);
}

EventLoop::TimerId EventLoop::after(Duration delay, Handler handler) {
  const TimerId id{steady_clock::now() + delay, ++next_timer_};
  timers_.emplace(id, std::move(handler));
  return id;
}

void EventLoop::cancel(TimerId timer) {
  timers_.erase(timer);
}

void EventLoop::fire_due_timers() {
  const Instant now = steady_clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    const Handler handler = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    handler();
  }
}

void EventLoop::run_once(Duration max_wait) {
  Duration wait = max_wait;
  if (!timers_.empty()) wait = std::min<Duration>(wait, timers_.begin()->first.first - steady_clock::now());
  // Rounded up, so that the loop does not spin in the last millisecond before a timer.
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(std::max(wait, Duration(0))).count();
  // One event at a time: a handler may close a descriptor whose number is then used again.
  epoll_event event{};
  if (::epoll_wait(epoll_.get(), &event, 1, static_cast<int>(std::min<std::int64_t>(ms, 60'000))) == 1) {
    if (const auto found = handlers_.find(event.data.fd); found != handlers_.end()) {
      const std::shared_ptr<Handler> handler = found->second;
      (*handler)();
    }
  }
  fire_due_timers();
}

void EventLoop::run() {
  stopped_ = false;
  while (!stopped_) run_once(std::chrono::seconds(60));
}

}  // namespace sentinella::agent
