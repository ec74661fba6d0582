#include "api/prometheus/admin_doors.h"

#include <gmock/gmock.h>

#include "api/api_fixture.h"

namespace sentinella::api {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'772'446'272;  // the fixture's clock, in seconds

class AdminDoors : public ApiTest {
 protected:
  AdminDoors() {
    for (const AccountId account : {ours, theirs})
      for (const auto* host : {"c1", "c2"}) write(account, host);
  }

  /// Ten samples, a minute apart, the last of them now; by the way that the doors take.
  void write(AccountId account, const std::string& host) {
    SeriesSamples samples{Labels({{"__name__", "load"}, {"host", host}}), SeriesKind::gauge, {}};
    for (int i = 0; i < 10; ++i)
      samples.samples.push_back({Time{(kNow - 540 + i * 60) * 1'000'000'000}, double(i)});
    Batch batch;
    batch.account = account;
    batch.received = clock.now();
    batch.series.push_back(std::move(samples));
    std::promise<void> applied;
    intake->submit(std::move(batch), ingest::Until::applied, [&](Result<bus::Offset> kept) {
      EXPECT_TRUE(kept);
      applied.set_value();
    });
    applied.get_future().wait();
  }
  std::size_t count(AccountId account, const std::string& host) {
    const auto columns =
        need(series->select(account, {{{LabelMatcher::Op::equal, "host", host}}}, {{0}, {INT64_MAX}}));
    return columns.empty() ? 0 : columns.front().times.size();
  }
  net::Response erase(const std::string& parameters, Role role = Role::operator_) {
    return call("POST", "/prometheus/api/v1/admin/tsdb/delete_series?" + parameters, keys[role]);
  }
  net::Response erase_natively(const std::string& parameters, const std::string& key) {
    return call("DELETE", "/api/v1/metrics/series?" + parameters, key);
  }
};

TEST_F(AdminDoors, DeletesASeriesOfThisAccountAlone) {
  EXPECT_EQ(erase("match[]=load{host=\"c1\"}").status, 204);
  EXPECT_EQ(count(ours, "c1"), 0u);
  EXPECT_EQ(count(ours, "c2"), 10u);
  EXPECT_EQ(count(theirs, "c1"), 10u);
  EXPECT_EQ(erase_natively("match[]=load", their_admin).status, 204);
  EXPECT_EQ(count(theirs, "c1") + count(theirs, "c2"), 0u);
  EXPECT_EQ(count(ours, "c2"), 10u);
  EXPECT_TRUE(items(call("GET", "/api/v1/series", their_admin)).empty()) << "an empty series is listed";
}

TEST_F(AdminDoors, DeletesARangeWithBothItsEnds) {
  EXPECT_EQ(erase("match[]=load{host=\"c1\"}&start=" + std::to_string(kNow - 120) +
                  "&end=" + std::to_string(kNow - 60))
                .status,
            204);
  EXPECT_EQ(count(ours, "c1"), 8u);
  EXPECT_EQ(erase_natively("match[]=load{host=\"c2\"}&from=now-2m&to=now", keys[Role::operator_]).status,
            204);
  EXPECT_EQ(count(ours, "c2"), 7u);
  EXPECT_EQ(erase("match[]=load{host=\"c1\"}&match[]=load{host=\"c2\"}").status, 204);
  EXPECT_EQ(count(ours, "c1") + count(ours, "c2"), 0u);
}

TEST_F(AdminDoors, WhatIsWrittenAfterwardsIsKept) {
  EXPECT_EQ(erase("match[]=load").status, 204);
  write(ours, "c1");
  EXPECT_EQ(count(ours, "c1"), 10u);
}

TEST_F(AdminDoors, BadRequestsDeleteNothingAndDoNotHoldUpIntake) {
  for (const auto* bad : {"", "match[]=", "match[]={}", "match[]=load{host=~\"*\"}", "match[]={host=~\".*\"}",
                          "match[]=load&start=yesterday", "match[]=load&end=x"}) {
    const auto answer = erase(bad);
    EXPECT_EQ(answer.status, 400) << bad;
    EXPECT_THAT(answer.body, HasSubstr("bad_data")) << bad;
  }
  EXPECT_EQ(erase_natively("", keys[Role::admin]).status, 400);
  EXPECT_EQ(erase_natively("match[]=load{host=~\"*\"}", keys[Role::admin]).status, 400);
  EXPECT_EQ(erase_natively("match[]=load&form=now-1h", keys[Role::admin]).status, 400);
  EXPECT_EQ(count(ours, "c1") + count(ours, "c2"), 20u);
  settle();
}

TEST_F(AdminDoors, WhoMayNotEditMayNotDelete) {
  EXPECT_EQ(erase("match[]=load", Role::responder).status, 403);
  EXPECT_EQ(erase_natively("match[]=load", keys[Role::viewer]).status, 403);
  EXPECT_EQ(count(ours, "c1"), 10u);
  EXPECT_EQ(call("POST", "/prometheus/api/v1/admin/tsdb/clean_tombstones", keys[Role::operator_]).status,
            204);
}

}  // namespace
}  // namespace sentinella::api
