#include "ingest/log_census.h"

#include <gtest/gtest.h>

namespace sentinella::ingest {
namespace {

constexpr AccountId kAccount{1};
const Time kNow = *parse_rfc3339("2026-11-21T12:00:00Z");

LogRecord line(const char* service, Severity severity, Time at, const char* source = "file") {
  LogRecord record;
  record.host = "h";
  record.service = service;
  record.source = source;
  record.severity = severity;
  record.time = at;
  return record;
}

TEST(LogCensus, TheFinestLevelOfTheLastHoursIsTheLevelOfAService) {
  LogCensus census(6h);
  census.count(
      kAccount,
      std::vector{line("nova-api", Severity::info, kNow - 1h), line("nova-api", Severity::debug, kNow - 7h),
                  line("neutron", Severity::debug, kNow - 5h, "one"),
                  line("neutron", Severity::error, kNow, "two"), line("glance", Severity::warning, kNow - 9h),
                  line("glance", Severity::unspecified, kNow - 8h)});
  const auto all = census.levels(kAccount, kNow);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].service, "glance");
  EXPECT_EQ(all[0].level, Severity::unspecified);
  EXPECT_EQ(all[0].last_line, kNow - 8h);
  EXPECT_EQ(all[1].level, Severity::debug);
  EXPECT_EQ(all[1].last_debug, kNow - 5h);
  EXPECT_EQ(all[2].level, Severity::info);
  EXPECT_EQ(all[2].last_debug, kNow - 7h);
}

TEST(LogCensus, AnOldLineThatComesLateChangesNothing) {
  LogCensus census(6h);
  census.count(kAccount,
               std::vector{line("s", Severity::debug, kNow), line("s", Severity::debug, kNow - 20h)});
  EXPECT_EQ(census.levels(kAccount, kNow)[0].level, Severity::debug);
}

TEST(LogCensus, WhatDoesNotParseIsCountedBySourceAndAccount) {
  LogCensus census;
  auto odd = line("s", Severity::unspecified, kNow, "b");
  odd.flags = LogRecord::kUnparsed;
  odd.raw = "what is this?" + std::string(1000, '.');
  census.count(kAccount, std::vector{line("s", Severity::info, kNow, "a"), odd, odd});
  census.count(AccountId{2}, std::vector{line("theirs", Severity::info, kNow)});
  const auto all = census.sources(kAccount);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].unparsed, 0u);
  EXPECT_EQ(all[1].source, "b");
  EXPECT_EQ(all[1].records, 2u);
  EXPECT_EQ(all[1].unparsed, 2u);
  EXPECT_TRUE(all[1].unparsed_text.starts_with("what is this?"));
  EXPECT_EQ(all[1].unparsed_text.size(), LogCensus::kKeptText);
}

}  // namespace
}  // namespace sentinella::ingest
