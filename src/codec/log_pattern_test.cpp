#include "codec/log_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/log_format_rules.h"

namespace sentinella::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

LogParser parser_of(std::string_view pattern) {
  auto compiled = LogPattern::compile(pattern);
  EXPECT_TRUE(compiled) << pattern << ": " << (compiled ? "" : describe(compiled.error()));
  LogParser::Options options;
  if (compiled) options.pattern = *compiled;
  return LogParser(std::move(options));
}

TEST(LogPattern, NamedGroupsBecomeFields) {
  LogParser parser = parser_of(
      R"(^%{TIMESTAMP_ISO8601:time} <%{LOGLEVEL:level}> (?<component>\S+)\[%{POSINT:pid:int}\] %{IP:[source][ip]} )"
      R"((?P<message>.*)$)");
  const LogFields& f = parser.scan(
      "2026-03-02T10:11:12,5+01:00 <Warn> my.app[77] fe80::1%eth0 it is\nlate\nTraceback (most\nE: x", {});
  EXPECT_EQ(f.format, LogFormat::pattern);
  EXPECT_EQ(to_rfc3339(f.time), "2026-03-02T09:11:12.500Z");
  EXPECT_EQ(f.severity, Severity::warning);
  EXPECT_EQ(f.component, "my.app");
  EXPECT_EQ(f.pid, 77u);
  EXPECT_EQ(f.message, "it is\nlate");
  EXPECT_EQ(f.traceback, "Traceback (most\nE: x");
  EXPECT_THAT(f.extra, ElementsAre(Pair("sourceip", "fe80::1%eth0")));
}

TEST(LogPattern, WhatItDoesNotMatchIsRecognisedAsEver) {
  LogParser parser = parser_of("^never (?<message>.*)");
  EXPECT_EQ(parser.scan("2026-03-02 10:11:12.345 7 INFO a [-] x", {}).format, LogFormat::oslo);
  EXPECT_EQ(parser.counts().of(LogFormat::oslo), 1u);
}

TEST(LogPattern, TheGrokNamesPeopleKnowTakeWhatTheyName) {
  const std::pair<std::string_view, std::vector<std::string_view>> cases[] = {
      {"IP", {"10.0.0.1", "::1", "fd00::1:2", "::ffff:10.0.0.1"}},
      {"HOSTNAME", {"cmp-17.example.org", "a"}},
      {"NUMBER", {"-1.5", "7", ".5"}},
      {"UUID", {"3f0c2a7e-1111-4222-8333-944455556666"}},
      {"MAC", {"fa:16:3e:6e:02:e9"}},
      {"QUOTEDSTRING", {R"("a \" b")", "'x'"}},
      {"TIMESTAMP_ISO8601", {"2026-03-02 10:11:12.345", "2026-03-02T10:11:12Z", "2026-03-02T10:11:12+01:00"}},
      {"SYSLOGTIMESTAMP", {"Mar  2 10:11:12"}},
      {"HTTPDATE", {"02/Mar/2026:10:11:12 +0000"}},
      {"LOGLEVEL", {"INFO", "warn", "Critical"}},
      {"PATH", {"/var/log/nova/nova-api.log", R"(C:\a\b)"}},
      {"URI", {"http://user@host:8774/v2.1?a=b"}},
      {"URIPATHPARAM", {"/v2.1/servers?limit=1"}},
      {"WORD", {"nova"}},
      {"GREEDYDATA", {"anything at all", ""}},
      {"COMMONAPACHELOG", {R"(10.0.0.9 - bob [02/Mar/2026:10:11:12 +0100] "GET /v3 HTTP/1.1" 200 12)"}},
      {"COMBINEDAPACHELOG",
       {R"(10.0.0.9 - - [02/Mar/2026:10:11:12 +0100] "GET /v3 HTTP/1.1" 200 - "-" "curl")"}},
      {"SYSLOGLINE", {"Mar  2 10:11:12 cmp-17 sshd[77]: bye"}},
  };
  for (const auto& [name, texts] : cases) {
    LogParser parser = parser_of("^%{" + std::string(name) + ":extra_name}$");
    for (const std::string_view text : texts) {
      const LogFields& f = parser.scan(text, {});
      ASSERT_EQ(f.format, LogFormat::pattern) << name << ": " << text;
      EXPECT_THAT(f.extra, testing::Contains(Pair("extra_name", text))) << name;
    }
  }
}

TEST(LogPattern, TheGroupsOfAWebServersGrokFillTheRequest) {
  LogParser parser = parser_of("%{COMMONAPACHELOG} %{NUMBER:duration}");
  const LogFields& f =
      parser.scan(R"(10.0.0.9 - bob [02/Mar/2026:10:11:12 +0100] "GET /v3 HTTP/1.1" 200 12 0.25)", {});
  EXPECT_EQ(f.http.client, "10.0.0.9");
  EXPECT_EQ(f.http.method, "GET");
  EXPECT_EQ(f.http.path, "/v3");
  EXPECT_EQ(f.http.status, 200);
  EXPECT_EQ(f.http.bytes, 12);
  EXPECT_EQ(f.http.duration_ns, 250'000'000);
  EXPECT_EQ(to_rfc3339(f.time), "2026-03-02T09:11:12.000Z");
}

TEST(LogPattern, WhatIsWrongWithAPatternIsSaid) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"%{NOSUCH:x}", "NOSUCH"},
                                                                 {"%{IP", "no }"},
                                                                 {"(?<a>x", "missing"},
                                                                 {"(?<=a)b", "no regular expression"}};
  for (const auto& [pattern, why] : cases) {
    const auto compiled = LogPattern::compile(pattern);
    ASSERT_FALSE(compiled) << pattern;
    EXPECT_THAT(describe(compiled.error()), HasSubstr(why));
  }
}

TEST(LogFormatRules, TheFirstRuleWhoseSourceOrServiceMatchesHolds) {
  const auto rules =
      LogFormatRules::compile({{"/var/log/ceph/*", "ceph", ""}, {"mine", "", "%{WORD:message}"}});
  ASSERT_TRUE(rules);
  EXPECT_EQ(rules->find("/var/log/ceph/osd.log", "")->only, LogFormat::ceph);
  EXPECT_NE(rules->find("/var/log/x", "mine")->pattern, nullptr);
  EXPECT_EQ(rules->find("/var/log/x", "other"), nullptr);
  const auto wrong = LogFormatRules::compile({{"/x", "cephs", ""}});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(describe(wrong.error()), testing::AllOf(HasSubstr("/x"), HasSubstr("ceph")));
}

TEST(LogFormatRules, AFileOfThemSaysHowRecordsAreRead) {
  const auto rules = LogFormatRules::parse(
      "[/var/log/odd/*]\npattern = ^%{LOGLEVEL:level}!(?<component>\\S+)! %{GREEDYDATA:message}\n"
      "[raw]\nformat = plain\n");
  ASSERT_TRUE(rules) << describe(rules.error());
  std::vector<LogRecord> records(3);
  records[0].source = "/var/log/odd/a.log";
  records[1].service = "raw";
  for (LogRecord& record : records) record.raw = "ERROR!disk! is full";
  records[1].raw = records[2].raw = "2026-03-02 10:11:12.345 7 INFO a [-] x";
  for (LogRecord& record : records) parse_log(record);
  EXPECT_TRUE(records[0].flags & LogRecord::kUnparsed);
  rules->apply(records);
  EXPECT_EQ(records[0].severity, Severity::error);
  EXPECT_EQ(records[0].component, "disk");
  EXPECT_EQ(records[0].message, "is full");
  EXPECT_FALSE(records[0].flags & LogRecord::kUnparsed);
  EXPECT_TRUE(records[1].flags & LogRecord::kUnparsed);
  EXPECT_EQ(records[2].component, "a");
  EXPECT_FALSE(LogFormatRules::parse("[x]\nfromat = plain\n"));
}

}  // namespace
}  // namespace sentinella::codec
