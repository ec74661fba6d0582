#include "telemetry/publish/resource_keeper.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "catalog/accounts.h"
#include "catalog/uuid_names.h"
#include "model/trait_types.h"
#include "telemetry/meter_definitions.h"
#include "telemetry/shipped_files.h"
#include "telemetry/telemetry_testing.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kInstance = "11111111-2222-4333-8444-555555555555";

class ResourceKeeperTest : public testing::Test {
 protected:
  ResourceKeeperTest() {
    database = *catalog::open_sqlite(directory.path() / "catalog.db");
    EXPECT_TRUE(database->write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(const auto made, catalog::create_account(tx, "ours", at(0)));
      account = made.id;
      return {};
    }));
    registry = *catalog::ResourceRegistry::load(*database);
    keeper.emplace(*registry, account, *ResourceKinds::parse(shipped_file("gnocchi_resources.yaml")));
  }
  static Time at(std::int64_t seconds) { return {(1'772'000'000 + seconds) * 1'000'000'000}; }

  static MeterSample sample(std::int64_t seconds, std::string meter, std::string resource = kInstance) {
    MeterSample made;
    made.name = std::move(meter);
    made.unit = "MB";
    made.volume = 1;
    made.project_id = "p";
    made.resource_id = std::move(resource);
    made.timestamp = at(seconds);
    return made;
  }
  static MeterSample with(MeterSample made, boost::json::object metadata) {
    made.metadata = std::make_shared<const boost::json::object>(std::move(metadata));
    return made;
  }
  /// What the shipped definitions make of it.
  static std::vector<MeterSample> of_notification(const std::string& type, const std::string& payload) {
    auto meters = MeterDefinitions::parse(shipped_file("meters.yaml"));
    EXPECT_TRUE(meters) << describe(meters.error());
    return meters->samples(notification(type, payload)).samples;
  }
  static Traits traits(std::string_view instance, std::string_view host) {
    return {{"instance_id", instance}, {"display_name", "web"}, {"host", host}, {"project_id", "p"}};
  }
  static Event event(std::int64_t seconds, std::string type, std::string_view host) {
    Event made;
    made.id = fmt::format("{}-{}", type, seconds);
    made.type = std::move(type);
    made.time = at(seconds);
    made.traits = traits(kInstance, host);
    return made;
  }
  void take(const std::vector<MeterSample>& samples, const std::vector<Event>& events = {}) {
    const auto taken = keeper->take(samples, events);
    ASSERT_TRUE(taken) << describe(taken.error());
    metrics = *taken;
  }
  catalog::ResourcePtr resource(std::string_view name = kInstance) const {
    return registry->resource(account, catalog::resource_uuid(name, ResourceKeeper::kCreator));
  }
  std::vector<catalog::Resource> past() const {
    std::vector<catalog::Resource> out;
    EXPECT_TRUE(registry->visit_past(account, {.id = resource()->now->id},
                                     [&](catalog::Resource one) { out.push_back(std::move(one)); }));
    return out;
  }
  std::vector<std::string> hosts() const {
    std::vector<std::string> out;
    for (const auto& revision : past()) out.push_back(host(revision));
    out.push_back(host(*resource()->now));
    return out;
  }
  static std::string host(const catalog::Resource& revision) {
    const auto found = revision.attributes.find("host");
    const auto* text =
        found == revision.attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
    return text == nullptr ? "?" : *text;
  }

  TemporaryDirectory directory;
  std::unique_ptr<catalog::Database> database;
  AccountId account{};
  std::unique_ptr<catalog::ResourceRegistry> registry;
  std::optional<ResourceKeeper> keeper;
  std::vector<catalog::MetricPtr> metrics;
};

TEST_F(ResourceKeeperTest, ASampleMakesItsResourceItsMetricAndThePolicy) {
  take({sample(0, "memory"), sample(0, "cpu"), sample(0, "meter.of.nothing")});
  ASSERT_TRUE(resource());
  EXPECT_EQ(resource()->now->type, "instance");
  EXPECT_EQ(resource()->now->project_id, "p");
  EXPECT_EQ(resource()->now->started_at, at(0));
  ASSERT_EQ(metrics.size(), 3U);
  EXPECT_EQ(metrics[0]->metric.policy, "ceilometer-low");
  EXPECT_EQ(metrics[0]->metric.unit, "MB");
  EXPECT_EQ(metrics[1]->metric.policy, "ceilometer-low-rate");
  EXPECT_EQ(metrics[2], nullptr);
  const auto first = metrics[0];
  take({sample(60, "memory")});
  EXPECT_EQ(metrics[0], first);
}

TEST_F(ResourceKeeperTest, AnInstanceIsWhereTheEndOfAnActSaysAndItsPastIsKept) {
  take({sample(0, "memory")}, {event(0, "compute.instance.create.end", "c1")});
  take({}, {event(10, "compute.instance.live_migration.post.dest.end", "c2")});
  take({}, {event(11, "compute.instance.live_migration._post.end", "c1")});
  EXPECT_THAT(hosts(), ElementsAre("c1", "c2"));
  take({}, {event(5, "compute.instance.finish_resize.end", "c9")});  // late
  EXPECT_THAT(hosts(), ElementsAre("c1", "c2"));
}

TEST_F(ResourceKeeperTest, AnInstanceFollowsEveryChangeOfHostWhateverTheOrderOfArrival) {
  std::vector<Event> events{event(0, "compute.instance.create.end", "c1"),
                            event(10, "compute.instance.live_migration.post.dest.end", "c2"),
                            event(11, "compute.instance.live_migration._post.end", "c1"),
                            event(20, "compute.instance.resize.revert.end", "c3"),
                            event(30, "compute.instance.rebuild.end", "c4")};  // an evacuation
  std::ranges::sort(events, {}, &Event::id);
  for (int order = 0; std::ranges::next_permutation(events, {}, &Event::id).found; ++order) {
    const std::string instance = fmt::format("11111111-2222-4333-8444-{:012}", order);
    for (Event one : events) {
      one.traits = traits(instance, trait(one, "host"));
      take({}, {one});
    }
    ASSERT_EQ(host(*resource(instance)->now), "c4");
    ASSERT_FALSE(resource(instance)->now->ended_at);
  }
}

TEST_F(ResourceKeeperTest, WhatNotificationsCarryMovesNoInstance) {
  take({}, {event(0, "compute.instance.create.end", "c1")});
  take({}, {event(10, "compute.instance.live_migration.post.dest.end", "c2")});
  auto of_source = of_notification(
      "compute.instance.live_migration._post.end",
      fmt::format(R"({{"instance_id": "{}", "host": "c1", "memory_mb": 512, "vcpus": 1}})", kInstance));
  ASSERT_EQ(of_source.size(), 2U);
  for (MeterSample& one : of_source) one.timestamp = at(11);
  take(of_source);
  EXPECT_THAT(hosts(), ElementsAre("c1", "c2"));
  // What is polled of it in the same batch does.
  of_source.push_back(with(sample(12, "cpu"), {{"instance_host", "c3"}}));
  take(of_source);
  EXPECT_THAT(hosts(), ElementsAre("c1", "c2", "c3"));
}

TEST_F(ResourceKeeperTest, WhatNoEventMakesIsKnownByWhatNotificationsCarry) {
  take(of_notification("share.create.end", R"({"share_id": "s", "size": 2, "name": "home", "host": "m1"})"));
  ASSERT_TRUE(resource("s"));
  EXPECT_EQ(host(*resource("s")->now), "m1");
}

TEST_F(ResourceKeeperTest, WhatIsToldAfterTheEndDoesNotBringItBack) {
  take({}, {event(9, "compute.instance.delete.start", "c1")});
  take({sample(2, "memory")});
  EXPECT_EQ(resource()->now->ended_at, at(9));
  take({}, {event(1, "compute.instance.create.end", "c1")});
  EXPECT_EQ(resource()->now->ended_at, at(9));
}

TEST_F(ResourceKeeperTest, AWholeLifeInOneBatchEndsWithItsEndAndTakesItsDisksAlong) {
  const auto disk = with(sample(1, "disk.device.read.bytes", std::string(kInstance) + "-vda"),
                         {{"disk_name", "vda"}, {"instance_id", kInstance}});
  take({disk});
  take({sample(2, "memory")},
       {event(2, "compute.instance.create.end", "c1"), event(9, "compute.instance.delete.start", "c1")});
  EXPECT_EQ(resource()->now->ended_at, at(9));
  EXPECT_EQ(resource(std::string(kInstance) + "-vda")->now->ended_at, at(9));
  take({sample(10, "memory")}, {event(9, "compute.instance.delete.start", "c1")});
  EXPECT_EQ(past().size(), 1U);
}

TEST_F(ResourceKeeperTest, ADiskThatIsFirstSeenInTheBatchOfTheEndEndsToo) {
  const auto disk = with(sample(1, "disk.device.read.bytes", std::string(kInstance) + "-vdb"),
                         {{"disk_name", "vdb"}, {"instance_id", kInstance}});
  take({sample(1, "memory")});
  take({disk}, {event(9, "compute.instance.delete.start", "c1")});
  EXPECT_EQ(resource(std::string(kInstance) + "-vdb")->now->ended_at, at(9));
}

TEST_F(ResourceKeeperTest, MetadataOfPolledSamplesIsKeptWhenItChanges) {
  take({with(sample(0, "cpu"), {{"instance_host", "c1"}, {"display_name", "web"}})});
  take({with(sample(60, "cpu"), {{"instance_host", "c1"}, {"display_name", "web"}})});
  take({with(sample(120, "cpu"), {{"instance_host", "c2"}, {"display_name", "web"}})});
  EXPECT_THAT(hosts(), ElementsAre("c1", "c2"));
}

TEST_F(ResourceKeeperTest, AnEndOfWhatIsNotKnownIsNothing) {
  take({}, {event(9, "compute.instance.delete.start", "c1")});
  EXPECT_FALSE(resource());
}

TEST_F(ResourceKeeperTest, AMetricThatSomebodyDeletedIsMadeAgain) {
  take({sample(0, "memory")});
  const auto before = metrics[0]->metric.id;
  ASSERT_TRUE(
      registry->edit(account, [&](catalog::ResourceEdit& edit) { return edit.remove_metric(before); }));
  take({sample(60, "memory")});
  EXPECT_NE(metrics[0]->metric.id, before);
}

TEST(ResourceKindsTest, CeilometersOwnFormIsReadAndMistakesAreNamed) {
  const auto kinds = ResourceKinds::parse(R"(
archive_policy_default: p
archive_policies:
  - name: p
    back_window: 2
    definition: [{granularity: 5 minutes, timespan: 1 hour}, {granularity: 60, points: 10}]
resources:
  - resource_type: vm
    metrics: {cpu: , "cpu.*": {archive_policy_name: q}}
    event_delete: vm.gone
    event_create: [vm.made, vm.born]
    event_attributes: {id: vm_id}
    event_associated_resources: {disk: '{"=": {"instance_id": "%s"}}'}
)");
  ASSERT_TRUE(kinds) << describe(kinds.error());
  EXPECT_EQ(kinds->policies()[0].roll_ups[0], (catalog::RollUp{5min, 12}));
  EXPECT_EQ(kinds->policies()[0].roll_ups[1], (catalog::RollUp{60s, 10}));
  std::string policy;
  ASSERT_NE(kinds->of("cpu.delta", policy), nullptr);
  EXPECT_EQ(policy, "q");
  EXPECT_EQ(kinds->of("memory", policy), nullptr);
  EXPECT_EQ(kinds->of_event("vm.born")[0].second, ResourceAct::create);
  EXPECT_EQ(kinds->of_event("vm.gone")[0].first->associated[0].second, "instance_id");
  const auto error = [](const std::string& yaml) {
    const auto parsed = ResourceKinds::parse(yaml);
    return parsed ? std::string() : describe(parsed.error());
  };
  EXPECT_THAT(error("archive_policies: [{name: p}]\nresources: []"), HasSubstr("definition"));
  EXPECT_THAT(error("archive_policies: [{name: p, definition: [{granularity: soon}]}]\nresources: []"),
              HasSubstr("soon"));
  EXPECT_THAT(error("resources: [{resource_type: a, attribute_types: {b: colour}}]"),
              HasSubstr("attribute_types"));
}

}  // namespace
}  // namespace sentinella::telemetry
