#include "logs/backtrace.h"

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "logs/embedded/embedded_log_store.h"
#include "logs/log_stages.h"
#include "logs/surroundings.h"

namespace sentinella::logs {
namespace {

constexpr AccountId kAccount{1};
constexpr TimeRange kAlways{{0}, {INT64_MAX}};
const std::string kInstance = "3f0c2a7e-1111-4222-8333-944455556666";

LogRecord record(std::int64_t at, std::string service, std::string request, std::string text) {
  LogRecord made;
  made.time = {at};
  made.host = service == "nova-compute" ? "compute1" : "controller";
  made.service = std::move(service);
  made.source = "/var/log/" + made.service;
  made.severity = Severity::info;
  made.request_id = std::move(request);
  made.message = text;
  made.raw = made.request_id + " " + std::move(text);
  return made;
}

class BacktraceTest : public testing::Test {
 protected:
  void SetUp() override {
    store = *open_embedded_log_store({.directory = directory.path(), .block_bytes = 2000});
  }
  void append(std::vector<LogRecord> batch) { ASSERT_TRUE(store->append(kAccount, batch, ++offset)); }
  std::vector<std::string> texts(const std::vector<StoredRecord>& records) {
    std::vector<std::string> all;
    for (const StoredRecord& stored : records) all.push_back(stored.record.message);
    return all;
  }

  TemporaryDirectory directory;
  std::unique_ptr<LogStore> store;
  std::uint64_t offset = 0;
};

TEST_F(BacktraceTest, AFailedBootIsToldFromTheApiToTheConductor) {
  LogRecord api = record(10, "nova-api", "req-api", "POST /servers");
  LogRecord conductor = record(30, "nova-conductor", "req-api", "Failed to schedule");
  conductor.severity = Severity::error;
  conductor.instance = kInstance;
  conductor.traceback =
      "Traceback (most recent call last):\n  File \"/usr/lib/nova/conductor/manager.py\", line 693, in "
      "schedule\n    x\n"
      "nova.exception.NoValidHost: No valid host was found.";
  LogRecord neutron = record(20, "neutron-server", "req-neutron", "GET /ports");
  neutron.global_request_id = "req-api";
  LogRecord neutron_later = record(25, "neutron-server", "req-neutron", "ports listed");
  LogRecord compute = record(40, "nova-compute", "req-other", "cleaning up " + kInstance);
  LogRecord later_error = record(50, "nova-api", "req-api", "gave up");
  later_error.severity = Severity::error;
  append({conductor, record(15, "nova-api", "req-stranger", "something else")});
  for (int i = 0; i < 100; ++i)
    append({record(11 + i, "glance-api", "req-" + std::to_string(i), "noise of another")});
  append({neutron_later, neutron, api, compute, later_error});

  for (const auto& start :
       {BacktraceStart{.request_id = "req-api"}, BacktraceStart{.request_id = "req-neutron"},
        BacktraceStart{.record = RecordId{1, 0}}}) {
    const auto story = backtrace(*store, kAccount, start, kAlways);
    ASSERT_TRUE(story) << story.error().message;
    std::vector<std::string> told;
    for (const BacktraceStep& step : story->steps) told.push_back(step.stored.record.message);
    EXPECT_THAT(told, testing::IsSupersetOf(
                          {"POST /servers", "GET /ports", "ports listed", "Failed to schedule", "gave up"}));
    EXPECT_THAT(told, testing::Not(testing::Contains("something else")));
    const auto failed = std::ranges::find_if(story->steps, &BacktraceStep::first_error);
    ASSERT_NE(failed, story->steps.end());
    EXPECT_EQ(failed->stored.record.message, "Failed to schedule");
    EXPECT_EQ(failed->gap, Duration(5));
    EXPECT_EQ(failed->last_frame,
              "manager.py:693 in schedule: nova.exception.NoValidHost: No valid host was found.");
    EXPECT_EQ(story->lanes[failed->lane].service, "nova-conductor");
    EXPECT_EQ(std::ranges::count_if(story->steps, &BacktraceStep::first_error), 1);
    EXPECT_TRUE(
        std::ranges::is_sorted(story->steps, {}, [](const auto& step) { return step.stored.record.time; }));
  }
  const auto story = backtrace(*store, kAccount, {.request_id = "req-api"}, kAlways);
  EXPECT_EQ(story->steps.back().stored.record.message, "gave up");
  EXPECT_THAT(story->instances, testing::ElementsAre(kInstance));
  EXPECT_EQ(story->lanes.front().service, "nova-api");
}

TEST_F(BacktraceTest, AnUnknownIdIsAnEmptyStoryAndNoneIsRefused) {
  append({record(1, "nova-api", "req-1", "x")});
  EXPECT_TRUE(backtrace(*store, kAccount, {.request_id = "req-unknown"}, kAlways)->steps.empty());
  EXPECT_TRUE(backtrace(*store, AccountId{2}, {.request_id = "req-1"}, kAlways)->steps.empty());
  EXPECT_EQ(backtrace(*store, kAccount, {}, kAlways).error().code, Errc::kInvalid);
  EXPECT_EQ(backtrace(*store, kAccount, {.record = RecordId{9, 9}}, kAlways).error().code, Errc::kNotFound);
}

TEST_F(BacktraceTest, ALongStoryIsCutAndSaysSo) {
  for (int i = 0; i < 50; ++i) append({record(i, "nova-api", "req-1", std::to_string(i))});
  const auto story = backtrace(*store, kAccount, {.request_id = "req-1"}, kAlways, 10);
  EXPECT_EQ(story->steps.size(), 10u);
  EXPECT_TRUE(story->truncated);
  EXPECT_EQ(story->steps.front().stored.record.message, "0");
}

TEST_F(BacktraceTest, AUuidLeadsToWhateverSpeaksOfIt) {
  append({record(1, "nova-api", "", "attach " + kInstance), record(2, "glance-api", "", "another")});
  const auto story = backtrace(*store, kAccount, {.uuids = {kInstance}}, kAlways);
  ASSERT_EQ(story->steps.size(), 1u);
  EXPECT_EQ(story->steps[0].stored.record.message, "attach " + kInstance);
}

TEST_F(BacktraceTest, OfLongSurroundingsTheNearestAreTold) {
  for (int i = 0; i < 60; ++i)
    append({record(i, "nova-api", "", std::to_string(i)), record(i, "nova-compute", "", "no")});
  const Surroundings around{
      .places = {{.service = "nova-a*", .why = "its service"}}, .centre = {30}, .range = {{10}, {50}}};
  const auto messages = [&](std::size_t limit) {
    std::vector<std::string> told;
    const auto story = surroundings(*store, kAccount, around, limit);
    for (const auto& step : story->steps) told.push_back(step.stored.record.message);
    return told;
  };
  EXPECT_THAT(messages(4), testing::ElementsAre("28", "29", "30", "31"));
  EXPECT_EQ(messages(1000).size(), 40u);
  EXPECT_TRUE(surroundings(*store, kAccount, around, 4)->truncated);
  const auto whole = surroundings(*store, kAccount, around);
  EXPECT_FALSE(whole->truncated);
  ASSERT_EQ(whole->lanes.size(), 1u);
  EXPECT_EQ(whole->lanes[0].why, "its service");
  EXPECT_EQ(surroundings(*store, kAccount, around, 0).error().field, "limit");
  auto turned = around;
  std::swap(turned.range.from, turned.range.until);
  const auto nothing = surroundings(*store, kAccount, turned);
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->steps.empty());
  EXPECT_FALSE(nothing->truncated);
}

TEST_F(BacktraceTest, APlaceHoldsWhatIsBadEnoughOrSaysNoSeverity) {
  for (const Severity severity :
       {Severity::unspecified, Severity::debug, Severity::info, Severity::warning, Severity::critical}) {
    LogRecord made = record(5, "rabbitmq-server", "", std::string(to_string(severity)));
    made.severity = severity;
    append({made});
  }
  const Surroundings around{
      .places = {{.host = "controller", .least = Severity::warning}}, .centre = {5}, .range = {{0}, {10}}};
  const auto story = surroundings(*store, kAccount, around);
  std::vector<Severity> told;
  for (const auto& step : story->steps) told.push_back(step.stored.record.severity);
  EXPECT_THAT(told, testing::ElementsAre(Severity::unspecified, Severity::warning, Severity::critical));
}

TEST_F(BacktraceTest, TheLinesAroundOneAreThoseOfItsFile) {
  for (int i = 0; i < 60; ++i)
    append({record(i / 2, "nova-api", "", "api " + std::to_string(i)), record(i / 2, "glance", "", "no")});
  const auto around = surrounding(*store, kAccount, {31, 0}, 2, 3);
  ASSERT_TRUE(around);
  EXPECT_THAT(texts(*around),
              testing::ElementsAre("api 28", "api 29", "api 30", "api 31", "api 32", "api 33"));
  EXPECT_THAT(texts(*surrounding(*store, kAccount, {1, 0}, 5, 1)), testing::ElementsAre("api 0", "api 1"));
  EXPECT_EQ(surrounding(*store, kAccount, {99, 0}, 1, 1).error().code, Errc::kNotFound);
}

TEST_F(BacktraceTest, StagesCountRankAndName) {
  for (int i = 0; i < 90; ++i) {
    LogRecord made = record(i * 1'000'000'000ll, i % 3 == 0 ? "nova-api" : "glance", "",
                            "took " + std::to_string(i) + " ms");
    if (i % 10 == 0) {
      made.severity = Severity::error;
      made.message = "broken";
    }
    made.template_id = made.message == "broken" ? 7 : 8;
    append({made});
  }
  const auto ask = [&](std::string_view text) {
    const auto parsed = parse_query(text);
    LogQuery query;
    query.expression = parsed->expression;
    return run_stage(*store, kAccount, query, *parsed->stage)->rows;
  };
  const auto services = ask("| count by service");
  ASSERT_EQ(services.size(), 2u);
  EXPECT_EQ(services[0].value, "glance");
  EXPECT_EQ(services[0].count, 60u);
  EXPECT_EQ(ask("ms | top 1 severity").size(), 1u);
  EXPECT_EQ(ask("| count")[0].count, 90u);
  EXPECT_EQ(ask("severity:error service:nova-api | count")[0].count, 3u);
  const auto rates = ask("| rate 30s");
  ASSERT_EQ(rates.size(), 3u);
  EXPECT_EQ(rates[1].bucket, Time{30'000'000'000});
  EXPECT_DOUBLE_EQ(rates[1].per_second, 1.0);
}

}  // namespace
}  // namespace sentinella::logs
