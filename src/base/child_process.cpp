#include "base/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

namespace sentinella {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxErrors = 4096;
constexpr std::size_t kPiece = 8192;
constexpr std::int64_t kLook = 200;  // ms between two looks whether the child has ended

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno(errno, "cannot make a pipe");
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// What posix_spawn(3) wants to know; freed at the end.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    // A group of its own, so that it can be killed with its children; and no blocked signals of ours.
    sigset_t none, usual;
    sigemptyset(&none);
    sigfillset(&usual);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &usual);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

/// A child under way; killed and collected when nobody waited for its end.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    static_cast<void>(wait(0));
  }
  /// nullopt: it still runs.
  std::optional<int> wait(int flags) {
    siginfo_t ended{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT | flags) == 0 && ended.si_pid == 0)
      return std::nullopt;
    // What it left behind has our pipes, and no business any more. Until it is collected its number is nobody
    // else's.
    ::kill(-pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
};

Result<pid_t> spawn(const ChildOptions& options, const FileDescriptor& input, const FileDescriptor& output,
                    const FileDescriptor& errors) {
  SpawnPlan plan;
  ::posix_spawn_file_actions_adddup2(&plan.actions, input.get(), 0);
  ::posix_spawn_file_actions_adddup2(&plan.actions, output.get(), 1);
  ::posix_spawn_file_actions_adddup2(&plan.actions, errors.get(), 2);
  // Sockets of ours that a library opened without close-on-exec, a listening one among them.
  ::posix_spawn_file_actions_addclosefrom_np(&plan.actions, 3);
  if (!options.directory.empty())
    ::posix_spawn_file_actions_addchdir_np(&plan.actions, options.directory.c_str());
  std::vector<std::string> arguments = options.arguments;
  std::vector<std::string> environment = options.environment;
  if (environment.empty())
    environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C"};
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, arguments[0].c_str(), &plan.actions, &plan.attributes,
                                   pointers(arguments).data(), pointers(environment).data());
  if (error != 0)
    return fail(error == ENOENT ? Errc::kNotFound : Errc::kIo, "cannot run {}: {}", arguments[0],
                std::strerror(error));
  return pid;
}

/// Reads both outputs until they end, or the child has and nothing is left in them: what it put into the
/// background may hold them open.
Result<void> read_outputs(const ChildOptions& options, Child& child, Pipe& output, Pipe& errors,
                          SteadyClock::time_point deadline, ChildResult& result, std::optional<int>& code) {
  std::array<pollfd, 2> ready = {pollfd{output.read.get(), POLLIN, 0}, pollfd{errors.read.get(), POLLIN, 0}};
  std::array<char, kPiece> piece{};
  while (ready[0].fd >= 0 || ready[1].fd >= 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    if (left <= 0)
      return fail(Errc::kUnavailable, "{} did not end within {}", options.arguments[0],
                  to_text(options.timeout));
    const int wait = code ? 0 : static_cast<int>(std::min<std::int64_t>(left, kLook));
    if (::poll(ready.data(), ready.size(), wait) <= 0) {
      if (code) return {};
      code = child.wait(WNOHANG);
      continue;
    }
    for (pollfd& one : ready) {
      if (one.fd < 0 || one.revents == 0) continue;
      const ssize_t got = ::read(one.fd, piece.data(), piece.size());
      if (got <= 0) {
        one.fd = -1;
        continue;
      }
      const std::string_view text(piece.data(), static_cast<std::size_t>(got));
      if (&one == &ready[0])
        result.output += text;
      else
        result.errors += text.substr(0, kMaxErrors - std::min(kMaxErrors, result.errors.size()));
      if (result.output.size() > options.max_output)
        return fail(Errc::kTooLarge, "{} wrote more than {} bytes", options.arguments[0], options.max_output);
    }
  }
  return {};
}

}  // namespace

Result<ChildResult> run_child(const ChildOptions& options) {
  if (options.arguments.empty() || options.arguments[0].empty())
    return fail(Errc::kInvalid, "no program to run");
  const auto deadline = SteadyClock::now() + options.timeout;
  SENT_TRY_ASSIGN(Pipe input, make_pipe());
  SENT_TRY_ASSIGN(Pipe output, make_pipe());
  SENT_TRY_ASSIGN(Pipe errors, make_pipe());
  SENT_TRY_ASSIGN(const pid_t pid, spawn(options, input.read, output.write, errors.write));
  Child child(pid);
  input.read = FileDescriptor();
  output.write = FileDescriptor();
  errors.write = FileDescriptor();
  // It fits into the pipe; who does not read it is not waited for.
  if (!options.input.empty()) {
    [[maybe_unused]] const ssize_t written =
        ::write(input.write.get(), options.input.data(), options.input.size());
  }
  input.write = FileDescriptor();
  ChildResult result;
  std::optional<int> code;
  SENT_TRY(read_outputs(options, child, output, errors, deadline, result, code));
  for (;;) {
    if (!code) code = child.wait(WNOHANG);
    if (code) {
      result.exit_code = *code;
      return result;
    }
    if (SteadyClock::now() >= deadline)
      return fail(Errc::kUnavailable, "{} did not end within {}", options.arguments[0],
                  to_text(options.timeout));
    ::usleep(2000);
  }
}

}  // namespace sentinella
