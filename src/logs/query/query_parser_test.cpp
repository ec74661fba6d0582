#include "logs/query/query_parser.h"

#include <gmock/gmock.h>

namespace sentinella::logs {
namespace {

LogRecord sample() {
  LogRecord record;
  record.host = "compute1";
  record.service = "nova-compute";
  record.component = "nova.compute.manager";
  record.severity = Severity::error;
  record.pid = 2712;
  record.request_id = "req-local";
  record.global_request_id = "req-global";
  record.raw = record.message = "No valid host was found: 10.0.0.5:5672 said \"no\" to C:\\temp";
  return record;
}

bool takes(std::string_view text) {
  const auto query = parse_query(text);
  EXPECT_TRUE(query) << text << ": " << query.error().message;
  const LogRecord record = sample();
  return query && matches(*query->expression, view_of({1, 0}, record));
}

std::string complaint(std::string_view text) {
  const auto query = parse_query(text);
  EXPECT_FALSE(query) << text;
  if (query) return {};
  EXPECT_EQ(query.error().field, "q");
  return query.error().message;
}

TEST(QueryParser, WordsPhrasesAndFieldsAskWhatTheySay) {
  for (const char* text : {"",
                           "  ",
                           "*",
                           "valid",
                           "VALID host",
                           "\"valid host\"",
                           "val*",
                           "v?lid",
                           "fo*nd:",
                           "/va.id/",
                           "host:compute1",
                           "host=compute*",
                           "service:nova-compute severity>=error",
                           "level:ERROR",
                           "severity>warning",
                           "severity<=error",
                           "pid:2712",
                           "pid>=2000",
                           "pid<2713",
                           "request:req-local",
                           "request_id:req-global",
                           "logger:/manager$/",
                           "host!=compute2",
                           "10.0.0.5:5672",
                           "\"said \\\"no\\\"\"",
                           "\"C:\\\\temp\"",
                           "unknown:x or valid",
                           "found:",
                           "/5672 said/",
                           "not /var/log/nova.log"})
    EXPECT_TRUE(takes(text)) << text;
  for (const char* text :
       {"absent", "\"host valid\"", "/VALID/", "host:compute2", "host:compute", "severity:warning",
        "severity>error", "severity<error", "pid>2712", "pid:27*1", "host!=compute1", "valid absent"})
    EXPECT_FALSE(takes(text)) << text;
}

TEST(QueryParser, AndBindsTighterThanOr) {
  EXPECT_TRUE(takes("absent absent or valid"));
  EXPECT_TRUE(takes("valid or absent and absent"));
  EXPECT_FALSE(takes("(valid or absent) and absent"));
  EXPECT_TRUE(takes("not absent"));
  EXPECT_TRUE(takes("-absent !absent valid"));
  EXPECT_FALSE(takes("not (valid or absent)"));
  EXPECT_TRUE(takes("not not valid"));
  EXPECT_TRUE(takes("valid AND NOT absent OR absent"));
  EXPECT_FALSE(takes("valid -found:"));
}

TEST(QueryParser, StagesAreUnderstood) {
  EXPECT_FALSE(parse_query("valid")->stage);
  EXPECT_EQ(parse_query("valid | count by service")->stage->by, QueryField::service);
  EXPECT_FALSE(parse_query("| count")->stage->by);
  const auto top = *parse_query("severity>=error | top 5 host")->stage;
  EXPECT_EQ(top.kind, Stage::Kind::top);
  EXPECT_EQ(top.limit, 5u);
  EXPECT_EQ(top.by, QueryField::host);
  EXPECT_EQ(parse_query("x | rate [1m]")->stage->step, 1min);
  EXPECT_EQ(parse_query("x|rate 30s")->expression->conditions.size(), 1u);
  EXPECT_EQ(parse_query("x | rate")->stage->step, 5min);
  EXPECT_EQ(parse_query("x | patterns")->stage->kind, Stage::Kind::patterns);
}

TEST(QueryParser, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(complaint("a (b"), testing::HasSubstr("at character 3: this \"(\" is not closed"));
  EXPECT_THAT(complaint("a) b"), testing::HasSubstr("at character 2"));
  EXPECT_THAT(complaint("a \"b"), testing::HasSubstr("at character 3"));
  EXPECT_THAT(complaint("servce:nova"), testing::HasSubstr("did you mean service"));
  EXPECT_THAT(complaint("a severity>=bad"), testing::HasSubstr("at character 13: \"bad\" is not a severity"));
  EXPECT_THAT(complaint("host>3"), testing::HasSubstr("only severity, pid and status"));
  EXPECT_THAT(complaint("a or"), testing::HasSubstr("a word is missing"));
  EXPECT_THAT(complaint("/(/"), testing::HasSubstr("not a regular expression"));
  EXPECT_THAT(complaint("a | nonsense"), testing::HasSubstr("at character 5"));
  EXPECT_THAT(complaint("a | top 0 host"), testing::HasSubstr("number"));
  EXPECT_THAT(complaint("a | count by x"), testing::HasSubstr("is not a field"));
  EXPECT_THAT(complaint("a | count by host more"), testing::HasSubstr("too much"));
  complaint(std::string(40, '('));
  complaint(std::string(5000, 'x'));
  complaint(std::string(300, 'x'));
  std::string many;
  for (int i = 0; i < 70; ++i) many += "w ";
  complaint(many);
}

}  // namespace
}  // namespace sentinella::logs
