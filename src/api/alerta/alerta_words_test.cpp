#include "api/alerta/alerta_words.h"

#include <gmock/gmock.h>

namespace sentinella::api::alerta {
namespace {

Alert sample() {
  Alert alert;
  alert.resource = "web01";
  alert.event = "HttpServerError";
  alert.environment = "Production";
  alert.severity = AlertSeverity::major;
  alert.service = "nova-api";
  alert.text = "Disk full on /var/lib/mysql: 501 errors";
  alert.value = "Bad Gateway (501)";
  alert.duplicate_count = 7;
  alert.extras.tags = {"dc1", "rack:4"};
  alert.extras.annotations.set("region", "EU");
  return alert;
}

Result<AlertaWords> parse(std::string_view text) {
  return AlertaWords::parse(text, AlarmTerms::of(alerts::AlarmModel::Name::alerta));
}

bool matches(std::string_view text) {
  const auto words = parse(text);
  EXPECT_TRUE(words) << text << ": " << (words ? "" : words.error().message);
  return words && words->match(sample());
}

TEST(AlertaWords, WordsAndFieldsAreFoundInAnyCase) {
  for (const char* text : {"",
                           "  ",
                           "disk",
                           "DISK",
                           "web01",
                           "gateway",
                           "event:http",
                           "event:HttpServerError",
                           "severity:major",
                           "service:nova",
                           "tags:dc1",
                           "attributes.region:eu",
                           "_.region:EU",
                           "_exists_:region",
                           "text:\"disk full\"",
                           "\"Bad Gateway\"",
                           "resource:web*",
                           "resource:web0?",
                           "text:/5\\d\\d/",
                           "/lib\\/mysql/"})
    EXPECT_TRUE(matches(text)) << text;
  for (const char* text :
       {"nothing", "event:disk", "severity:minor", "tags:dc2", "_.region:US", "_exists_:rack",
        "text:\"full disk\"", "\"Gatewa\"", "resource:eb0?", "text:/6\\d\\d/"})
    EXPECT_FALSE(matches(text)) << text;
}

TEST(AlertaWords, RangesCompareNumbersAndTexts) {
  for (const char* text : {"duplicateCount:>=7", "duplicateCount:<10", "duplicateCount:[2 TO 7]",
                           "duplicateCount:{2 TO 8}", "duplicateCount:[* TO 7]", "resource:[web00 TO web02]"})
    EXPECT_TRUE(matches(text)) << text;
  for (const char* text : {"duplicateCount:>7", "duplicateCount:{2 TO 7}", "duplicateCount:[8 TO *]"})
    EXPECT_FALSE(matches(text)) << text;
}

TEST(AlertaWords, TheyAreCombined) {
  for (const char* text :
       {"disk AND severity:major", "nothing OR disk", "nothing disk", "nothing || disk", "NOT nothing",
        "!nothing && disk", "+disk -nothing", "+disk nothing", "severity:(minor OR major)",
        "(nothing OR disk) AND (event:http)", "nothing disk AND major OR web01", "ANDROID OR disk"})
    EXPECT_TRUE(matches(text)) << text;
  for (const char* text : {"disk AND nothing", "nothing OR none", "NOT disk", "-disk", "+nothing disk",
                           "disk -web01", "severity:(minor OR warning)", "!(disk OR nothing)"})
    EXPECT_FALSE(matches(text)) << text;
}

TEST(AlertaWords, WhatCannotBeReadIsRefusedAndSaysWhere) {
  for (const char* text : {"(", ")", "a)", "(a", "event:", "nofield:x", "text:\"open", "text:/open",
                           "text:/(/", "[1 TO", "[1 2]", "duplicateCount:>", "a AND", "NOT"})
    EXPECT_FALSE(parse(text)) << text;
  EXPECT_FALSE(parse(std::string(40, '(') + "a" + std::string(40, ')')));
  EXPECT_EQ(parse(std::string(5000, 'a')).error().code, Errc::kTooLarge);
}

}  // namespace
}  // namespace sentinella::api::alerta
