#include "telemetry/json_path.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const boost::json::value& message() {
  static const boost::json::value document = *parse_json(R"({
    "publisher_id": "compute.node.one",
    "payload": {
      "size": 3, "name": "disk", "empty": null, "quoted.key": {"deep": 7}, "a-b": 1,
      "metrics": [{"name": "cpu", "value": 0.5, "at": {"unit": "x"}}, {"name": "memory", "value": 20}],
      "list": ["b", "a", "c"], "numbers": [1, 2, 3]
    }
  })");
  return document;
}

/// What the path finds, each as JSON.
std::vector<std::string> find(std::string_view text) {
  const auto path = JsonPath::compile(text);
  EXPECT_TRUE(path) << text << ": " << path.error().message;
  if (!path) return {"?"};
  Found found;
  path->find(message(), found);
  std::vector<std::string> out;
  for (const auto* value : found) out.push_back(boost::json::serialize(*value));
  return out;
}

TEST(JsonPath, FollowsNamesWithAndWithoutADollar) {
  EXPECT_THAT(find("$.payload.size"), ElementsAre("3"));
  EXPECT_THAT(find("payload.size"), ElementsAre("3"));
  EXPECT_THAT(find("$.payload.a-b"), ElementsAre("1"));
  EXPECT_THAT(find("$.payload.nothing.at.all"), IsEmpty());
}

TEST(JsonPath, ANullIsNotFound) {
  EXPECT_THAT(find("$.payload.empty"), IsEmpty());
  EXPECT_THAT(find("$.payload.(empty|size)"), ElementsAre("3"));
}

TEST(JsonPath, TakesQuotedNamesAsTheyAre) {
  EXPECT_THAT(find("$.payload.'quoted.key'.deep"), ElementsAre("7"));
  EXPECT_THAT(find("$.payload.\"quoted.key\".deep"), ElementsAre("7"));
  EXPECT_THAT(find("$.payload['quoted.key'].deep"), ElementsAre("7"));
}

TEST(JsonPath, TakesElementsOfLists) {
  EXPECT_THAT(find("$.payload.list[0]"), ElementsAre("\"b\""));
  EXPECT_THAT(find("$.payload.list[-1]"), ElementsAre("\"c\""));
  EXPECT_THAT(find("$.payload.list[7]"), IsEmpty());
  EXPECT_THAT(find("$.payload.numbers[*]"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(find("$.payload.metrics[*].name"), ElementsAre("\"cpu\"", "\"memory\""));
}

TEST(JsonPath, TakesAnyMemberAndDescendants) {
  EXPECT_THAT(find("$.payload.'quoted.key'.*"), ElementsAre("7"));
  EXPECT_THAT(find("$..unit"), ElementsAre("\"x\""));
  EXPECT_THAT(find("$..value"), ElementsAre("5E-1", "20"));
}

TEST(JsonPath, ChoosesElementsByTheirFields) {
  EXPECT_THAT(find("$.payload.metrics[?(@.name='cpu')].value"), ElementsAre("5E-1"));
  EXPECT_THAT(find("$.payload.metrics[?name = memory].value"), ElementsAre("20"));
  EXPECT_THAT(find("$.payload.metrics[?value > 1].name"), ElementsAre("\"memory\""));
  EXPECT_THAT(find("$.payload.metrics[?value > 0.1 & name != 'memory'].name"), ElementsAre("\"cpu\""));
  EXPECT_THAT(find("$.payload.metrics[?at.unit].name"), ElementsAre("\"cpu\""));
}

TEST(JsonPath, GivesTheUnionInItsOrder) {
  EXPECT_THAT(find("$.payload.(size|name)"), ElementsAre("3", "\"disk\""));
  EXPECT_THAT(find("$.payload.name | $.payload.size"), ElementsAre("\"disk\"", "3"));
}

TEST(JsonPath, CalculatesWithNumbersAndJoinsTexts) {
  EXPECT_THAT(find("$.payload.size * 1024"), ElementsAre("3072"));
  EXPECT_THAT(find("$.payload.numbers[*] + 10"), ElementsAre("11", "12", "13"));
  EXPECT_THAT(find("$.payload.numbers[*] * $.payload.numbers[*]"), ElementsAre("1", "4", "9"));
  EXPECT_THAT(find("$.payload.metrics[0].value * 100"), ElementsAre("5E1"));
  EXPECT_THAT(find("($.payload.size + 1) * 2"), ElementsAre("8"));
  EXPECT_THAT(find("$.payload.name + \"_\" + $.payload.list[1]"), ElementsAre("\"disk_a\""));
  EXPECT_THAT(find("$.payload.name * 2"), IsEmpty());
  EXPECT_THAT(find("$.payload.size / 0"), IsEmpty());
}

TEST(JsonPath, SplitsReplacesCountsAndSorts) {
  EXPECT_THAT(find("publisher_id.`split(., 0, -1)`"), ElementsAre("\"compute\""));
  EXPECT_THAT(find("publisher_id.`split(., 1, 1)`"), ElementsAre("\"node.one\""));
  EXPECT_THAT(find("publisher_id.`split(., 2, -1)`"), ElementsAre("\"one\""));
  EXPECT_THAT(find("publisher_id.`split(., 3, -1)`"), IsEmpty());
  EXPECT_THAT(find("publisher_id.`sub(/node/, host)`"), ElementsAre("\"compute.host.one\""));
  EXPECT_THAT(find("$.payload.name.`sub(/^/, 'the.')`"), ElementsAre("\"the.disk\""));
  EXPECT_THAT(find("$.payload.list.`len`"), ElementsAre("3"));
  EXPECT_THAT(find("$.payload.list.`sorted`"), ElementsAre("[\"a\",\"b\",\"c\"]"));
}

TEST(JsonPath, SaysWhereAPathIsWrong) {
  for (const char* wrong : {"", "$.", "$.payload[", "$.payload[x]", "$.a.(b|c", "$.a 'b", "$.a.`nothing()`",
                            "$.a.`split(.)`", "$.a.`sub(/(/, x)`", "$.a + ", "$.a)", "$[?]"})
    EXPECT_FALSE(JsonPath::compile(wrong)) << wrong;
  EXPECT_THAT(JsonPath::compile("$.a.(b|c").error().message, testing::HasSubstr("character 9"));
  EXPECT_FALSE(JsonPath::compile(std::string(5000, 'a')));
  EXPECT_FALSE(JsonPath::compile(std::string(100, '(') + "$.a" + std::string(100, ')')));
}

TEST(JsonPath, ADeepDocumentDoesNotDeepenTheSearch) {
  boost::json::value deep = 1;
  for (int i = 0; i < 2000; ++i) deep = boost::json::object{{"a", std::move(deep)}};
  Found found;
  JsonPath::compile("$..a")->find(deep, found);
  EXPECT_EQ(found.size(), 2000u);
}

}  // namespace
}  // namespace sentinella::telemetry
