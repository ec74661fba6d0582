// Lets another thread end what a connection of a library waits for.
#pragma once

#include "base/file.h"
#include "base/mutex.h"
#include "base/result.h"

namespace sentinella::telemetry {

/// Thread-safe. It holds a descriptor of its own, so that it never touches a number that is somebody else's
/// by then; the connection ends for the other side when that is forgotten, too.
class SocketCut {
 public:
  /// From now on cut() ends what waits on this socket, until forget(). kUnavailable: it is cut already.
  Result<void> watch(int socket);
  void forget();
  /// For good.
  void cut();
  bool is_cut() const;

 private:
  mutable Mutex mutex_;
  FileDescriptor socket_ SENT_GUARDED_BY(mutex_);
  bool is_cut_ SENT_GUARDED_BY(mutex_) = false;
};

}  // namespace sentinella::telemetry
