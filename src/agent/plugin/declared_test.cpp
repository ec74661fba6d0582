#include "agent/plugin/declared.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/plugin/appended_text.h"
#include "agent/plugin/declared_run.h"
#include "agent/plugin/text_pattern.h"
#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<Label> kOurs = {{"host", "h"}};

std::string fault(std::string_view function, bool has_command = false) {
  const auto parsed = parse_declared(*parse_json_object(function), has_command);
  return parsed ? "" : parsed.error().field + ": " + parsed.error().message;
}

template <typename Call>
Call call_of(std::string_view function, bool has_command = false) {
  auto parsed = parse_declared(*parse_json_object(function), has_command);
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return std::get<Call>(*parsed);
}

std::vector<std::string> texts(const PluginOutput& output) {
  std::vector<std::string> out;
  for (const SeriesSamples& s : output.samples)
    out.push_back(fmt::format("{} {}", s.labels.to_string(), s.samples[0].value));
  return out;
}

TEST(DeclaredCall, MistakesNameTheirField) {
  EXPECT_THAT(fault(R"({"http": {"url": "http://x/"}})"), HasSubstr("http.metrics: "));
  EXPECT_THAT(fault(R"({"http": {"url": "ftp://x/", "metrics": {"a": "b"}}})"), HasSubstr("http.url: "));
  EXPECT_THAT(fault(R"({"http": {"url": "http://x/", "metrics": {"a": 1}}})"), HasSubstr("http.metrics.a: "));
  EXPECT_THAT(fault(R"({"http": {"url": "http://x/", "password": "p"}})"), HasSubstr("password"));
  EXPECT_THAT(fault(R"({"http": {"url": "http://x/"}})", true), HasSubstr("a command already"));
  EXPECT_THAT(fault(R"({"http": {}, "sql": {}})"), HasSubstr("http already"));
  EXPECT_THAT(fault(R"({"sql": {"url": "oracle://x", "query": "q", "columns": ["a"]}})"),
              HasSubstr("sql.url: "));
  EXPECT_THAT(fault(R"({"sql": {"url": "mysql://x/db", "query": "q", "columns": ["a"]}})"),
              HasSubstr("sql.url: "));
  EXPECT_THAT(fault(R"({"sql": {"url": "mysql://x", "query": "q", "columns": ["a"], "labels": ["a"]}})"),
              HasSubstr("sql.columns: "));
  EXPECT_THAT(fault(R"({"sql": {"url": "mysql://x", "query": "q", "columns": ["a"], "labels": ["b"]}})"),
              HasSubstr("sql.labels: "));
  EXPECT_THAT(fault(R"({"sql": {"url": "mysql://x", "columns": ["a"], "query": "q", "password_file": "p"}})"),
              HasSubstr("sql.password_file: "));
  EXPECT_THAT(fault(R"({"pattern": {"regex": "(", "file": "/l"}})"), HasSubstr("pattern.regex: "));
  EXPECT_THAT(fault(R"({"pattern": {"regex": "a", "file": "/l", "metrics": {"m": "v"}}})"),
              HasSubstr("pattern.metrics.m: "));
  EXPECT_THAT(fault(R"({"pattern": {"regex": "a", "file": "/l", "labels": ["v"]}})"),
              HasSubstr("pattern.labels: "));
  EXPECT_THAT(fault(R"({"pattern": {"regex": "a"}})"), HasSubstr("pattern.file: "));
  EXPECT_THAT(fault(R"({"pattern": {"regex": "a", "file": "/l"}})", true), HasSubstr("pattern.file: "));
  EXPECT_EQ(fault(R"({"command": ["/x"]})", true), "");
}

TEST(HttpCallOutput, FieldsOfADocumentAndOfEachElementBecomeSamples) {
  const auto whole = call_of<HttpCall>(
      R"({"http": {"url": "http://x/", "metrics": {"queue.depth": "queues.0.depth", "ready": "ok", "lag": "lag"}}})");
  const auto read =
      read_http_json(whole, R"({"queues": [{"depth": 7}], "ok": true, "lag": "1.5"})", kOurs, Time{});
  ASSERT_TRUE(read);
  EXPECT_THAT(texts(*read),
              ElementsAre(R"(queue_depth{host="h"} 7)", R"(ready{host="h"} 1)", R"(lag{host="h"} 1.5)"));
  const auto each = call_of<HttpCall>(
      R"({"http": {"url": "http://x/", "each": "pools", "metrics": {"pool.used": "used"}, "labels": {"pool": "name"}}})");
  const auto pools =
      read_http_json(each, R"({"pools": [{"name": "vms", "used": 3}, {"name": "images"}]})", kOurs, Time{});
  ASSERT_TRUE(pools);
  EXPECT_THAT(texts(*pools), ElementsAre(R"(pool_used{host="h",pool="vms"} 3)"));
  EXPECT_EQ(pools->refused, 1u);
  EXPECT_THAT(pools->reason, HasSubstr("pool.used"));
  EXPECT_FALSE(read_http_json(each, R"({"pools": 3})", kOurs, Time{}));
  EXPECT_FALSE(read_http_json(each, "<html>", kOurs, Time{}));
}

TEST(HttpCallOutput, ExpositionsKeepTheirNamesAndKinds) {
  const auto read = read_exposition("# TYPE jobs counter\njobs_total{queue=\"a\"} 3\ndepth 2\nbroken{\n",
                                    false, kOurs, Time{});
  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_THAT(texts(*read), ElementsAre(R"(jobs_total{host="h",queue="a"} 3)", R"(depth{host="h"} 2)"));
  EXPECT_EQ(read->samples[0].kind, SeriesKind::counter);
  EXPECT_EQ(read->refused, 1u);
}

TEST(SqlCallOutput, ColumnsAreLabelsOrFigures) {
  const auto call = call_of<SqlCall>(
      R"({"sql": {"url": "postgresql://db/cinder", "query": "SELECT 1", "columns": ["project", "cinder.volumes", "cinder.gib"],
                  "labels": ["project"]}})");
  const auto output = read_rows(call, {{{"a", "3", ""}, {"b", "4", "x"}, {"c"}}}, kOurs, Time{});
  EXPECT_THAT(texts(output), ElementsAre(R"(cinder_volumes{host="h",project="a"} 3)",
                                         R"(cinder_volumes{host="h",project="b"} 4)"));
  EXPECT_EQ(output.refused, 2u);
}

TEST(SqlCallOutput, RowsThatAreLeftOutAreSaid) {
  const auto call = call_of<SqlCall>(
      R"({"sql": {"url": "postgresql://db/cinder", "query": "SELECT 1", "columns": ["project", "gib"],
                  "labels": ["project"]}})");
  DatabaseRows result;
  for (std::size_t i = 0; i < DatabaseRows::kMost + 7; ++i) result.add({std::to_string(i), "1"});
  const auto output = read_rows(call, result, kOurs, Time{});
  EXPECT_EQ(output.samples.size(), DatabaseRows::kMost);
  EXPECT_EQ(output.refused, 7u);
  EXPECT_THAT(output.reason, HasSubstr("the result has 5007 rows, of which 5000 are read"));
}

TEST(PatternCallOutput, GroupsBecomeFiguresLabelsAndEvents) {
  const auto call = call_of<PatternCall>(
      R"({"pattern": {"file": "/l", "regex": "backup of (?P<db>\\w+) took (?P<took>[\\d.]+)s(?P<bad> FAILED)?",
                      "metrics": {"backup.seconds": "took"}, "labels": ["db"],
                      "event": {"type": "backup.done", "summary": "{db}: {took} s{bad}, password=s3cret {unknown} {open"}}})");
  const auto pattern = TextPattern::create(call);
  ASSERT_TRUE(pattern);
  const auto matches =
      pattern->read("x\nbackup of nova took 5s\nbackup of nova took 7.5s FAILED\nbackup of glance took 1s\n",
                    kOurs, Time{});
  EXPECT_EQ(matches.lines, 3u);
  EXPECT_THAT(texts(matches.output), ElementsAre(R"(backup_seconds{db="glance",host="h"} 1)",
                                                 R"(backup_seconds{db="nova",host="h"} 7.5)"))
      << "of each series the last value";
  ASSERT_EQ(matches.events.size(), 3u);
  EXPECT_EQ(matches.events[1].summary, "nova: 7.5 s FAILED, password=*** {unknown} {open");
  std::string many;
  for (int i = 0; i < 30; ++i) many += "backup of a took 1s\n";
  EXPECT_EQ(pattern->read(many, kOurs, Time{}).events.size(), kMaxPatternEvents);
  EXPECT_EQ(pattern->read(many, kOurs, Time{}).more_events, 10u);
}

TEST(AppendedText, OnlyWhatIsNewIsReadInWholeLines) {
  TemporaryDirectory directory;
  const auto path = directory / "log";
  AppendedText text(path);
  append_to(path, "old\n");
  EXPECT_EQ(*text.read(), "") << "what was there before is history";
  append_to(path, "one\ntw");
  EXPECT_EQ(*text.read(), "one\n");
  append_to(path, "o\n");
  EXPECT_EQ(*text.read(), "two\n");
  std::filesystem::rename(path, directory / "log.1");
  append_to(path, "new file\n");
  EXPECT_EQ(*text.read(), "new file\n");
  std::filesystem::resize_file(path, 0);
  append_to(path, "cut\n");
  EXPECT_EQ(*text.read(), "cut\n");
  EXPECT_FALSE(AppendedText("/dev/zero").read());
}

TEST(AppendedText, AFileThatAppearsLaterIsReadFromItsBeginning) {
  TemporaryDirectory directory;
  const auto path = directory / "log";
  AppendedText text(path);
  EXPECT_EQ(text.read().error().code, Errc::kNotFound);
  append_to(path, "first\n");
  EXPECT_EQ(*text.read(), "first\n");
}

TEST(AppendedText, WhatWasWrittenBeforeARotationIsReadFirst) {
  TemporaryDirectory directory;
  const auto path = directory / "log";
  append_to(path, "old\n");
  AppendedText text(path);
  EXPECT_EQ(*text.read(), "");
  append_to(path, "late\n");
  std::filesystem::rename(path, directory / "log.1");
  append_to(path, "new\n");
  EXPECT_EQ(*text.read(), "late\nnew\n");
  std::filesystem::rename(path, directory / "log.2");
  append_to(directory / "log.2", "later\n");
  EXPECT_EQ(*text.read(), "later\n") << "the program has not begun the next one";
  EXPECT_EQ(text.read().error().code, Errc::kNotFound);
  append_to(directory / "log.2", std::string((1 << 20) - 1, 'x') + "\nrest\n");
  append_to(path, "newest\n");
  EXPECT_EQ(text.read()->size(), 1u << 20);
  EXPECT_EQ(*text.read(), "rest\nnewest\n");
  std::filesystem::remove(path);
  EXPECT_EQ(text.read().error().code, Errc::kNotFound);
  append_to(path, "again\n");
  EXPECT_EQ(*text.read(), "again\n");
}

}  // namespace
}  // namespace sentinella::agent
