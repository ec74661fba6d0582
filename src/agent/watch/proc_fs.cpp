#include "agent/watch/proc_fs.h"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxArguments = 64;
constexpr std::size_t kMaxCommandLine = 4096;
constexpr std::size_t kMaxProcFile = 4 << 20;
constexpr std::size_t kPiece = 64 << 10;
constexpr std::uint64_t kForkedNoExec = 0x40;  // PF_FORKNOEXEC in the kernel's include/linux/sched.h

/// Calls `each` with every name in a directory.
template <typename F>
Result<void> for_each_entry(const std::filesystem::path& path, F each) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) return fail_errno(errno, fmt::format("cannot list {}", path.string()));
  while (const dirent* entry = ::readdir(directory.get())) each(std::string_view(entry->d_name));
  return {};
}

Result<std::vector<pid_t>> numbered_entries(const std::filesystem::path& directory) {
  std::vector<pid_t> numbers;
  SENT_TRY(for_each_entry(directory, [&](std::string_view name) {
    if (name[0] < '1' || name[0] > '9') return;
    if (const auto number = parse_uint(name)) numbers.push_back(static_cast<pid_t>(*number));
  }));
  return numbers;
}

}  // namespace

Result<ProcessStat> parse_process_stat(std::string_view text) {
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return fail(Errc::kCorrupt, "a line of /proc/PID/stat has no command name in parentheses");
  ProcessStat stat;
  const auto pid = parse_uint(trim(text.substr(0, open)));
  // fields[0] is field 3 of proc(5), the state.
  const auto fields = split(trim(text.substr(close + 1)), ' ');
  if (!pid || fields.size() < 22 || fields[0].size() != 1)
    return fail(Errc::kCorrupt, "a line of /proc/PID/stat has {} fields after the name, at least 22 expected",
                fields.size());
  const auto number = [&](std::size_t field) { return parse_uint(fields[field - 3]).value_or(0); };
  stat.pid = static_cast<pid_t>(*pid);
  stat.state = fields[0][0];
  stat.parent = static_cast<pid_t>(number(4));
  stat.forked = (number(9) & kForkedNoExec) != 0;
  stat.cpu_ticks = number(14) + number(15);
  stat.threads = static_cast<std::uint32_t>(number(20));
  stat.start_ticks = number(22);
  stat.resident_pages = number(24);
  // The kernel says 1 for the start of the code where it will not tell, and 0 where there is none.
  if (fields.size() >= 24) stat.may_look = number(26) > 1;
  if (fields.size() >= 50) stat.wait_status = static_cast<int>(number(52));
  return stat;
}

std::vector<std::string> parse_command_line(std::string_view text) {
  text = text.substr(0, kMaxCommandLine);
  std::vector<std::string> arguments;
  for (std::string_view argument : split(text, '\0')) {
    if (arguments.size() == kMaxArguments) break;
    arguments.emplace_back(argument);
  }
  while (!arguments.empty() && arguments.back().empty()) arguments.pop_back();
  return arguments;
}

Result<std::vector<pid_t>> ProcFs::pids() const {
  return numbered_entries(root_);
}

Result<std::vector<pid_t>> ProcFs::threads(pid_t pid) const {
  return numbered_entries(root_ / std::to_string(pid) / "task");
}

Result<ProcessStat> ProcFs::stat(pid_t pid) const {
  SENT_TRY_ASSIGN(const std::string text, read(fmt::format("{}/stat", pid)));
  return parse_process_stat(text);
}

Result<std::vector<std::string>> ProcFs::command_line(pid_t pid) const {
  SENT_TRY_ASSIGN(const std::string text, read(fmt::format("{}/cmdline", pid)));
  return parse_command_line(text);
}

Result<std::uint64_t> ProcFs::open_files(pid_t pid) const {
  const std::filesystem::path directory = root_ / std::to_string(pid) / "fd";
  // Since Linux 6.2 the directory's size is the number, for a hundredth of the price.
  struct stat status{};
  if (::stat(directory.c_str(), &status) == 0 && status.st_size > 0 && root_ == "/proc")
    return static_cast<std::uint64_t>(status.st_size);
  std::uint64_t count = 0;
  SENT_TRY(for_each_entry(directory, [&](std::string_view name) { count += name[0] != '.'; }));
  return count;
}

Result<uid_t> ProcFs::owner(pid_t pid) const {
  const std::filesystem::path directory = root_ / std::to_string(pid);
  struct stat status{};
  if (::stat(directory.c_str(), &status) != 0)
    return fail_errno(errno, fmt::format("cannot look at {}", directory.string()));
  return status.st_uid;
}

std::string ProcFs::link(std::string_view name) const {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::read_symlink(root_ / name, error);
  return error ? "" : target.string();
}

Result<std::string> ProcFs::read(std::string_view name) const {
  return read_file(root_ / name, kMaxProcFile);
}

Result<void> ProcFs::read_lines(std::string_view name,
                                const std::function<void(std::string_view)>& take) const {
  const std::filesystem::path path = root_ / name;
  SENT_TRY_ASSIGN(const FileDescriptor file, open_file(path, O_RDONLY));
  std::string piece(kPiece, '\0');
  for (std::size_t held = 0;;) {
    const ssize_t got = ::read(file.get(), piece.data() + held, piece.size() - held);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(errno, fmt::format("cannot read {}", path.string()));
    held += static_cast<std::size_t>(got);
    const std::string_view text(piece.data(), held);
    const std::size_t whole = got == 0 ? held : text.rfind('\n') + 1;
    if (whole > 0) take(text.substr(0, whole));
    if (got == 0) return {};
    if (whole == 0 && held == piece.size())
      return fail(Errc::kTooLarge, "a line of {} is over {} bytes", path.string(), kPiece);
    std::copy(piece.begin() + static_cast<std::ptrdiff_t>(whole),
              piece.begin() + static_cast<std::ptrdiff_t>(held), piece.begin());
    held -= whole;
  }
}

}  // namespace sentinella::agent
