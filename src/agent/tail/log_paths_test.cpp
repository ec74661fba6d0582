#include "agent/tail/log_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LogPathsTest : public ::testing::Test {
 protected:
  void make(const std::string& name) { append_to(directory / name, "x\n"); }
  std::vector<std::string> found(const std::string& pattern) {
    std::vector<std::string> names;
    for (const FollowedLog& log : find_logs({{"svc", (directory / pattern).string()}}).logs)
      names.push_back(std::filesystem::path(log.path).filename());
    return names;
  }
  TemporaryDirectory directory;
};

TEST_F(LogPathsTest, APatternIsWhatMatchesItNow) {
  EXPECT_THAT(found("*.log"), IsEmpty());
  for (const char* name : {"b.log", "a.log", "a.txt"}) make(name);
  std::filesystem::create_directory(directory / "folder.log");
  EXPECT_THAT(found("*.log"), ElementsAre("a.log", "b.log"));
  EXPECT_THAT(found("?.txt"), ElementsAre("a.txt"));
}

TEST_F(LogPathsTest, RotatedAndPackedFilesBelongToTheirLog) {
  for (const char* name : {"a.log", "a.log.1", "a.log-20261122", "a.log.2.gz", "b.log.gz", "a.log.old"})
    make(name);
  EXPECT_THAT(found("*"), ElementsAre("a.log", "a.log.old"));
}

TEST_F(LogPathsTest, ARotatedFileIsNoLogWhileItsLogIsMissing) {
  for (const char* name : {"a.log.1", "b.log"}) make(name);
  const std::string known = directory / "a.log";
  const auto logs = find_logs({{"svc", (directory / "*").string()}}, {known}).logs;
  ASSERT_EQ(logs.size(), 1u);
  EXPECT_EQ(logs[0].path, directory / "b.log");
}

TEST_F(LogPathsTest, APlainPathIsThereWhetherItExistsOrNotAndOnce) {
  const std::string path = directory / "a.log";
  make("a.log");
  const auto logs =
      find_logs({{"first", (directory / "*.log").string()}, {"second", path}, {"third", path}}).logs;
  ASSERT_EQ(logs.size(), 1u);
  EXPECT_EQ(logs[0].service, "second");
  EXPECT_FALSE(logs[0].by_pattern);
  EXPECT_EQ(find_logs({{"svc", "/no/such.log"}}).logs.size(), 1u);
}

TEST_F(LogPathsTest, APatternDoesNotLeaveItsDirectory) {
  std::filesystem::create_directory(directory / "logs");
  make("secret");
  make("logs/a.log");
  EXPECT_THAT(found("logs/.*/secret"), IsEmpty());
  EXPECT_THAT(found("logs/.?/secret"), IsEmpty());
}

TEST_F(LogPathsTest, MoreThanCanBeReadIsSaid) {
  for (int i = 0; i < 130; ++i) make(fmt::format("{:03}.log", i));
  const auto logs = find_logs({{"svc", (directory / "*.log").string()}});
  EXPECT_EQ(logs.logs.size(), 128u);
  ASSERT_EQ(logs.problems.size(), 1u);
  EXPECT_EQ(logs.problems[0].first, "svc");
  EXPECT_THAT(logs.problems[0].second, HasSubstr("matches 130 files"));
}

}  // namespace
}  // namespace sentinella::agent
