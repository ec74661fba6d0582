#include "telemetry/polling/definition_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temporary_directory.h"

namespace sentinella::telemetry {
namespace {

using testing::HasSubstr;

constexpr std::size_t kMost = 1000;
constexpr uid_t kNobody = 65534;

/// Why the file may name no commands; "" = it may.
std::string doubt(const std::filesystem::path& file) {
  const auto read = read_definition_file(file, kMost);
  EXPECT_TRUE(read) << describe(read.error());
  return !read ? "unread" : read->is_roots_alone ? "" : describe(read->is_roots_alone.error());
}

class DefinitionFileTest : public testing::Test {
 protected:
  DefinitionFileTest() {
    EXPECT_TRUE(make_directories(folder_));
    EXPECT_TRUE(write_file_atomic(file_, "[]", 0644));
    mode(directory_.path(), 0755);
  }
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  static void mode(const std::filesystem::path& path, mode_t mode) {
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
  }
  static void give_away(const std::filesystem::path& path) {
    EXPECT_EQ(::lchown(path.c_str(), kNobody, kNobody), 0);
  }

  TemporaryDirectory directory_;
  const std::filesystem::path folder_ = directory_.path() / "d", file_ = folder_ / "pollsters.yaml";
};

TEST_F(DefinitionFileTest, IsReadAndIsRootsAlone) {
  const auto read = read_definition_file(file_, kMost);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "[]");
  EXPECT_TRUE(read->is_roots_alone);
  EXPECT_EQ(doubt(folder_ / "." / ".." / "d" / "pollsters.yaml"), "");
}

TEST_F(DefinitionFileTest, WhoElseMayWriteTheFileOrAFolderOnTheWayIsSaid) {
  mode(file_, 0664);
  EXPECT_THAT(doubt(file_), HasSubstr("others than root may write pollsters.yaml"));
  mode(file_, 0644);
  mode(directory_.path(), 0777);
  EXPECT_THAT(doubt(file_), HasSubstr("others than root may write")) << "not only the last folder counts";
  mode(directory_.path(), 01777);
  EXPECT_EQ(doubt(file_), "") << "nobody can move what is root's out of a sticky folder";
  mode(directory_.path(), 0755);
  give_away(folder_);
  EXPECT_THAT(doubt(file_), HasSubstr("d belongs to the user 65534"));
  EXPECT_EQ(::chown(folder_.c_str(), 0, 0), 0);
  give_away(file_);
  EXPECT_THAT(doubt(file_), HasSubstr("pollsters.yaml belongs to the user 65534"));
}

TEST_F(DefinitionFileTest, OfALinkBothWaysCount) {
  const auto link = directory_.path() / "link", relative = directory_.path() / "relative";
  std::filesystem::create_symlink(file_, link);
  std::filesystem::create_symlink("d/pollsters.yaml", relative);
  EXPECT_EQ(doubt(link), "");
  EXPECT_EQ(doubt(relative), "");
  mode(folder_, 0777);
  EXPECT_THAT(doubt(link), HasSubstr("others than root may write d")) << "what it leads to";
  mode(folder_, 0755);
  give_away(link);
  EXPECT_THAT(doubt(link), HasSubstr("link belongs to the user 65534")) << "who could lead it elsewhere";
  std::filesystem::create_symlink("round", directory_.path() / "round");
  EXPECT_FALSE(read_definition_file(directory_.path() / "round", kMost));
}

TEST_F(DefinitionFileTest, WhatIsNoFileOrTooLargeIsAnError) {
  EXPECT_EQ(read_definition_file(folder_, kMost).error().code, Errc::kInvalid);
  EXPECT_EQ(read_definition_file(folder_ / "none", kMost).error().code, Errc::kNotFound);
  EXPECT_EQ(read_definition_file(file_, 1).error().code, Errc::kTooLarge);
}

}  // namespace
}  // namespace sentinella::telemetry
