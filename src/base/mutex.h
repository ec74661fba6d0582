// std::mutex with the annotations of clang's thread-safety analysis
// (clang.llvm.org/docs/ThreadSafetyAnalysis).
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define SENT_ATTRIBUTE(x) __attribute__((x))
#else
#define SENT_ATTRIBUTE(x)
#endif
#define SENT_GUARDED_BY(m) SENT_ATTRIBUTE(guarded_by(m))
#define SENT_REQUIRES(...) SENT_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define SENT_EXCLUDES(...) SENT_ATTRIBUTE(locks_excluded(__VA_ARGS__))

namespace sentinella {

class SENT_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() SENT_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() SENT_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class SENT_ATTRIBUTE(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) SENT_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() SENT_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Mutex& mutex_;
};

/// Waits on a Mutex that the caller holds.
using CondVar = std::condition_variable_any;

}  // namespace sentinella
