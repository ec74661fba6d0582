#include "agent/watch/exit_status.h"

#include <array>
#include <csignal>
#include <cstdint>
#include <cstring>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

namespace sentinella::agent {
namespace {

/// struct pidfd_info in its first published size; newer kernels accept it.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup;
  std::uint32_t pid, tgid, ppid;
  std::uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  std::int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr std::uint64_t kPidfdInfoExit = 1u << 3;
constexpr unsigned long kPidfdGetInfo = _IOWR(0xFF, 11, PidfdInfo);

bool is_fault(int signal) {
  return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGILL || signal == SIGFPE;
}

char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// Position of `needle` (lower case) in `text`, whatever the case of `text`.
std::size_t find_word(std::string_view text, std::string_view needle) {
  for (std::size_t at = 0; at + needle.size() <= text.size(); ++at) {
    std::size_t n = 0;
    while (n < needle.size() && ascii_lower(text[at + n]) == needle[n]) ++n;
    if (n == needle.size()) return at;
  }
  return std::string_view::npos;
}

/// oslo.service, uWSGI, Erlang, MariaDB, in that order. Not SIGHUP: it asks to load the configuration again.
constexpr std::array kAnnouncements = {
    std::string_view("caught sigterm"),          std::string_view("caught sigint"),
    std::string_view("sigterm received"),        std::string_view("received sigterm"),
    std::string_view("sigint/sigterm received"), std::string_view("sigint/quit received"),
    std::string_view("graceful shutdown"),       std::string_view("gracefully killing"),
    std::string_view("killing workers"),         std::string_view("is asked to stop"),
    std::string_view("initiated by: unknown")};

}  // namespace

ExitStatus decode_wait_status(int status) {
  ExitStatus result;
  if (WIFEXITED(status))
    result.code = WEXITSTATUS(status);
  else if (WIFSIGNALED(status))
    result.signal = WTERMSIG(status);
  return result;
}

std::optional<int> pidfd_wait_status(int pidfd) {
  PidfdInfo info{};
  info.mask = kPidfdInfoExit;
  if (::ioctl(pidfd, kPidfdGetInfo, &info) != 0 || (info.mask & kPidfdInfoExit) == 0) return std::nullopt;
  return info.exit_code;
}

bool pidfd_exit_info_works() {
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) ::_exit(42);
  const FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const auto told = pidfd ? pidfd_wait_status(pidfd.get()) : std::nullopt;
  return told && WIFEXITED(*told) && WEXITSTATUS(*told) == 42;
}

ExitVerdict judge_exit(const ExitStatus& status, std::string_view announcement) {
  using Exit = StateReport::Exit;
  ExitVerdict verdict;
  if (status.signal) {
    const char* name = ::sigabbrev_np(*status.signal);
    verdict.detail =
        fmt::format("killed by signal {} ({}{})", *status.signal, name ? "SIG" : "", name ? name : "?");
    const bool asked = *status.signal == SIGTERM || *status.signal == SIGINT || *status.signal == SIGHUP;
    verdict.exit = asked ? Exit::orderly : Exit::crash;
  } else if (status.code) {
    verdict.detail = fmt::format("exit code {}", *status.code);
    verdict.exit = *status.code == 0 ? Exit::orderly : Exit::crash;
  } else {
    verdict.detail = "ended; the kernel did not tell how";
  }
  if (!announcement.empty()) {
    verdict.detail += fmt::format("; log says: {}", announcement);
    if (!status.signal || !is_fault(*status.signal)) verdict.exit = Exit::orderly;
  }
  return verdict;
}

std::string_view stop_announcement(std::string_view line) {
  constexpr std::size_t kLongest = 200;
  for (std::string_view phrase : kAnnouncements)
    if (const std::size_t at = find_word(line, phrase); at != std::string_view::npos) {
      const std::string_view rest = line.substr(at, kLongest);
      return rest.substr(0, rest.find('\n'));
    }
  return {};
}

}  // namespace sentinella::agent
