#include "api/gnocchi/time_text.h"

#include <gtest/gtest.h>

namespace sentinella::api::gnocchi {
namespace {

constexpr Time kNow{1'772'446'272'000'000'000};  // 2026-03-02T10:11:12Z

std::string stamp(std::string_view text) {
  const auto read = parse_stamp(text, kNow);
  return read ? iso_text(read->at) : "none";
}
std::string span(std::string_view text) {
  const auto read = parse_span(text);
  return read ? span_text(*read) : "none";
}

TEST(GnocchiTime, EveryFormOfATimestampIsTaken) {
  EXPECT_EQ(stamp("2015-03-06T14:33:57"), "2015-03-06T14:33:57+00:00");
  EXPECT_EQ(stamp("2015-03-06 14:33"), "2015-03-06T14:33:00+00:00");
  EXPECT_EQ(stamp("2015-03-06"), "2015-03-06T00:00:00+00:00");
  EXPECT_EQ(stamp("2015-03"), "2015-03-01T00:00:00+00:00");
  EXPECT_EQ(stamp("2015-03-06T15:33:57+01:00"), "2015-03-06T14:33:57+00:00");
  EXPECT_EQ(stamp("2015-03-06T14:33:57Z"), "2015-03-06T14:33:57+00:00");
  EXPECT_EQ(stamp("1425652437"), "2015-03-06T14:33:57+00:00");
  EXPECT_EQ(stamp("-5 minutes"), "2026-03-02T10:06:12+00:00");
  EXPECT_EQ(stamp("10 minutes"), "2026-03-02T10:21:12+00:00");
}

TEST(GnocchiTime, FractionsOfASecondAreExact) {
  EXPECT_EQ(stamp("1425652437.123456789"), "2015-03-06T14:33:57.123456789+00:00");
  EXPECT_EQ(stamp("2014-01-03T02:02:02.5"), "2014-01-03T02:02:02.500000+00:00");
  EXPECT_EQ(stamp("2014-01-03T02:02:02.000000"), "2014-01-03T02:02:02+00:00");
}

TEST(GnocchiTime, WhatIsNoTimestampIsNotGuessedAt) {
  for (const auto* text : {"", "notadate", "1915-100-06T14:33:57", "2015-02-30", "2015-03-06T25:00", "1e30",
                           "nan", "2015-03-06T14:33:57x", "9999-01-01", "5 lightyears", "-"})
    EXPECT_EQ(stamp(text), "none") << text;
}

TEST(GnocchiTime, SpansAreReadAsSecondsOrWords) {
  EXPECT_EQ(span("60"), "0:01:00");
  EXPECT_EQ(span("3.6"), "0:00:03.600000");
  EXPECT_EQ(span("1 second"), "0:00:01");
  EXPECT_EQ(span("1h30m"), "1:30:00");
  EXPECT_EQ(span("2w"), "14 days, 0:00:00");
  EXPECT_EQ(span("1 day, 2:00:00"), "1 day, 2:00:00");
  EXPECT_EQ(span("0:01:01"), "0:01:01");
  EXPECT_EQ(span("4:13"), "0:04:13");
  EXPECT_EQ(span("5 mins"), "0:05:00");
  EXPECT_EQ(span("1.5 hours"), "1:30:00");
}

TEST(GnocchiTime, WhatIsNoSpanIsRefused) {
  for (const auto* text :
       {"", "foobar", "1 shenanigan", "1 month", "1 minute 20", "5ms", "1:2:3:4", "1 s 1 h", "1e99 s"})
    EXPECT_EQ(span(text), "none") << text;
}

TEST(GnocchiTime, CalendarGroupsBeginWherePeopleSayTheyDo) {
  const Time at = parse_stamp("2015-10-06T14:34:12", kNow)->at;
  EXPECT_EQ(iso_text(calendar_floor(at, 'Y')), "2015-01-01T00:00:00+00:00");
  EXPECT_EQ(iso_text(calendar_floor(at, 'H')), "2015-07-01T00:00:00+00:00");
  EXPECT_EQ(iso_text(calendar_floor(at, 'Q')), "2015-10-01T00:00:00+00:00");
  EXPECT_EQ(iso_text(calendar_floor(at, 'M')), "2015-10-01T00:00:00+00:00");
  EXPECT_EQ(iso_text(calendar_floor(at, 'W')), "2015-10-04T00:00:00+00:00");
}

}  // namespace
}  // namespace sentinella::api::gnocchi
