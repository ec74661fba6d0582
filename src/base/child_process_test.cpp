#include "base/child_process.h"

#include <csignal>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "base/text.h"

namespace sentinella {
namespace {

using ::testing::HasSubstr;

ChildOptions shell(std::string script) {
  ChildOptions options;
  options.arguments = {"/bin/sh", "-c", std::move(script)};
  return options;
}

TEST(ChildProcess, OutputErrorsAndExitCodeComeBack) {
  ChildOptions options = shell("read line; echo \"got $line\"; echo trouble >&2; exit 2");
  options.input = "hello\n";
  const auto result = run_child(options);
  ASSERT_TRUE(result) << describe(result.error());
  EXPECT_EQ(result->exit_code, 2);
  EXPECT_EQ(result->output, "got hello\n");
  EXPECT_EQ(result->errors, "trouble\n");
}

TEST(ChildProcess, TheEnvironmentIsOnlyWhatIsGiven) {
  ::setenv("SENTINELLA_SECRET", "s3cret", 1);
  const auto result = run_child(shell("env; pwd"));
  ::unsetenv("SENTINELLA_SECRET");
  ASSERT_TRUE(result);
  EXPECT_THAT(result->output, ::testing::Not(HasSubstr("s3cret")));
  ChildOptions options = shell("echo $NAME; pwd");
  options.environment = {"NAME=x"};
  options.directory = "/";
  EXPECT_EQ(run_child(options)->output, "x\n/\n");
}

TEST(ChildProcess, OneThatHangsIsKilledWithWhatItStarted) {
  TemporaryDirectory directory;
  ChildOptions options = shell("sleep 60 & echo $! > pid; wait");
  options.directory = directory.path();
  options.timeout = 300ms;
  const auto result = run_child(options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::kUnavailable);
  EXPECT_THAT(result.error().message, HasSubstr("did not end within 300ms"));
  const auto pid = parse_uint(trim(read_file(directory.path() / "pid").value_or("")));
  ASSERT_TRUE(pid);
  for (int i = 0; i < 500 && ::kill(static_cast<pid_t>(*pid), 0) == 0; ++i) ::usleep(2000);
  // In a container nobody may collect the orphan: then it is a zombie.
  const std::string stat = read_file("/proc/" + std::to_string(*pid) + "/stat").value_or("");
  EXPECT_TRUE(stat.empty() || stat.contains(") Z ")) << stat;
}

TEST(ChildProcess, OneThatWritesWithoutEndIsKilled) {
  ChildOptions options = shell("yes");
  options.max_output = 10'000;
  EXPECT_EQ(run_child(options).error().code, Errc::kTooLarge);
}

TEST(ChildProcess, NoSuchProgramIsSaid) {
  ChildOptions options;
  options.arguments = {"no-such-program-at-all"};
  EXPECT_EQ(run_child(options).error().code, Errc::kNotFound);
  EXPECT_EQ(run_child(ChildOptions{}).error().code, Errc::kInvalid);
}

TEST(ChildProcess, AProgramIsLookedUpInThePathItGetsNotInOurs) {
  TemporaryDirectory directory;
  const auto program = directory.path() / "only-in-our-path";
  ASSERT_TRUE(write_file_atomic(program, "#!/bin/sh\necho ours\n", 0755));
  const std::string before = ::getenv("PATH");
  ::setenv("PATH", directory.path().c_str(), 1);
  ChildOptions options;
  options.arguments = {"only-in-our-path"};
  const auto by_ours = run_child(options);
  ::setenv("PATH", before.c_str(), 1);
  EXPECT_EQ(by_ours.error().code, Errc::kNotFound);
  options.environment = {"PATH=/nowhere:" + directory.path().string()};
  EXPECT_EQ(run_child(options)->output, "ours\n");
}

TEST(ChildProcess, OneThatIsNoLongerWantedIsKilled) {
  std::atomic<bool> cancelled = false;
  TemporaryDirectory directory;
  ChildOptions options = shell("touch begun; sleep 600");
  options.directory = directory.path();
  options.timeout = 600s;
  options.cancelled = &cancelled;
  std::thread regret([&] {
    while (!std::filesystem::exists(directory.path() / "begun")) ::usleep(1000);
    cancelled = true;
  });
  const auto result = run_child(options);
  regret.join();
  EXPECT_THAT(result.error().message, HasSubstr("was given up"));
}

/// As a user who may run a program of root's, which he then may not kill. Gives 0 when run_child() returned.
int runs_what_it_may_not_kill(const std::string& program) {
  const pid_t user = ::fork();
  if (user == 0) {
    ::alarm(60);
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(2);
    ChildOptions options;
    options.arguments = {program, "--reuid", "0", "--clear-groups", "sleep", "3"};
    options.timeout = 200ms;
    const auto result = run_child(options);
    // Ours to collect when it has ended; it has not.
    ::_exit(result || ::waitpid(-1, nullptr, WNOHANG) != 0 ? 3 : 0);
  }
  int status = 0;
  ::waitpid(user, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ChildProcess, OneThatWeMayNotKillIsNotWaitedForWithoutEnd) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, who can make such a program";
  TemporaryDirectory directory;
  const auto program = directory.path() / "as-root";
  std::error_code error;
  if (!std::filesystem::copy_file("/usr/bin/setpriv", program, error)) GTEST_SKIP() << "needs setpriv";
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(program.c_str(), 04755), 0);
  EXPECT_EQ(runs_what_it_may_not_kill(program), 0);
}

TEST(ChildProcess, ASignalIsAnExitCodeToo) {
  EXPECT_EQ(run_child(shell("kill -9 $$"))->exit_code, 128 + 9);
}

}  // namespace
}  // namespace sentinella
