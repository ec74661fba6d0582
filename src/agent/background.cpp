#include "agent/background.h"

#include <cerrno>
#include <thread>
#include <utility>

#include <malloc.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mutex.h"

namespace sentinella::agent {

struct Background::Shared {
  FileDescriptor ended;
  std::thread thread;  ///< touched by the loop's thread alone
  Mutex mutex;
  CondVar wake;
  Task task SENT_GUARDED_BY(mutex);
  Done done SENT_GUARDED_BY(mutex);
  bool stopping SENT_GUARDED_BY(mutex) = false;

  void run();
};

void Background::Shared::run() {
  for (;;) {
    Task next;
    {
      Lock lock(mutex);
      while (!task && !stopping) wake.wait(mutex);
      if (stopping) return;
      next = std::exchange(task, nullptr);
    }
    Done result = next();
    next = nullptr;
    // What a large answer needed is of no use until the next one.
    ::malloc_trim(0);
    Lock lock(mutex);
    done = std::move(result);
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(ended.get(), &one, sizeof one);
  }
}

Result<std::unique_ptr<Background>> Background::create(EventLoop& loop) {
  auto shared = std::make_shared<Shared>();
  shared->ended = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!shared->ended) return fail_errno(errno, "cannot make an event descriptor");
  std::unique_ptr<Background> background(new Background(loop, std::move(shared)));
  SENT_TRY(loop.watch(background->shared_->ended.get(), [self = background.get()] { self->finish(); }));
  return background;
}

Background::Background(EventLoop& loop, std::shared_ptr<Shared> shared)
    : loop_(loop), shared_(std::move(shared)) {}

Background::~Background() {
  loop_.unwatch(shared_->ended.get());
  {
    Lock lock(shared_->mutex);
    shared_->stopping = true;
    shared_->wake.notify_all();
  }
  if (!shared_->thread.joinable()) return;
  if (busy_)
    shared_->thread.detach();
  else
    shared_->thread.join();
}

bool Background::start(Task task) {
  if (busy_) return false;
  busy_ = true;
  {
    Lock lock(shared_->mutex);
    shared_->task = std::move(task);
    shared_->wake.notify_all();
  }
  // The thread shares the state, so that a task that hangs outlives us without harm.
  if (!shared_->thread.joinable()) shared_->thread = std::thread([shared = shared_] { shared->run(); });
  return true;
}

void Background::finish() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(shared_->ended.get(), &count, sizeof count);
  Done done;
  {
    Lock lock(shared_->mutex);
    done = std::exchange(shared_->done, nullptr);
  }
  busy_ = false;
  if (done) done();
}

}  // namespace sentinella::agent
