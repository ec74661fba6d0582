#include "telemetry/value_source.h"

#include <gmock/gmock.h>

#include "telemetry/telemetry_testing.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The values that a YAML spec finds in a JSON document.
std::vector<std::string> values(std::string_view spec, std::string_view document) {
  const auto source = ValueSource::compile(*read_yaml(spec), ValueSource::PlainText::path);
  EXPECT_TRUE(source) << describe(source.error());
  if (!source) return {"?"};
  Found found;
  const auto parsed = *parse_json(document);
  source->find(parsed, found);
  std::vector<std::string> out;
  for (const auto* value : found) out.push_back(boost::json::serialize(*value));
  return out;
}

TEST(ValueSource, SeveralFieldsAreTriedInTheirOrder) {
  EXPECT_THAT(values("{fields: [b, a]}", R"({"a":1,"b":2})"), ElementsAre("2", "1"));
  EXPECT_THAT(values("{fields: a}", R"({"a":null})"), IsEmpty());
}

TEST(ValueSource, SplitTakesOneSegmentOfEachMatch) {
  EXPECT_THAT(values("{fields: a, plugin: split}", R"({"a":"x.y.z"})"), ElementsAre("\"x\""));
  EXPECT_THAT(values("{fields: a, plugin: {name: split, parameters: {segment: 2}}}", R"({"a":"x.y.z"})"),
              ElementsAre("\"z\""));
  EXPECT_THAT(values("{fields: a, plugin: {name: split, parameters: {segment: 1, max_split: 1}}}",
                     R"({"a":"x.y.z"})"),
              ElementsAre("\"y.z\""));
  EXPECT_THAT(values("{fields: a, plugin: {name: split, parameters: {separator: ':', segment: 1}}}",
                     R"({"a":"x.y.z"})"),
              IsEmpty());
}

TEST(ValueSource, TimedeltaIsTheSecondsBetweenTwoInstants) {
  const std::string spec = "{fields: [a, b], plugin: timedelta}";
  EXPECT_THAT(values(spec, R"({"a":"2026-11-21 10:05:17+00:00","b":"2026-11-21T10:05:18.095481"})"),
              ElementsAre("1.095481E0"));
  EXPECT_THAT(values(spec, R"({"b":"2026-11-21 10:05:17","a":"2026-11-21T10:06:17"})"), ElementsAre("6E1"));
  EXPECT_THAT(values(spec, R"({"a":"2026-11-21 10:05:17"})"), IsEmpty());
  EXPECT_THAT(values(spec, R"({"a":"soon","b":"later"})"), IsEmpty());
}

TEST(ValueSource, BitfieldSetsABitForEachFlagThatHolds) {
  const std::string spec =
      "{fields: [p.a, p.b], plugin: {name: bitfield, parameters: {initial_bitfield: 8, flags: "
      "[{path: p.a, bit: 0, value: 42}, {path: p.b, bit: 1, value: X}, {path: p.c, bit: 2}]}}}";
  EXPECT_THAT(values(spec, R"({"p":{"a":42,"b":"X","c":0}})"), ElementsAre("15"));
  EXPECT_THAT(values(spec, R"({"p":{"a":41,"b":"X"}})"), ElementsAre("10"));
  EXPECT_THAT(values(spec, "{}"), ElementsAre("8"));
}

TEST(ValueSource, MapExchangesValues) {
  const std::string spec =
      "{fields: a, plugin: {name: map, parameters: {values: {active: 1, ERROR: 2}, default: -1}}}";
  EXPECT_THAT(values(spec, R"({"a":"ACTIVE"})"), ElementsAre("1"));
  EXPECT_THAT(values(spec, R"({"a":"error"})"), ElementsAre("2"));
  EXPECT_THAT(values(spec, R"({"a":"other"})"), ElementsAre("-1"));
  EXPECT_THAT(values("{fields: a, plugin: {name: map, parameters: {values: {x: 1}, case_sensitive: true}}}",
                     R"({"a":"X"})"),
              IsEmpty());
}

TEST(ValueSource, AWrongPlugInIsNamed) {
  for (const char* spec :
       {"{fields: a, plugin: eval}", "{fields: a, plugin: {name: split, parameters: {segment: x}}}",
        "{fields: a, plugin: {name: map}}", "{plugin: split}", "{fields: []}", "{fields: 'a['}",
        "{fields: a, plugin: {name: bitfield, parameters: {flags: [{path: a, bit: 64}]}}}"})
    EXPECT_FALSE(ValueSource::compile(*read_yaml(spec), ValueSource::PlainText::path)) << spec;
}

TEST(YamlDocument, ResolvesAnchorsAndMergeKeys) {
  const auto document = read_yaml("- &a {x: 1, y: 'two'}\n- {<<: *a, y: 3}\n- *a\n");
  ASSERT_TRUE(document);
  EXPECT_EQ(boost::json::serialize(document->at(1)), R"({"y":3,"x":1})");
  EXPECT_EQ(boost::json::serialize(document->at(2)), R"({"x":1,"y":"two"})");
}

TEST(YamlDocument, TypesPlainScalarsAndLeavesQuotedOnes) {
  EXPECT_EQ(boost::json::serialize(*read_yaml("[1, -2, 1.5, true, null, '1', 2.0.1, 007, ~, a]")),
            R"([1,-2,1.5E0,true,null,"1","2.0.1","007",null,"a"])");
}

TEST(YamlDocument, RefusesWhatUnfoldsWithoutEnd) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_EQ(read_yaml(bomb).error().code, Errc::kTooLarge);
  EXPECT_EQ(read_yaml("a: [").error().code, Errc::kInvalid);
  EXPECT_FALSE(read_yaml("a: " + std::string(100, '[') + std::string(100, ']')));
}

}  // namespace
}  // namespace sentinella::telemetry
