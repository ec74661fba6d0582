// What /proc says of processes. The root is given, so that tests read a saved tree.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace sentinella::agent {

/// A line of /proc/PID/stat (proc(5)).
struct ProcessStat {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = '?';               ///< 'Z' = ended, not yet collected by its parent
  bool forked = false;            ///< and no program run since: it bears its parent's command line
  std::uint64_t start_ticks = 0;  ///< since boot; with the pid it names a process for ever
  std::uint64_t cpu_ticks = 0;    ///< user and system
  std::uint32_t threads = 0;
  std::uint64_t resident_pages = 0;
  bool may_look = false;  ///< ptrace(2)'s rights over it; only of a process that runs
  int wait_status = 0;    ///< of a zombie over which there were such rights; else 0
};

/// kCorrupt: not such a line. The command name may hold blanks and parentheses.
Result<ProcessStat> parse_process_stat(std::string_view text);

/// The arguments in /proc/PID/cmdline, without the empty ones that a changed process title leaves at the end.
/// At most 64 arguments and 4 KiB are kept.
std::vector<std::string> parse_command_line(std::string_view text);

class ProcFs {
 public:
  explicit ProcFs(std::filesystem::path root = "/proc") : root_(std::move(root)) {}

  Result<std::vector<pid_t>> pids() const;
  /// Of a process, in no order.
  Result<std::vector<pid_t>> threads(pid_t pid) const;
  Result<ProcessStat> stat(pid_t pid) const;
  /// Empty for kernel threads and zombies.
  Result<std::vector<std::string>> command_line(pid_t pid) const;
  /// How many files the process has open; kIo without the right to look.
  Result<std::uint64_t> open_files(pid_t pid) const;
  /// Whose process it is. kIo: it is gone.
  Result<uid_t> owner(pid_t pid) const;
  /// Where a link below the root points to, "" without the right to look: "712/ns/net".
  std::string link(std::string_view name) const;
  /// A file by its name below the root: "meminfo", "net/dev".
  Result<std::string> read(std::string_view name) const;
  /// Hands over the whole lines of a file without a bound on how many, piece by piece; kTooLarge: one of them
  /// is over 64 KiB.
  Result<void> read_lines(std::string_view name, const std::function<void(std::string_view)>& take) const;

 private:
  std::filesystem::path root_;
};

}  // namespace sentinella::agent
