// Kernel process events: the netlink proc connector (Documentation/driver-api/connector.rst,
// linux/cn_proc.h). Needs CAP_NET_ADMIN; on Linux 6.6 and later anyone may listen. Only exec and the end of
// whole processes get past a socket filter, so that threads and forks of a busy machine do not wake us.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <sys/types.h>

#include "base/file.h"
#include "base/result.h"

namespace sentinella::agent {

struct ProcessEvent {
  enum class Kind { exec, exit } kind = Kind::exec;
  pid_t pid = 0;
  int wait_status = 0;  ///< exit only
};

/// One datagram of the connector; nullopt for anything but exec and exit of a process.
std::optional<ProcessEvent> parse_process_event(std::string_view datagram);

/// Not thread-safe.
class ProcessEvents {
 public:
  /// `with_exits`: else only exec gets through. kForbidden: the kernel does not let us; says what would.
  static Result<std::unique_ptr<ProcessEvents>> open(bool with_exits);
  int fd() const { return socket_.get(); }
  /// Hands over what has arrived. False: the kernel dropped events because we were slow; scan /proc.
  bool drain(const std::function<void(const ProcessEvent&)>& sink);

 private:
  explicit ProcessEvents(FileDescriptor socket) : socket_(std::move(socket)) {}
  FileDescriptor socket_;
};

}  // namespace sentinella::agent
