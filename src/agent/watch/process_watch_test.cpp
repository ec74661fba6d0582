#include "agent/watch/process_watch.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// With and without what needs newer kernels or privileges; the base is pidfd and scanning.
struct Methods {
  bool kernel_events;
  bool exit_info;
};

class ProcessWatchTest : public ::testing::TestWithParam<Methods> {
 protected:
  void SetUp() override {
    static int number = 0;
    service = "svc" + std::to_string(::getpid()) + "-" + std::to_string(++number);
    script = directory / service;
    loop = *EventLoop::create();
  }
  void TearDown() override {
    watch.reset();
    for (pid_t child : children) ::kill(child, SIGKILL), ::waitpid(child, nullptr, 0);
  }

  /// A process whose command line is "/bin/sh .../svcNNN"; it runs `body`.
  pid_t spawn(const std::string& body) {
    std::filesystem::remove(script);
    append_to(script, body + "\n");
    const pid_t child = ::fork();
    if (child == 0) {
      // A worker that outlives a failed test must not hold the test's output open.
      ::close(STDOUT_FILENO);
      ::close(STDERR_FILENO);
      ::execl("/bin/sh", "sh", script.c_str(), nullptr);
      ::_exit(127);
    }
    children.push_back(child);
    run_until([&] { return bears_our_name(child); });  // until the exec it has the test's command line
    return child;
  }

  bool bears_our_name(pid_t pid) const {
    const auto arguments = ProcFs().command_line(pid);
    return arguments && arguments->size() > 1 && (*arguments)[1] == script.string();
  }

  void start_watch() {
    watch = std::make_unique<ProcessWatch>(
        *loop, system_clock(), ProcFs(), std::vector<WatchedService>{{"service", service}},
        WatchOptions{GetParam().kernel_events, GetParam().exit_info},
        ProcessWatch::Callbacks{[this](const ProcessStarted& s) { started.push_back(s), order += 's'; },
                                [this](const ProcessExited& e) { exited.push_back(e), order += 'e'; }});
    ASSERT_TRUE(watch->start());
  }

  template <typename F>
  void run_until(F done) {
    for (int i = 0; i < 2000 && !done(); ++i) {
      int status = 0;
      for (pid_t pid; collect && (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) std::erase(children, pid);
      loop->run_once(5ms);
    }
    ASSERT_TRUE(done());
  }

  bool can_tell_exit() const { return watch->methods().exit_info || watch->methods().kernel_events; }

  TemporaryDirectory directory;
  std::string service;
  std::filesystem::path script;
  std::unique_ptr<EventLoop> loop;
  std::unique_ptr<ProcessWatch> watch;
  std::vector<ProcessStarted> started;
  std::vector<ProcessExited> exited;
  std::string order;
  std::vector<pid_t> children;
  bool collect = true;  ///< what has ended: we are the parent
};

TEST_P(ProcessWatchTest, DeathByASignalIsTold) {
  const pid_t pid = spawn("while :; do sleep 5 & wait; done");
  start_watch();
  EXPECT_THAT(watch->mains(0), ::testing::ElementsAre(pid));
  EXPECT_THAT(started, IsEmpty()) << "what runs at the start is not news";
  ::kill(pid, SIGKILL);
  run_until([&] { return !exited.empty(); });
  EXPECT_EQ(exited[0].pid, pid);
  if (can_tell_exit()) {
    EXPECT_EQ(exited[0].status.signal, SIGKILL);
  }
  EXPECT_THAT(watch->mains(0), IsEmpty());
}

TEST_P(ProcessWatchTest, ExitCodeIsTold) {
  const pid_t pid = spawn("while [ ! -e " + (directory / "go").string() + " ]; do sleep 0.01; done; exit 3");
  start_watch();
  append_to(directory / "go", "");
  run_until([&] { return !exited.empty(); });
  EXPECT_EQ(exited[0].pid, pid);
  if (can_tell_exit()) {
    EXPECT_EQ(exited[0].status.code, 3);
  }
}

TEST_P(ProcessWatchTest, ExitCodeIsToldAlthoughTheParentDoesNotCollectIt) {
  collect = false;
  for (const int code : {3, 0}) {
    const std::string go = (directory / ("go" + std::to_string(code))).string();
    const pid_t pid = spawn("while [ ! -e " + go + " ]; do sleep 0.01; done; exit " + std::to_string(code));
    start_watch();
    append_to(go, "");
    exited.clear();
    run_until([&] { return !exited.empty(); });
    EXPECT_EQ(exited[0].pid, pid);
    EXPECT_EQ(exited[0].status.code, code);
  }
}

TEST_P(ProcessWatchTest, ReplacementIsFoundAndToldAfterTheDeath) {
  const pid_t first = spawn("while :; do sleep 5 & wait; done");
  start_watch();
  ::kill(first, SIGKILL);
  run_until([&] { return !exited.empty(); });
  const pid_t second = spawn("while :; do sleep 5 & wait; done");
  run_until([&] { return !started.empty(); });
  EXPECT_EQ(started[0].pid, second);
  EXPECT_EQ(order, "es");
}

TEST_P(ProcessWatchTest, AChildThatTheDeadMainHadJustForkedIsNoReplacement) {
  // As when the main is killed between fork and exec: until it runs a program of its own, the child looks
  // like it.
  spawn("while [ ! -e " + (directory / "go").string() +
        " ]; do sleep 0.01; done; (i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exec sleep 1) & kill -9 "
        "$$");
  start_watch();
  append_to(directory / "go", "");
  run_until([&] { return !exited.empty(); });
  run_until([&] {
    watch->refresh();
    return std::ranges::none_of(*ProcFs().pids(), [&](pid_t pid) { return bears_our_name(pid); });
  });
  EXPECT_THAT(started, IsEmpty());
}

TEST_P(ProcessWatchTest, WorkersAreNotMainsAndOrphansAreNoReplacement) {
  // The subshell bears its parent's command line, as a forked worker does.
  const pid_t main = spawn("(while sleep 0.05 && [ -e " + script.string() +
                           " ]; do :; done) & while :; do sleep 5 & wait $!; done");
  run_until([&] {
    start_watch();
    return watch->processes(0).size() == 2;
  });
  EXPECT_THAT(watch->mains(0), ::testing::ElementsAre(main));
  ::kill(main, SIGKILL);
  run_until([&] { return !exited.empty(); });
  for (int i = 0; i < 60; ++i) loop->run_once(5ms);
  EXPECT_THAT(started, IsEmpty());
  EXPECT_THAT(watch->processes(0), IsEmpty());
}

TEST_P(ProcessWatchTest, MainThatGoesIntoTheBackgroundHasNotEnded) {
  const pid_t first = spawn("while [ ! -e " + (directory / "go").string() +
                            " ]; do sleep 0.01; done; (while sleep 0.05 && [ -e " + script.string() +
                            " ]; do :; done) & sleep 0.3; exit 0");
  start_watch();
  append_to(directory / "go", "");
  run_until([&] { return !watch->mains(0).empty() && watch->mains(0)[0] != first; });
  if (can_tell_exit()) {
    EXPECT_THAT(exited, IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, ProcessWatchTest,
                         ::testing::Values(Methods{true, true}, Methods{false, true}, Methods{true, false},
                                           Methods{false, false}));

TEST(ProcessEvents, GarbageIsNoEvent) {
  EXPECT_FALSE(parse_process_event(""));
  EXPECT_FALSE(parse_process_event(std::string(36, 'x')));
  EXPECT_FALSE(parse_process_event(std::string(300, '\0')));
}

}  // namespace
}  // namespace sentinella::agent
