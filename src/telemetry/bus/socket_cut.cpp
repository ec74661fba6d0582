#include "telemetry/bus/socket_cut.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>

namespace sentinella::telemetry {

Result<void> SocketCut::watch(int socket) {
  FileDescriptor own(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  if (!own) return fail_errno(errno, "cannot hold the connection's socket");
  Lock lock(mutex_);
  if (is_cut_) return fail(Errc::kUnavailable, "the connection is no longer wanted");
  socket_ = std::move(own);
  return {};
}

void SocketCut::forget() {
  Lock lock(mutex_);
  const FileDescriptor closed = std::move(socket_);
}

void SocketCut::cut() {
  Lock lock(mutex_);
  is_cut_ = true;
  if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
}

bool SocketCut::is_cut() const {
  Lock lock(mutex_);
  return is_cut_;
}

}  // namespace sentinella::telemetry
