#include "scrape/relabel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scrape/testing.h"

namespace sentinella::scrape {
namespace {

using enum RelabelAction;
using ::testing::HasSubstr;

const Labels kGiven({{"a", "foo"}, {"b", "bar"}, {"c", "baz"}});

struct Case {
  const char* what;
  Labels given;
  RelabelRule rule;
  std::string expected;  ///< "dropped", or as Labels::to_string()
};

std::string outcome(const std::vector<RelabelRule>& rules, Labels labels) {
  Relabeling relabeling;
  for (const RelabelRule& rule : rules)
    if (const auto added = relabeling.add(rule); !added) return describe(added.error());
  return relabeling.apply(labels) ? labels.to_string() : "dropped";
}

RelabelRule rule(RelabelAction action, std::vector<std::string> source, std::string regex = "(.*)",
                 std::string target = "", std::string replacement = "$1") {
  RelabelRule made;
  made.source_labels = std::move(source);
  made.regex = std::move(regex);
  made.target_label = std::move(target);
  made.replacement = std::move(replacement);
  made.action = action;
  return made;
}

RelabelRule hash(std::vector<std::string> source, std::string target, std::uint64_t modulus) {
  RelabelRule made = rule(hashmod, std::move(source), "(.*)", std::move(target));
  made.modulus = modulus;
  return made;
}

RelabelRule names(RelabelAction action, std::string regex) {
  return rule(action, {}, std::move(regex));
}

TEST(Relabel, EveryActionDoesWhatPrometheusDoes) {
  const std::vector<Case> cases = {
      {"a group of the source", kGiven, rule(replace, {"a"}, "f(.*)", "d", "ch${1}-ch${1}"),
       R"({a="foo",b="bar",c="baz",d="choo-choo"})"},
      {"several sources are joined", kGiven, rule(replace, {"a", "b"}, "(.+);(.+)", "a", "$2$1"),
       R"({a="barfoo",b="bar",c="baz"})"},
      {"the defaults copy", kGiven, rule(replace, {"b"}, "(.*)", "copy"),
       R"({a="foo",b="bar",c="baz",copy="bar"})"},
      {"no match, nothing happens", kGiven, rule(replace, {"a"}, "f", "b", "x"),
       R"({a="foo",b="bar",c="baz"})"},
      {"matching is anchored", kGiven, rule(replace, {"a"}, "o", "b", "x"), R"({a="foo",b="bar",c="baz"})"},
      {"alternatives are anchored as a whole", kGiven, rule(drop, {"a"}, "f|o"),
       R"({a="foo",b="bar",c="baz"})"},
      {"an empty replacement removes", kGiven, rule(replace, {"a"}, "foo", "b", ""), R"({a="foo",c="baz"})"},
      {"a constant", Labels(), rule(replace, {}, "(.*)", "env", "prod"), R"({env="prod"})"},
      {"a group that is not there is empty", kGiven, rule(replace, {"a"}, "(f).*", "b", "$1-$7"),
       R"({a="foo",b="f-",c="baz"})"},
      {"names take all word characters", kGiven, rule(replace, {"a"}, "(f).*", "b", "$1x"),
       R"({a="foo",c="baz"})"},
      {"dollar and named group", kGiven, rule(replace, {"a"}, "(?P<first>f).*", "b", "$$${first}$"),
       R"({a="foo",b="$f$",c="baz"})"},
      {"the target may have groups", kGiven, rule(replace, {"a"}, "(.)(.*)", "${1}_name", "$2"),
       R"({a="foo",b="bar",c="baz",f_name="oo"})"},
      {"a target that is no name is passed over", labels_of({{"a", "1-2"}}),
       rule(replace, {"a"}, "(.*)", "$1", "x"), R"({a="1-2"})"},
      {"keep what matches", kGiven, rule(keep, {"a"}, "fo+"), R"({a="foo",b="bar",c="baz"})"},
      {"keep nothing else", kGiven, rule(keep, {"a"}, "bar"), "dropped"},
      {"drop what matches", kGiven, rule(drop, {"a", "b"}, "foo;bar"), "dropped"},
      {"drop nothing else", kGiven, rule(drop, {"a"}, "bar"), R"({a="foo",b="bar",c="baz"})"},
      {"an absent label is empty", kGiven, rule(drop, {"nope"}, ""), "dropped"},
      {"keepequal, equal", labels_of({{"a", "x"}, {"b", "x"}}), rule(keepequal, {"a"}, "(.*)", "b"),
       R"({a="x",b="x"})"},
      {"keepequal, other", kGiven, rule(keepequal, {"a"}, "(.*)", "b"), "dropped"},
      {"dropequal, equal", labels_of({{"a", "x"}, {"b", "x"}}), rule(dropequal, {"a"}, "(.*)", "b"),
       "dropped"},
      {"dropequal, other", kGiven, rule(dropequal, {"a"}, "(.*)", "b"), R"({a="foo",b="bar",c="baz"})"},
      {"lowercase", labels_of({{"a", "FoO"}}), rule(lowercase, {"a"}, "(.*)", "l"), R"({a="FoO",l="foo"})"},
      {"uppercase", labels_of({{"a", "FoO"}}), rule(uppercase, {"a"}, "(.*)", "u"), R"({a="FoO",u="FOO"})"},
      {"labelmap copies names", labels_of({{"__meta_x", "1"}, {"__meta_y", "2"}}),
       rule(labelmap, {}, "__meta_(.+)", "", "m_$1"), R"({__meta_x="1",__meta_y="2",m_x="1",m_y="2"})"},
      {"labeldrop", kGiven, names(labeldrop, "(a|b)"), R"({c="baz"})"},
      {"labelkeep", kGiven, names(labelkeep, "(a|b)"), R"({a="foo",b="bar"})"},
  };
  for (const Case& one : cases) EXPECT_EQ(outcome({one.rule}, one.given), one.expected) << one.what;
}

// MD5("foo") is acbd18db4cc2f85cedef654fccc4a4d8: its last eight bytes are 17145033699835028696.
TEST(Relabel, HashmodShardsByTheLastHalfOfTheMd5) {
  EXPECT_EQ(outcome({hash({"a"}, "shard", 1000)}, kGiven), R"({a="foo",b="bar",c="baz",shard="696"})");
}

TEST(Relabel, RulesRunInOrderAndStopAtADrop) {
  EXPECT_EQ(outcome({rule(replace, {"a"}, "(.*)", "d"), rule(keep, {"d"}, "foo"), names(labeldrop, "[abc]")},
                    kGiven),
            R"({d="foo"})");
  EXPECT_EQ(outcome({rule(drop, {"a"}, "foo"), rule(replace, {}, "(.*)", "x", "y")}, kGiven), "dropped");
}

TEST(Relabel, RulesThatCannotWorkAreRefusedWithTheKey) {
  EXPECT_THAT(outcome({rule(replace, {"a"})}, {}), HasSubstr("target_label"));
  EXPECT_THAT(outcome({rule(replace, {"a"}, "(.*)", "0-x")}, {}), HasSubstr("target_label"));
  EXPECT_THAT(outcome({rule(lowercase, {"a"}, "(.*)", "$1")}, {}), HasSubstr("target_label"));
  EXPECT_THAT(outcome({hash({"a"}, "x", 0)}, {}), HasSubstr("modulus"));
  EXPECT_THAT(outcome({rule(keep, {"a"}, "(")}, {}), HasSubstr("regex"));
  EXPECT_THAT(outcome({rule(labelmap, {}, "(.*)", "", "a-b")}, {}), HasSubstr("replacement"));
  EXPECT_THAT(outcome({rule(labeldrop, {"a"}, "b")}, {}), HasSubstr("only a regex"));
  EXPECT_THAT(outcome({rule(keepequal, {"a"}, "b", "c")}, {}), HasSubstr("only source_labels"));
  EXPECT_THAT(outcome({rule(keep, {"a b"}, "x")}, {}), HasSubstr("source_labels"));
}

TEST(Relabel, AMisspeltActionIsToldTheRightOne) {
  EXPECT_EQ(parse_relabel_action("Replace").value(), replace);
  EXPECT_THAT(parse_relabel_action("labeldorp").error().message, HasSubstr("labeldrop"));
}

}  // namespace
}  // namespace sentinella::scrape
