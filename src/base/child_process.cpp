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
#include "base/mutex.h"
#include "base/text.h"

namespace sentinella {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxErrors = 4096;
constexpr std::size_t kPiece = 8192;
constexpr std::int64_t kLook = 200;  // ms between two looks whether the child has ended
constexpr auto kKilledWithin = 1s;

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

/// Children that SIGKILL of ours does not reach. Whoever runs the next one collects those that have ended.
class LeftAlone {
 public:
  void add(pid_t pid) {
    Lock lock(mutex_);
    pids_.push_back(pid);
  }
  void collect() {
    Lock lock(mutex_);
    std::erase_if(pids_, [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) != 0; });
  }

 private:
  Mutex mutex_;
  std::vector<pid_t> pids_ SENT_GUARDED_BY(mutex_);
};

LeftAlone& left_alone() {
  static LeftAlone all;
  return all;
}

/// A child under way; killed and collected when nobody waited for its end.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    for (const auto end = SteadyClock::now() + kKilledWithin; SteadyClock::now() < end; ::usleep(2000))
      if (ended()) return;
    left_alone().add(pid_);
  }
  /// nullopt: it still runs.
  std::optional<int> ended() {
    siginfo_t about{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &about, WEXITED | WNOWAIT | WNOHANG) == 0 &&
        about.si_pid == 0)
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

/// Where execvp(3) looks, but in the child's PATH: ours may lead elsewhere.
std::vector<std::string> places_of(const std::string& program, const std::vector<std::string>& environment) {
  if (program.contains('/')) return {program};
  constexpr std::string_view kPath = "PATH=";
  std::vector<std::string> places;
  for (const std::string_view variable : environment) {
    if (!variable.starts_with(kPath)) continue;
    for (const std::string_view directory : split(variable.substr(kPath.size()), ':'))
      if (!directory.empty()) places.push_back(fmt::format("{}/{}", directory, program));
  }
  return places;
}

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
  int error = ENOENT;
  for (const std::string& place : places_of(arguments[0], environment)) {
    pid_t pid = 0;
    const int failed = ::posix_spawn(&pid, place.c_str(), &plan.actions, &plan.attributes,
                                     pointers(arguments).data(), pointers(environment).data());
    if (failed == 0) return pid;
    if (failed == ENOENT || failed == ENOTDIR) continue;
    error = failed;
    if (failed != EACCES) break;
  }
  return fail(error == ENOENT ? Errc::kNotFound : Errc::kIo, "cannot run {}: {}", arguments[0],
              std::strerror(error));
}

/// Why nobody waits for it any longer, if so.
Result<void> still_wanted(const ChildOptions& options, SteadyClock::time_point deadline) {
  if (options.cancelled != nullptr && options.cancelled->load())
    return fail(Errc::kUnavailable, "{} was given up", options.arguments[0]);
  if (SteadyClock::now() < deadline) return {};
  return fail(Errc::kUnavailable, "{} did not end within {}", options.arguments[0], to_text(options.timeout));
}

/// Reads both outputs until they end, or the child has and nothing is left in them: what it put into the
/// background may hold them open.
Result<void> read_outputs(const ChildOptions& options, Child& child, Pipe& output, Pipe& errors,
                          SteadyClock::time_point deadline, ChildResult& result, std::optional<int>& code) {
  std::array<pollfd, 2> ready = {pollfd{output.read.get(), POLLIN, 0}, pollfd{errors.read.get(), POLLIN, 0}};
  std::array<char, kPiece> piece{};
  while (ready[0].fd >= 0 || ready[1].fd >= 0) {
    SENT_TRY(still_wanted(options, deadline));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    const int wait = code ? 0 : static_cast<int>(std::clamp<std::int64_t>(left, 0, kLook));
    if (::poll(ready.data(), ready.size(), wait) <= 0) {
      if (code) return {};
      code = child.ended();
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
  left_alone().collect();
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
    if (!code) code = child.ended();
    if (code) {
      result.exit_code = *code;
      return result;
    }
    SENT_TRY(still_wanted(options, deadline));
    ::usleep(2000);
  }
}

}  // namespace sentinella
