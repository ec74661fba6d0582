#include "catalog/agent_settings.h"

#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class AgentSettingsTest : public CatalogTest {
 protected:
  AgentSettings layer(const std::string& name) { return {ours, name, "", "{}", 0, at(5), "kim"}; }
  Result<std::uint64_t> put(const std::string& name, std::uint64_t expected) {
    return run([&](Transaction& tx) { return put_agent_settings(tx, layer(name), expected); });
  }
  std::uint64_t version() {
    return *run([&](Transaction& tx) { return agent_settings_version(tx, ours); });
  }
};

TEST_F(AgentSettingsTest, LayersComeFromTheWeakestToTheStrongest) {
  for (const char* name : {"node:c1", "group:b", "default", "group:a"}) ASSERT_TRUE(put(name, 0));
  std::vector<std::string> names;
  const auto layers = run([&](Transaction& tx) { return list_agent_settings(tx, ours); });
  for (const AgentSettings& found : *layers) names.push_back(found.name);
  EXPECT_THAT(names, ElementsAre("default", "group:a", "group:b", "node:c1"));
  EXPECT_THAT(*run([&](Transaction& tx) { return list_agent_settings(tx, theirs); }), IsEmpty());
}

TEST_F(AgentSettingsTest, EveryChangeRaisesTheAccountsVersionRemovalsToo) {
  EXPECT_EQ(version(), 0u);
  EXPECT_EQ(*put("default", 0), 1u);
  EXPECT_EQ(*put("node:c1", 0), 2u);
  EXPECT_EQ(*put("default", 1), 3u);
  change([&](Transaction& tx) { ASSERT_TRUE(delete_agent_settings(tx, ours, "default")); });
  EXPECT_EQ(version(), 4u);
  EXPECT_EQ(*put("default", 0), 5u);
  EXPECT_EQ(*run([&](Transaction& tx) { return agent_settings_version(tx, theirs); }), 0u);
}

TEST_F(AgentSettingsTest, AChangeAgainstAnOldVersionIsRefusedAndChangesNothing) {
  ASSERT_TRUE(put("default", 0));
  for (const std::uint64_t stale : {0u, 7u}) {
    const auto late = put("default", stale);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Errc::kConflict);
    EXPECT_THAT(late.error().message, HasSubstr("by kim"));
  }
  EXPECT_EQ(version(), 1u);
  EXPECT_EQ(run([&](Transaction& tx) { return delete_agent_settings(tx, theirs, "default"); }).error().code,
            Errc::kNotFound);
}

TEST_F(AgentSettingsTest, WhatAnAgentSaidLastIsKept) {
  change([&](Transaction& tx) {
    Agent agent;
    agent.id = "a1";
    agent.account = ours;
    agent.host = "c1";
    ASSERT_TRUE(insert_agent(tx, agent));
    ASSERT_TRUE(report_agent_settings(tx, {"a1", 3, 0, "", at(7)}));
    ASSERT_TRUE(report_agent_settings(tx, {"a1", 3, 4, "the server was not reached", at(8)}));
  });
  const auto reports = run([&](Transaction& tx) { return list_agent_settings_reports(tx, ours); });
  ASSERT_THAT(*reports, SizeIs(1));
  EXPECT_EQ(reports->front().version, 3u);
  EXPECT_EQ(reports->front().refused, 4u);
  EXPECT_EQ(reports->front().problem, "the server was not reached");
  EXPECT_EQ(reports->front().time, at(8));
  EXPECT_THAT(*run([&](Transaction& tx) { return list_agent_settings_reports(tx, theirs); }), IsEmpty());
}

}  // namespace
}  // namespace sentinella::catalog
