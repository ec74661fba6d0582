#include "catalog/alerting.h"
#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

class RulesTest : public CatalogTest {
 protected:
  static StoredRule rule(AccountId account, const std::string& id, const std::string& yaml) {
    return {.account = account,
            .id = id,
            .yaml = yaml,
            .enabled = false,
            .builtin = true,
            .version = 1,
            .updated = at(4),
            .updated_by = "ann"};
  }
  auto put(const StoredRule& r, std::optional<std::uint64_t> expected) {
    return run([&](Transaction& tx) { return put_rule(tx, r, expected); });
  }
  StoredRule find(AccountId account, const std::string& id) {
    return run([&](Transaction& tx) { return find_rule(tx, account, id); }).value();
  }
};

TEST_F(RulesTest, ARuleIsReplacedOnlyByWhoeverReadItsLatestVersion) {
  ASSERT_TRUE(put(rule(ours, "r", "one"), std::nullopt));
  EXPECT_EQ(put(rule(ours, "r", "again"), std::nullopt).error().code, Errc::kConflict);
  ASSERT_TRUE(put(rule(ours, "r", "two"), 1));
  const auto late = put(rule(ours, "r", "late"), 1);
  EXPECT_EQ(late.error().code, Errc::kConflict);
  EXPECT_EQ(late.error().field, "version");
  const StoredRule found = find(ours, "r");
  EXPECT_EQ(found.yaml, "two");
  EXPECT_EQ(found.version, 2u);
  EXPECT_FALSE(found.enabled);
  EXPECT_TRUE(found.builtin);
  EXPECT_EQ(found.updated, at(4));
  EXPECT_EQ(found.updated_by, "ann");
  EXPECT_EQ(put(rule(ours, "absent", "x"), 1).error().code, Errc::kNotFound);
}

TEST_F(RulesTest, TwoAccountsMayNameARuleAlikeAndKeepTheirOwn) {
  ASSERT_TRUE(put(rule(ours, "r", "mine"), std::nullopt));
  EXPECT_EQ(put(rule(theirs, "r", "yours"), 1).error().code, Errc::kNotFound);
  ASSERT_TRUE(put(rule(theirs, "r", "yours"), std::nullopt));
  EXPECT_EQ(find(ours, "r").yaml, "mine");
  EXPECT_EQ(run([&](Transaction& tx) { return list_rules(tx, theirs); })->size(), 1u);
  ASSERT_TRUE(run([&](Transaction& tx) { return delete_rule(tx, theirs, "r"); }));
  EXPECT_EQ(error_of([&](Transaction& tx) { return delete_rule(tx, theirs, "r"); }), Errc::kNotFound);
  EXPECT_EQ(find(ours, "r").yaml, "mine");
}

TEST_F(RulesTest, RuleStateKeepsAnyBytesAndEmptyDeletes) {
  const std::string bytes("\0\xff\x80state", 8);
  change([&](Transaction& tx) {
    ASSERT_TRUE(put_rule_state(tx, {ours, "r", "i", "old"}));
    ASSERT_TRUE(put_rule_state(tx, {ours, "r", "i", bytes}));
    ASSERT_TRUE(put_rule_state(tx, {theirs, "r", "i", "theirs"}));
    ASSERT_TRUE(put_rule_state(tx, {ours, "r", "gone", "x"}));
    ASSERT_TRUE(put_rule_state(tx, {ours, "r", "gone", ""}));
  });
  const auto states = *run([](Transaction& tx) { return load_rule_states(tx); });
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].account, ours);
  EXPECT_EQ(states[0].instance, "i");
  EXPECT_EQ(states[0].state, bytes);
  EXPECT_EQ(states[1].state, "theirs");
}

TEST_F(RulesTest, TheEvaluatedOffsetStartsAtZeroAndIsKept) {
  EXPECT_EQ(*run([](Transaction& tx) { return evaluated_offset(tx); }), 0u);
  ASSERT_TRUE(run([](Transaction& tx) { return set_evaluated_offset(tx, 41); }));
  ASSERT_TRUE(run([](Transaction& tx) { return set_evaluated_offset(tx, 42); }));
  open();
  EXPECT_EQ(*run([](Transaction& tx) { return evaluated_offset(tx); }), 42u);
}

}  // namespace
}  // namespace sentinella::catalog
