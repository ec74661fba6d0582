#include "catalog/resource_registry.h"

#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

using testing::ElementsAre;

class ResourceRegistryTest : public CatalogTest {
 protected:
  ResourceRegistryTest() { load(); }
  void load() { registry = ResourceRegistry::load(*database).value(); }
  void reopen() {
    registry.reset();
    open();
    load();
  }
  Result<void> edit(const std::function<Result<void>(ResourceEdit&)>& work) {
    return registry->edit(ours, work);
  }
  void must(const std::function<Result<void>(ResourceEdit&)>& work) {
    const auto done = edit(work);
    ASSERT_TRUE(done) << done.error().message;
  }

  std::vector<Resource> past(const Uuid& id) const {
    std::vector<Resource> found;
    EXPECT_TRUE(
        registry->visit_past(ours, {.id = id}, [&](Resource one) { found.push_back(std::move(one)); }));
    return found;
  }

  ArchivePolicy low() const { return {"low", 2, {"mean", "max"}, {{300s, 8640}, {1h, std::nullopt}}}; }
  Resource vm() const {
    Resource resource;
    resource.id = *parse_uuid("75c44741-cc60-4033-804e-2d3098c7d2e9");
    resource.type = "instance";
    resource.original_id = "vm1";
    resource.creator = "u:p";
    resource.project_id = "p";
    resource.started_at = at(10);
    resource.revision_start = at(10);
    resource.attributes["host"] = std::string("cmp1");
    resource.attributes["flavor"] = 2.5;
    resource.attributes["up"] = true;
    resource.attributes["since"] = at(5);
    return resource;
  }
  Metric cpu() const {
    return {.id = *parse_uuid("00000000-0000-4000-8000-000000000001"),
            .name = "cpu",
            .unit = "%",
            .creator = "u:p",
            .resource = vm().id,
            .policy = "low"};
  }
  void fill() {
    must([&](ResourceEdit& edit) -> Result<void> {
      SENT_TRY(edit.put_policy(low()));
      SENT_TRY(edit.put_rule({"all", "*", "low"}));
      SENT_TRY(edit.put_type({"instance", {{"host", {AttributeKind::string, true, 0, 255}}}}));
      SENT_TRY(edit.add_resource(vm()));
      return edit.put_metric(cpu());
    });
  }

  std::unique_ptr<ResourceRegistry> registry;
};

TEST_F(ResourceRegistryTest, EverythingIsThereAfterARestart) {
  fill();
  must([&](ResourceEdit& edit) {
    Resource next = vm();
    next.user_id = "somebody";
    next.attributes["host"] = std::string("cmp2");
    next.revision_start = at(20);
    return edit.revise_resource(next);
  });
  reopen();
  const auto rules = registry->rules(ours);
  ASSERT_NE(rules->policy("low"), nullptr);
  EXPECT_EQ(rules->policy("low")->roll_ups, low().roll_ups);
  EXPECT_THAT(rules->policy("low")->methods, ElementsAre("mean", "max"));
  EXPECT_EQ(rules->policy_for("anything")->name, "low");
  EXPECT_EQ(rules->type("instance")->attributes.at("host").max, 255);
  const auto resource = registry->resource(ours, vm().id);
  ASSERT_TRUE(resource);
  EXPECT_EQ(resource->now->revision, 2);
  EXPECT_EQ(resource->now->user_id, "somebody");
  EXPECT_EQ(resource->now->attributes.at("host"), AttributeValue(std::string("cmp2")));
  const auto before = past(vm().id);
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].attributes, vm().attributes);
  EXPECT_EQ(before[0].revision_end, at(20));
  EXPECT_EQ(resource->metrics.at("cpu")->metric.unit, "%");
  EXPECT_EQ(registry->metric(ours, cpu().id)->metric.policy, "low");
}

TEST_F(ResourceRegistryTest, AFailedEditLeavesNothingBehind) {
  fill();
  const auto done = edit([&](ResourceEdit& edit) -> Result<void> {
    std::vector<MetricPtr> gone;
    SENT_TRY(edit.remove_resource(vm().id, gone));
    return fail(Errc::kInvalid, "no");
  });
  EXPECT_FALSE(done);
  EXPECT_TRUE(registry->resource(ours, vm().id));
  reopen();
  EXPECT_TRUE(registry->resource(ours, vm().id));
}

TEST_F(ResourceRegistryTest, AnEditFindsResourcesByAnIndexedAttribute) {
  fill();
  const auto on = [&](const std::string& host, AccountId account) {
    std::size_t found = 0;
    EXPECT_TRUE(registry->edit(account, [&](ResourceEdit& edit) -> Result<void> {
      found = edit.resources_with("host", host).size();
      return {};
    }));
    return found;
  };
  const auto home = std::get<std::string>(vm().attributes["host"]);
  EXPECT_EQ(on(home, ours), 0u);  // not indexed yet
  registry->index_attributes({"host"});
  EXPECT_EQ(on(home, ours), 1u);
  EXPECT_EQ(on(home, theirs), 0u);
  must([&](ResourceEdit& edit) -> Result<void> {
    Resource next = vm();
    next.attributes["host"] = std::string("cmp2");
    next.revision_start = at(20);
    SENT_TRY(edit.revise_resource(next));
    EXPECT_TRUE(edit.resources_with("host", home).empty());
    EXPECT_EQ(edit.resources_with("host", "cmp2").size(), 1u);
    return {};
  });
  EXPECT_EQ(on(home, ours), 0u);
  EXPECT_EQ(on("cmp2", ours), 1u);
  must([&](ResourceEdit& edit) {
    std::vector<MetricPtr> gone;
    return edit.remove_resource(vm().id, gone);
  });
  EXPECT_EQ(on("cmp2", ours), 0u);
}

TEST_F(ResourceRegistryTest, AnotherAccountSeesNothingOfIt) {
  fill();
  EXPECT_FALSE(registry->resource(theirs, vm().id));
  EXPECT_FALSE(registry->metric(theirs, cpu().id));
  EXPECT_TRUE(registry->rules(theirs)->policies.empty());
  EXPECT_NE(registry->rules(theirs)->type("generic"), nullptr);
}

TEST_F(ResourceRegistryTest, WhatIsInUseStays) {
  fill();
  EXPECT_EQ(edit([](ResourceEdit& edit) { return edit.remove_policy("low"); }).error().code, Errc::kConflict);
  EXPECT_EQ(edit([](ResourceEdit& edit) { return edit.remove_type("instance"); }).error().code,
            Errc::kConflict);
  EXPECT_EQ(edit([](ResourceEdit& edit) { return edit.remove_type("nothing"); }).error().code,
            Errc::kNotFound);
}

TEST_F(ResourceRegistryTest, ANewAttributeIsFilledInEveryRevision) {
  fill();
  must([&](ResourceEdit& edit) {
    Resource next = vm();
    next.revision_start = at(20);
    return edit.revise_resource(next);
  });
  must([&](ResourceEdit& edit) {
    return edit.add_attribute("instance", "zone", {AttributeKind::string, true, 0, 255}, std::string("nova"));
  });
  for (const bool again : {false, true}) {
    if (again) reopen();
    const auto resource = registry->resource(ours, vm().id);
    EXPECT_EQ(resource->now->attributes.at("zone"), AttributeValue(std::string("nova")));
    EXPECT_EQ(past(vm().id).at(0).attributes.at("zone"), AttributeValue(std::string("nova")));
  }
  must([](ResourceEdit& edit) { return edit.remove_attribute("instance", "zone"); });
  reopen();
  EXPECT_FALSE(registry->resource(ours, vm().id)->now->attributes.contains("zone"));
}

TEST_F(ResourceRegistryTest, ThePastIsToldByTypeFromTheOldest) {
  fill();
  for (const int second : {20, 30})
    must([&](ResourceEdit& edit) {
      Resource next = vm();
      next.user_id = fmt::format("of {}", second);
      next.revision_start = at(second);
      return edit.revise_resource(next);
    });
  const auto told = [&](AccountId account, const std::string& type) {
    std::vector<std::string> starts;
    EXPECT_TRUE(registry->visit_past(account, {.type = type}, [&](const Resource& one) {
      starts.push_back(one.user_id.value_or("nobody"));
      EXPECT_EQ(one.attributes, vm().attributes);
    }));
    return starts;
  };
  EXPECT_THAT(told(ours, "instance"), ElementsAre("nobody", "of 20"));
  EXPECT_THAT(told(ours, ""), ElementsAre("nobody", "of 20"));
  EXPECT_THAT(told(ours, "volume"), ElementsAre());
  EXPECT_THAT(told(theirs, "instance"), ElementsAre());
}

TEST_F(ResourceRegistryTest, AMetricsNameIsUniqueInItsResource) {
  fill();
  Metric other = cpu();
  other.id = *parse_uuid("00000000-0000-4000-8000-000000000002");
  EXPECT_EQ(edit([&](ResourceEdit& edit) { return edit.put_metric(other); }).error().code, Errc::kConflict);
  other.resource.reset();
  must([&](ResourceEdit& edit) { return edit.put_metric(other); });
}

TEST_F(ResourceRegistryTest, AResourceTakesItsMetricsAlong) {
  fill();
  std::vector<MetricPtr> gone;
  must([&](ResourceEdit& edit) { return edit.remove_resource(vm().id, gone); });
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(gone[0]->metric.id, cpu().id);
  reopen();
  EXPECT_FALSE(registry->metric(ours, cpu().id));
  EXPECT_FALSE(registry->resource(ours, vm().id));
}

TEST_F(ResourceRegistryTest, TheRuleWithThePatternThatIsLastInTextOrderWins) {
  must([&](ResourceEdit& edit) -> Result<void> {
    for (const std::string name : {"low", "high"}) {
      auto policy = low();
      policy.name = name;
      SENT_TRY(edit.put_policy(policy));
    }
    SENT_TRY(edit.put_rule({"all", "*", "low"}));
    return edit.put_rule({"disk", "disk.*", "high"});
  });
  EXPECT_EQ(registry->rules(ours)->policy_for("disk.io")->name, "high");
  EXPECT_EQ(registry->rules(ours)->policy_for("cpu")->name, "low");
}

TEST(LiveMetric, ASampleSeenBeforeTheStoreWasAskedCounts) {
  LiveMetric loaded({}, false);
  loaded.saw_sample(Time{50});
  EXPECT_EQ(loaded.newest(), std::nullopt);
  loaded.learn_newest(Time{20});
  EXPECT_EQ(loaded.newest(), Time{50});
  EXPECT_EQ(LiveMetric({}, true).newest(), LiveMetric::kNone);
}

}  // namespace
}  // namespace sentinella::catalog
