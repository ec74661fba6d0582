// How a process ended, from whoever can know, and what that means for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/state_report.h"

namespace sentinella::agent {

/// A status as wait(2) gives it, taken apart. Both empty: nobody could tell.
struct ExitStatus {
  std::optional<int> code;
  std::optional<int> signal;
  bool known() const { return code || signal; }
};
ExitStatus decode_wait_status(int status);

/// The status of an ended process, from the kernel: ioctl PIDFD_GET_INFO with PIDFD_INFO_EXIT (Linux 6.15,
/// include/uapi/linux/pidfd.h). nullopt: not collected by its parent yet, or an older kernel.
std::optional<int> pidfd_wait_status(int pidfd);
/// Whether this kernel answers that question, tried on a child of our own.
bool pidfd_exit_info_works();

struct ExitVerdict {
  StateReport::Exit exit = StateReport::Exit::unknown;
  std::string detail;  ///< "killed by signal 9 (SIGKILL)", "exit code 1; log says: Caught SIGTERM"
};
/// `announcement`: what the service's own log said about stopping just before, "" = nothing. oslo.service
/// says "Caught SIGTERM" and then exits with code 1, so the announcement counts more than the code; it does
/// not excuse a segmentation fault.
ExitVerdict judge_exit(const ExitStatus& status, std::string_view announcement);

/// The part of a log line that announces a stop on request ("Caught SIGTERM, stopping children"); "" = none.
std::string_view stop_announcement(std::string_view line);

}  // namespace sentinella::agent
