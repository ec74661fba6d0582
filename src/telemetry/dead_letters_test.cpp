#include "telemetry/dead_letters.h"

#include <gmock/gmock.h>

#include "base/temporary_directory.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

DeadLetter letter(std::string body, std::string reason = "broken") {
  return {0, {5}, "host:5672/", "nova", "notifications.info", std::move(reason), std::move(body), 0};
}

class DeadLettersTest : public testing::Test {
 protected:
  void open(std::uint64_t max_bytes = 1u << 20) {
    store.reset();
    auto opened = DeadLetters::open(directory.path() / "dead", max_bytes);
    ASSERT_TRUE(opened) << describe(opened.error());
    store = *std::move(opened);
  }
  std::vector<std::uint64_t> ids(std::uint64_t before = 0, std::size_t limit = 100) {
    std::vector<std::uint64_t> out;
    const auto page = store->list(before, limit);
    for (const DeadLetter& one : page->letters) out.push_back(one.id);
    return out;
  }
  TemporaryDirectory directory;
  std::unique_ptr<DeadLetters> store;
};

TEST_F(DeadLettersTest, AreThereAfterARestartNewestFirst) {
  open();
  ASSERT_TRUE(store->add({letter("one"), letter("two")}));
  open();
  EXPECT_EQ(store->count(), 2u);
  ASSERT_TRUE(store->add({letter("three")}));
  EXPECT_THAT(ids(), ElementsAre(3, 2, 1));
  const auto page = store->list(0, 2);
  EXPECT_EQ(page->next, 2u);
  EXPECT_THAT(ids(page->next), ElementsAre(1));
  const auto two = *store->get(2);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->body, "two");
  EXPECT_EQ(two->reason, "broken");
  EXPECT_EQ(two->routing_key, "notifications.info");
  EXPECT_TRUE(two->whole());
}

TEST_F(DeadLettersTest, AreThrownAwayOneByOneAndTheOldestWhenThereAreTooMany) {
  open(40'000);
  ASSERT_TRUE(store->add({letter("a")}));
  ASSERT_TRUE(store->erase(1));
  ASSERT_TRUE(store->erase(1));
  EXPECT_EQ(store->count(), 0u);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store->add({letter(std::string(10'000, 'x'))}));
  EXPECT_EQ(store->count(), 3u);
  EXPECT_EQ(store->dropped(), 7u);
  EXPECT_THAT(ids(), ElementsAre(11, 10, 9));
}

TEST_F(DeadLettersTest, OnlyTheBeginningOfAHugeOneIsKept) {
  open(8u << 20);
  ASSERT_TRUE(store->add({letter(std::string(3u << 20, 'x'))}));
  const auto kept = *store->get(1);
  EXPECT_EQ(kept->size, 3u << 20);
  EXPECT_EQ(kept->body.size(), DeadLetters::kMaxKept);
  EXPECT_FALSE(kept->whole());
}

TEST(ReadableBody, HidesTokensAndPasswordsInJsonWithinJson) {
  const std::string shown = readable_body(letter(
      R"({"oslo.message": "{\"_context_auth_token\": \"abc-topsecret\", \"password\":\"topsecret\", \"n\": 1}",)"
      R"( "adminPass": "topsecret", "token": "gAAAAABtopsecret_-x=="})"));
  EXPECT_THAT(shown, Not(HasSubstr("topsecret")));
  EXPECT_THAT(shown, HasSubstr(R"(\"n\": 1)"));
  EXPECT_EQ(readable_body(letter("\xff{\"a\":1}")), "\xef\xbf\xbd{\"a\":1}");
}

}  // namespace
}  // namespace sentinella::telemetry
