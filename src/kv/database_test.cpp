#include "kv/database.h"

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "kv/key.h"

namespace sentinella::kv {
namespace {

Result<std::unique_ptr<Database>> open(const TemporaryDirectory& directory, std::uint32_t version = 1) {
  return Database::open({directory.path(), "test store", version});
}

std::vector<std::string> keys(const Database& database, std::string_view from, std::string_view until,
                              bool back) {
  std::vector<std::string> found;
  const auto visit = [&](std::string_view key, std::string_view) { return found.emplace_back(key), true; };
  EXPECT_TRUE(back ? database.scan_back(from, until, visit) : database.scan(from, until, visit));
  return found;
}

TEST(Key, OrderOfBytesIsOrderOfInstants) {
  const std::vector<std::int64_t> instants = {INT64_MIN, -1, 0, 1, 255, 256, INT64_MAX};
  for (std::size_t i = 1; i < instants.size(); ++i)
    EXPECT_LT(Key().time({instants[i - 1]}).str(), Key().time({instants[i]}).str());
}

TEST(Key, ReadsBackWhatItWrote) {
  const std::string key = Key().u32(7).tag('x').time({-5}).u64(9).bytes("rest").take();
  KeyReader reader(key);
  EXPECT_EQ(reader.u32(), 7u);
  EXPECT_EQ(reader.tag(), 'x');
  EXPECT_EQ(reader.time().ns, -5);
  EXPECT_EQ(reader.u64(), 9u);
  EXPECT_EQ(reader.rest(), "rest");
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.u64(), 0u);
  EXPECT_FALSE(reader.ok());
}

TEST(Key, AfterAPrefixComesNothingThatBeginsWithIt) {
  EXPECT_EQ(after_prefix("ab"), "ac");
  EXPECT_EQ(after_prefix("a\xff"), "b");
}

TEST(Database, KeepsWhatWasWrittenAndScansInOrder) {
  TemporaryDirectory directory;
  {
    const auto database = *open(directory);
    WriteBatch batch;
    for (const char* key : {"b", "a", "d", "c"}) batch.put(key, "value");
    batch.erase("d");
    batch.put_number("~number", 1ull << 60);
    ASSERT_TRUE(database->write(std::move(batch), Sync::yes));
  }
  const auto database = *open(directory);
  EXPECT_THAT(keys(*database, "a", "c", false), testing::ElementsAre("a", "b"));
  EXPECT_THAT(keys(*database, "a", "z", true), testing::ElementsAre("c", "b", "a"));
  EXPECT_EQ(**database->get("a"), "value");
  EXPECT_FALSE(*database->get("d"));
  EXPECT_EQ(*database->get_number("~number"), 1ull << 60);
  EXPECT_EQ(*database->get_number("absent"), 0u);
  WriteBatch batch;
  batch.erase_range("a", "c");
  ASSERT_TRUE(database->write(std::move(batch), Sync::no));
  EXPECT_THAT(keys(*database, "a", "z", false), testing::ElementsAre("c"));
}

TEST(Database, TellsWhichNumbersKeysBeginWith) {
  TemporaryDirectory directory;
  const auto database = *open(directory);
  WriteBatch batch;
  for (const std::uint32_t number : {7u, 1u, 0u, UINT32_MAX})
    for (const char kind : {'a', 'b'}) batch.put(Key().u32(number).tag(kind).str(), "");
  ASSERT_TRUE(database->write(std::move(batch), Sync::no));
  EXPECT_THAT(*database->leading_numbers(), testing::ElementsAre(1, 7, UINT32_MAX));
}

TEST(Database, ANewerFormatIsRefusedWithASentence) {
  TemporaryDirectory directory;
  ASSERT_TRUE(open(directory, 2));
  const auto older = open(directory, 1);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, Errc::kUnsupported);
  EXPECT_THAT(older.error().message, testing::HasSubstr("test store in " + directory.path().string()));
}

TEST(Database, TwoProcessesCannotShareIt) {
  TemporaryDirectory directory;
  const auto first = open(directory);
  EXPECT_EQ(open(directory).error().code, Errc::kConflict);
}

TEST(Database, ACopyHasUnsyncedWritesAndNoneThatCameLater) {
  TemporaryDirectory directory, copies;
  const auto database = *open(directory);
  WriteBatch first, later;
  first.put("a", "1");
  later.put("b", "2");
  ASSERT_TRUE(database->write(std::move(first), Sync::no));
  ASSERT_TRUE(database->copy_to(copies.path() / "copy"));
  ASSERT_TRUE(database->write(std::move(later), Sync::yes));
  const auto copy = *Database::open({copies.path() / "copy", "test store", 1});
  EXPECT_EQ(*copy->get("a"), "1");
  EXPECT_EQ(*copy->get("b"), std::nullopt);
  EXPECT_FALSE(database->copy_to(copies.path() / "copy"));
}

}  // namespace
}  // namespace sentinella::kv
