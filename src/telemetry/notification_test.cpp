#include "telemetry/notification.h"

#include <gmock/gmock.h>

#include "telemetry/datetime.h"
#include "telemetry/telemetry_testing.h"

namespace sentinella::telemetry {
namespace {

using testing::HasSubstr;

TEST(Notification, BothVersionsOfTheEnvelopeGiveTheSame) {
  const std::string inner = inner_message("volume.create.end", R"({"size": 3})");
  const auto one = parse_notification(inner), two = parse_notification(envelope(inner));
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->document, two->document);
  EXPECT_EQ(one->event_type, "volume.create.end");
  EXPECT_EQ(one->message_id, "m-1");
  EXPECT_EQ(one->priority, "info");
  EXPECT_EQ(to_rfc3339(one->generated), "2026-01-02T03:04:05.678901Z");
  EXPECT_EQ(one->payload().at("size"), 3);
  EXPECT_EQ(one->context("request_id"), "req-1");
}

TEST(Notification, AnyMinorVersionIsTakenAndNoOtherMajor) {
  const std::string inner = inner_message("x", "{}");
  EXPECT_TRUE(parse_notification(envelope(inner, "2.7")));
  EXPECT_EQ(parse_notification(envelope(inner, "3.0")).error().code, Errc::kUnsupported);
}

TEST(Notification, EveryRecordedMessageIsRead) {
  for (const std::string& body : recorded_bodies()) {
    const auto parsed = parse_notification(body);
    ASSERT_TRUE(parsed) << describe(parsed.error());
  }
}

TEST(Notification, OneReaderReadsAsManyParsersDo) {
  NotificationReader reader;
  for (const std::string& body : recorded_bodies()) {
    const auto read = reader.read(body);
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ(read->document, parse_notification(body)->document);
  }
}

TEST(Notification, ALargeMessageDoesNotSpoilTheNext) {
  NotificationReader reader;
  const std::string large = inner_message("x", "[\"" + std::string(3u << 20, 'a') + "\"]");
  ASSERT_TRUE(reader.read(envelope(large)));
  EXPECT_FALSE(reader.read("{"));
  EXPECT_EQ(reader.read(inner_message("x", "[1]"))->payload().at(0), 1);
}

TEST(Notification, NumbersBeyond64BitsAreTaken) {
  const auto parsed =
      parse_notification(envelope(inner_message("x", "[18446744073709551615,1e30,12345678901234567890123]")));
  ASSERT_TRUE(parsed) << describe(parsed.error());
  EXPECT_EQ(parsed->payload().at(0), 18446744073709551615u);
  EXPECT_DOUBLE_EQ(parsed->payload().at(2).get_double(), 12345678901234567890123.0);
  EXPECT_EQ(parsed->event_type, "x");
}

TEST(Notification, OfAMemberThatIsThereTwiceTheLastHolds) {
  EXPECT_EQ(parse_notification(inner_message("x", R"({"a":1,"a":[2]})"))->payload().at("a").at(0), 2);
}

TEST(Notification, WhatIsWrongIsSaid) {
  const auto why = [](const std::string& body) {
    const auto parsed = parse_notification(body);
    return parsed ? "nothing" : describe(parsed.error());
  };
  EXPECT_THAT(why(""), HasSubstr("not JSON"));
  EXPECT_THAT(why("[1]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(why("{\"event_type\":\"\xff\xfe\"}"), HasSubstr("not JSON"));
  EXPECT_THAT(why(envelope("{")), HasSubstr("inner message"));
  EXPECT_THAT(why(R"({"oslo.version":"2.0","oslo.message":{}})"), HasSubstr("not both texts"));
  EXPECT_THAT(why(R"({"message_id":"m","publisher_id":"p"})"), HasSubstr("event_type"));
  EXPECT_THAT(why(R"({"message_id":"m","publisher_id":"p","event_type":"e"})"), HasSubstr("timestamp"));
  EXPECT_THAT(why(inner_message(std::string(300, 'x'), "{}")), HasSubstr("300 bytes"));
  EXPECT_THAT(why(inner_message("x", std::string(100, '[') + std::string(100, ']'))), HasSubstr("not JSON"));
  EXPECT_EQ(parse_notification(std::string(kMaxNotificationBytes + 1, ' ')).error().code, Errc::kTooLarge);
}

TEST(Datetime, ReadsEveryFormThatServicesWrite) {
  for (const char* text :
       {"2026-11-21 10:05:17", "2026-11-21T10:05:17", "2026-11-21T10:05:17Z", "2026-11-21 10:05:17+00:00",
        "2026-11-21T10:05:17.000000+0000", "2026-11-21 12:05:17.000+02", "2026-11-21T10:05:17.0"}) {
    const auto time = parse_datetime(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(to_rfc3339(*time), "2026-11-21T10:05:17.000Z") << text;
  }
  EXPECT_EQ(to_rfc3339(*parse_datetime("2026-11-21 10:05")), "2026-11-21T10:05:00.000Z");
  EXPECT_EQ(to_rfc3339(*parse_datetime("2026-11-21")), "2026-11-21T00:00:00.000Z");
  for (const char* text :
       {"", "now", "2026-11-21 10:05:17 CET", "2026-13-21 10:05:17", "2026-11-21T10:05:17.",
        "2026-11-21T10:05:17+0", "20261121T100517", "2026-11-21t10:05:17", "2026-11-21T10:05:170",
        "2026-11-21T10:05:17.1.2", "2026-11-21T10:05:17.1234567890"})
    EXPECT_FALSE(parse_datetime(text)) << text;
}

}  // namespace
}  // namespace sentinella::telemetry
