#include "scrape/target.h"

#include <gmock/gmock.h>
#include <set>

#include <gtest/gtest.h>

#include "scrape/testing.h"

namespace sentinella::scrape {
namespace {

using ::testing::HasSubstr;

Target target_of(const ScrapeJob& job, const std::string& address, Labels group = {}) {
  auto target = make_target(job, address, group);
  EXPECT_TRUE(target && *target) << address;
  return target && *target ? std::move(**target) : Target{};
}

TEST(Target, HasJobAndInstanceAndTheLabelsOfItsGroup) {
  const Target target =
      target_of(job_of(), "h1:9100", labels_of({{"env", "prod"}, {"__meta_filepath", "/f"}}));
  EXPECT_EQ(target.url, "http://h1:9100/metrics");
  EXPECT_EQ(target.labels.to_string(), R"({env="prod",instance="h1:9100",job="j"})");
  EXPECT_EQ(target.interval, 1min);
  EXPECT_EQ(target.timeout, 10s);
}

TEST(Target, AnAddressWithoutPortGetsThatOfItsScheme) {
  EXPECT_EQ(target_of(job_of(), "h1").url, "http://h1:80/metrics");
  EXPECT_EQ(target_of(job_of("  scheme: https\n"), "h1").url, "https://h1:443/metrics");
  EXPECT_EQ(target_of(job_of(), "[::1]").url, "http://[::1]:80/metrics");
  EXPECT_EQ(target_of(job_of(), "fe80::1").url, "http://[fe80::1]:80/metrics");
  EXPECT_EQ(target_of(job_of(), "[::1]:9").url, "http://[::1]:9/metrics");
  EXPECT_EQ(target_of(job_of(), "h1").labels.get("instance"), "h1:80");
}

TEST(Target, RelabellingChoosesAddressPathSchemeAndParameters) {
  const Target target = target_of(job_of("  metrics_path: /probe\n"
                                         "  params: {module: [http], match: [x, y z]}\n"
                                         "  relabel_configs:\n"
                                         "  - {source_labels: [__address__], target_label: __param_target}\n"
                                         "  - {source_labels: [__param_target], target_label: instance}\n"
                                         "  - {target_label: __address__, replacement: 'prober:9115'}\n"
                                         "  - {target_label: __scrape_interval__, replacement: 30s}\n"),
                                  "https://example.org/");
  EXPECT_EQ(target.url,
            "http://prober:9115/probe?match=x&module=http&target=https%3A%2F%2Fexample.org%2F&match=y%20z");
  EXPECT_EQ(target.labels.to_string(), R"({instance="https://example.org/",job="j"})");
  EXPECT_EQ(target.interval, 30s);
}

TEST(Target, DroppedByRelabellingIsNoTarget) {
  const auto target =
      make_target(job_of("  relabel_configs: [{source_labels: [env], regex: test, action: drop}]\n"), "h1:1",
                  labels_of({{"env", "test"}}));
  ASSERT_TRUE(target);
  EXPECT_FALSE(*target);
}

TEST(Target, WhatCannotBeScrapedSaysWhy) {
  EXPECT_THAT(describe(make_target(job_of(), "h1/metrics", {}).error()), HasSubstr("not HOST:PORT"));
  EXPECT_THAT(describe(make_target(job_of(), "h1:port", {}).error()), HasSubstr("port"));
  EXPECT_THAT(describe(make_target(job_of(), "", {}).error()), HasSubstr("no address"));
  EXPECT_FALSE(make_target(job_of(), "h1", labels_of({{"__scheme__", "ftp"}})));
  EXPECT_FALSE(make_target(job_of(), "h1", labels_of({{"__scrape_timeout__", "2h"}})));
}

TEST(Target, EachHasItsOwnPlaceInTheIntervalAndKeepsIt) {
  const ScrapeJob job = job_of();
  const Time now{1'700'000'000'123'456'789};
  std::set<std::int64_t> places;
  for (int i = 0; i < 100; ++i) {
    const Target target = target_of(job, "h" + std::to_string(i));
    const Duration delay = first_delay(target, now, 1);
    EXPECT_GE(delay, Duration::zero());
    EXPECT_LT(delay, 1min);
    EXPECT_EQ((first_delay(target, now + 7s, 1) + 7s).count() % 60'000'000'000,
              delay.count() % 60'000'000'000);
    places.insert(delay / 1s);
  }
  EXPECT_GT(places.size(), 30u);
  const Target target = target_of(job, "h1");
  EXPECT_NE(first_delay(target, now, 1), first_delay(target, now, 2));
}

}  // namespace
}  // namespace sentinella::scrape
