// The rules that come with the program: what they say is whole, and what they do is tested, in rules/tests.
#include "rules/default_pack.h"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "rules/lint.h"
#include "rules/rule_file.h"
#include "rules/rule_test_file.h"

namespace sentinella::rules {
namespace {

std::vector<Rule> pack() {
  std::vector<Rule> out;
  for (const std::string_view file : default_rule_files()) {
    const auto items = parse_rule_file(file);
    EXPECT_TRUE(items) << describe(items.error());
    if (!items) continue;
    for (const RuleText& item : *items) {
      EXPECT_TRUE(parse_rule(item.yaml)) << item.yaml;
      out.insert(out.end(), item.rules.begin(), item.rules.end());
    }
  }
  return out;
}

std::vector<std::filesystem::path> test_files() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(SENTINELLA_SOURCE_DIR) + "/rules/tests"))
    if (entry.path().extension() == ".yaml") out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

TEST(DefaultPack, EveryRuleSaysWhatToDo) {
  std::set<std::string> ids, events;
  for (const Rule& rule : pack()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_TRUE(events.insert(rule.event).second) << rule.event << ": two rules would share an alert";
    EXPECT_FALSE(rule.owner.empty()) << rule.id;
    EXPECT_FALSE(rule.impact.empty()) << rule.id;
    for (const std::string_view section :
         {"## Meaning", "## Check", "## Fix", "## Escalate", "## False alarm"})
      EXPECT_THAT(rule.playbook, testing::HasSubstr(std::string(section))) << rule.id;
  }
  EXPECT_GE(ids.size(), 60u);
}

TEST(DefaultPack, FewWakeSomebody) {
  const auto rules = pack();
  EXPECT_LE(std::ranges::count(rules, Tier::page, &Rule::tier), 15);
}

TEST(DefaultPack, PassesTheLintsOfTheProduct) {
  LintFacts facts;
  facts.now = Time{1'750'000'000'000'000'000};
  for (const Finding& finding : lint(pack(), facts))
    EXPECT_EQ(finding.level, LintLevel::hint)
        << finding.rule_id << ": " << finding.code << " " << finding.text;
}

TEST(DefaultPack, EveryRuleHasATest) {
  std::string all;
  for (const auto& file : test_files()) all += read_file(file, 1 << 22).value_or("");
  for (const Rule& rule : pack()) EXPECT_THAT(all, testing::HasSubstr("rules: [" + rule.id + "]")) << rule.id;
}

TEST(DefaultPack, DoesWhatItsTestsExpect) {
  ASSERT_FALSE(test_files().empty());
  for (const auto& file : test_files()) {
    const auto report = run_rule_tests(file);
    ASSERT_TRUE(report) << file << ": " << describe(report.error());
    EXPECT_GT(report->passed, 0u) << file;
    for (const std::string& failure : report->failures)
      ADD_FAILURE() << file.filename().string() << ": " << failure;
  }
}

}  // namespace
}  // namespace sentinella::rules
