#include "logs/pattern_trends.h"

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "logs/embedded/embedded_log_store.h"
#include "logs/log_groups.h"

namespace sentinella::logs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr AccountId kAccount{1};
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr Time at(std::int64_t seconds) {
  return Time{seconds * kSecondNs};
}

class PatternTrendsTest : public testing::Test {
 protected:
  void SetUp() override {
    store = *open_embedded_log_store({.directory = directory.path(), .block_bytes = 2000});
  }
  void say(std::int64_t seconds, std::uint64_t template_id, const std::string& message, int times = 1) {
    std::vector<LogRecord> batch(static_cast<std::size_t>(times));
    for (LogRecord& record : batch) {
      record.time = at(seconds);
      record.service = "nova-api";
      record.raw = record.message = message;
      record.template_id = template_id;
    }
    ASSERT_TRUE(store->append(kAccount, batch, ++offset));
  }
  /// As many, each once.
  void say_patterns(std::int64_t seconds, std::size_t patterns) {
    std::vector<LogRecord> batch(patterns);
    for (std::size_t i = 0; i < patterns; ++i) {
      batch[i].time = at(seconds);
      batch[i].raw = batch[i].message = "once";
      batch[i].template_id = i + 1;
    }
    ASSERT_TRUE(store->append(kAccount, batch, ++offset));
  }
  PatternTrends ask(Time from, Time until, Time now = at(100'000)) {
    LogQuery query;
    query.range = {from, until};
    auto trends = pattern_trends(*store, kAccount, query, now);
    EXPECT_TRUE(trends) << trends.error().message;
    return *std::move(trends);
  }
  static std::vector<std::string> told(const PatternTrends& trends) {
    std::vector<std::string> all;
    for (const auto& trend : trends.rows)
      all.push_back(fmt::format("{}: {} after {}, {}", trend.row.value, trend.row.count, trend.before,
                                to_string(trend.change)));
    return all;
  }

  TemporaryDirectory directory;
  std::unique_ptr<LogStore> store;
  std::uint64_t offset = 0;
};

TEST_F(PatternTrendsTest, EachPatternIsComparedWithTheSpanBefore) {
  say(500, 1, "steady 1", 100);
  say(500, 2, "rising 1", 10);
  say(500, 3, "falling 1", 60);
  say(500, 4, "past 1", 5);
  say(1500, 1, "steady 2", 110);
  say(1500, 2, "rising 2", 40);
  say(1500, 3, "falling 2", 20);
  say(1500, 5, "fresh 2", 3);
  const auto trends = ask(at(1000), at(2000));
  EXPECT_EQ(trends.before_from, at(0));
  EXPECT_THAT(told(trends), ElementsAre("steady <*>: 110 after 100, same", "rising <*>: 40 after 10, more",
                                        "falling <*>: 20 after 60, fewer", "fresh <*>: 3 after 0, new",
                                        "past <*>: 0 after 5, gone"));
  EXPECT_EQ(trends.rows.back().row.template_id, 4u);
  EXPECT_EQ(trends.rows.back().row.last, at(500));
  EXPECT_EQ(trends.left_out, 0u);
}

TEST_F(PatternTrendsTest, NothingIsNewWhereThereWasNoLogBefore) {
  say(1500, 1, "first 1");
  const auto trends = ask(at(1000), at(2000));
  EXPECT_EQ(trends.before_from, std::nullopt);
  EXPECT_THAT(told(trends), ElementsAre("first <*>: 1 after 0, "));
}

TEST_F(PatternTrendsTest, CountsStandInTheBucketsOfTheSpan) {
  for (int i = 0; i < 30; ++i) say(1000 + i * 10, 1, "beat 1", i + 1);
  const auto trends = ask(at(1000), at(1300));
  ASSERT_EQ(trends.rows.size(), 1u);
  ASSERT_TRUE(trends.time);
  EXPECT_EQ(trends.time->step, 10);
  EXPECT_EQ(trends.time->begin(0), at(1000));
  ASSERT_EQ(trends.rows[0].counts.size(), 30u);
  for (std::uint64_t i = 0; i < 30; ++i) EXPECT_EQ(trends.rows[0].counts[i], i + 1);
}

TEST_F(PatternTrendsTest, ASpanWithoutEndsIsThatOfTheRecords) {
  say(5000, 1, "a 1");
  say(5299, 1, "a 2");
  const auto trends = ask(Time{}, Time{INT64_MAX}, at(5299));
  ASSERT_TRUE(trends.time);
  EXPECT_EQ(trends.time->begin(0), at(5000));
  EXPECT_EQ(trends.rows.at(0).counts.front(), 1u);
  EXPECT_EQ(trends.rows.at(0).counts.back(), 1u);
  EXPECT_EQ(trends.before_from, std::nullopt);
  // A beginning in the future is a span all the same.
  EXPECT_TRUE(ask(at(9000), Time{INT64_MAX}, at(5299)).rows.empty());
}

TEST_F(PatternTrendsTest, PatternsBeyondWhatAnybodyReadsAreCounted) {
  say_patterns(1500, 520);
  const auto trends = ask(at(1000), at(2000));
  EXPECT_EQ(trends.rows.size(), 500u);
  EXPECT_EQ(trends.left_out, 20u);
}

TEST_F(PatternTrendsTest, PatternsAreToldWithoutTheSpanBeforeWhenThatHasTooMany) {
  say_patterns(500, kMaxGroups + 1);
  say(1500, 1, "now 1", 7);
  const auto trends = ask(at(1000), at(2000));
  EXPECT_THAT(told(trends), ElementsAre("now <*>: 7 after 0, "));
  EXPECT_EQ(trends.before_from, std::nullopt);
  EXPECT_TRUE(trends.time);
}

TEST_F(PatternTrendsTest, PatternsAreToldWithoutTheirBucketsWhenThoseAreTooMany) {
  say_patterns(1999, kMaxGroups * 3 / 5);
  say_patterns(2001, kMaxGroups * 3 / 5);
  const auto trends = ask(at(1999), at(2002));
  ASSERT_EQ(trends.rows.size(), 500u);
  EXPECT_EQ(trends.rows[0].row.count, 2u);
  EXPECT_THAT(trends.rows[0].counts, IsEmpty());
  EXPECT_EQ(trends.time, std::nullopt);
}

TEST_F(PatternTrendsTest, BucketsOfAnyRangeAreFew) {
  EXPECT_LE(choose_buckets({at(-86400ll * 365 * 100), at(86400ll * 365 * 200)}, 1).count(), 2u);
  const auto buckets = choose_buckets({at(59), at(3600)}, 60);
  EXPECT_EQ(buckets.step, 60);
  EXPECT_EQ(buckets.count(), 60u);
  EXPECT_EQ(buckets.index(at(58)), 0u);
  EXPECT_EQ(buckets.index(at(3600)), buckets.count());
}

}  // namespace
}  // namespace sentinella::logs
