#include "base/file_copy.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/temporary_directory.h"

namespace sentinella {
namespace {

TEST(FileCopy, HasTheBytesAndTheModeAndReplacesNothing) {
  const TemporaryDirectory directory;
  const auto from = directory.path() / "from", to = directory.path() / "to";
  const std::string text(3'000'000, 'x');
  ASSERT_TRUE(write_file_atomic(from, text, 0600));
  ASSERT_TRUE(copy_durably(from, to));
  EXPECT_EQ(read_file(to).value(), text);
  EXPECT_EQ(std::filesystem::status(to).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(copy_durably(from, to).error().code, Errc::kConflict);
  EXPECT_EQ(link_or_copy(from, to).error().code, Errc::kConflict);
}

TEST(FileCopy, TakesTheBeginningOfAFileThatGrows) {
  const TemporaryDirectory directory;
  const auto from = directory.path() / "from";
  ASSERT_TRUE(write_file_atomic(from, "answered and more"));
  ASSERT_TRUE(copy_durably(from, directory.path() / "to", 8));
  EXPECT_EQ(read_file(directory.path() / "to").value(), "answered");
  EXPECT_EQ(copy_durably(from, directory.path() / "long", 18).error().code, Errc::kCorrupt);
}

TEST(FileCopy, ALinkOutlivesTheName) {
  const TemporaryDirectory directory;
  const auto from = directory.path() / "from", to = directory.path() / "to";
  ASSERT_TRUE(write_file_atomic(from, "sealed"));
  ASSERT_TRUE(link_or_copy(from, to));
  std::filesystem::remove(from);
  EXPECT_EQ(read_file(to).value(), "sealed");
}

}  // namespace
}  // namespace sentinella
