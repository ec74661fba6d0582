// What runs on this machine, for `init`: known services among the processes, and their logs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

struct RunningProcess {
  pid_t pid = 0;
  std::vector<std::string> arguments;
  std::vector<std::string> open_logs;  ///< open files that end in ".log", as far as we may see
};

/// Whether a file is there; given, so that tests need no files.
using FileExists = std::function<bool(const std::string& path)>;

struct Finding {
  ServiceConfig service;
  std::string evidence;  ///< "pid 712, log open"; "" = does not run here
};

/// Every known service that runs, and those that `init` asks for anyway (their `enabled` is false when
/// nothing runs). A service's log is the one it has open, else one named in its arguments (--log-file), else
/// the first usual place that exists, else Debian's.
std::vector<Finding> find_services(const std::vector<RunningProcess>& processes, const FileExists& exists,
                                   const std::string& host);

/// The processes of this machine.
std::vector<RunningProcess> running_processes(const ProcFs& proc);

}  // namespace sentinella::agent
