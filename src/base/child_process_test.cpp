#include "base/child_process.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(ChildProcess, ASignalIsAnExitCodeToo) {
  EXPECT_EQ(run_child(shell("kill -9 $$"))->exit_code, 128 + 9);
}

}  // namespace
}  // namespace sentinella
