#include "telemetry/event_definitions.h"

#include <set>

#include <gmock/gmock.h>

#include "telemetry/shipped_files.h"
#include "telemetry/telemetry_testing.h"

namespace sentinella::telemetry {
namespace {

using testing::HasSubstr;

EventDefinitions definitions(const std::string& yaml, Unmatched unmatched = Unmatched::keep) {
  auto parsed = EventDefinitions::parse(yaml, unmatched);
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return *std::move(parsed);
}

EventDefinitions shipped() {
  return definitions(std::string(shipped_file("event_definitions.yaml")));
}

/// The trait's text, with its type's number behind a slash; "" without it.
std::string trait_of(const Event& event, std::string_view name) {
  for (const TypedTrait& trait : typed_traits(event))
    if (trait.name == name) return fmt::format("{}/{}", trait.value, static_cast<int>(trait.type));
  return "";
}

TEST(EventDefinitions, TraitsAreTyped) {
  auto made = definitions(
      "- {event_type: t, traits: {a: {fields: payload.a, type: int}, b: {fields: payload.b, type: float}, "
      "c: {fields: payload.c, type: datetime}, d: {fields: payload.d}}}");
  const auto event = made.convert(
      notification("t", R"({"a":"42","b":"1.5","c":"2026-11-21 10:05:17+00:00","d":[1,{"x":2}]})"));
  ASSERT_TRUE(event);
  EXPECT_EQ(trait_of(*event, "a"), "42/2");
  EXPECT_EQ(trait_of(*event, "b"), "1.5/3");
  EXPECT_EQ(trait_of(*event, "c"), "2026-11-21T10:05:17.000Z/4");
  EXPECT_EQ(trait_of(*event, "d"), R"([1,{"x":2}]/1)");
}

TEST(EventDefinitions, ATraitWithoutAFittingValueIsLeftOut) {
  auto made = definitions(
      "- {event_type: t, traits: {a: {fields: payload.a, type: int}, b: {fields: payload.b, type: datetime}, "
      "c: {fields: payload.c}}}");
  const auto event = made.convert(notification("t", R"({"a":"","b":"soon","c":""})"));
  EXPECT_EQ(trait_of(*event, "a"), "");
  EXPECT_EQ(trait_of(*event, "b"), "");
  EXPECT_EQ(trait_of(*event, "c"), "/1");
}

TEST(EventDefinitions, LongTextIsCutAtACharacter) {
  auto made = definitions("- {event_type: t, traits: {a: {fields: payload.a}}}");
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "ä";
  const auto event = made.convert(notification("t", R"({"a":")" + umlauts + "\"}"));
  EXPECT_EQ(trait_of(*event, "a"), umlauts.substr(0, 510) + "/1");
}

TEST(EventDefinitions, EveryEventHasTheDefaultTraits) {
  auto made = definitions("[]");
  const auto event = made.convert(notification("anything", R"({"tenant_id":"t-1"})"));
  ASSERT_TRUE(event);
  EXPECT_EQ(trait_of(*event, "service"), "compute.compute1/1");
  EXPECT_EQ(trait_of(*event, "request_id"), "req-1/1");
  EXPECT_EQ(trait_of(*event, "project_id"), "t-1/1");
  EXPECT_EQ(trait_of(*event, "tenant_id"), "t-1/1");
  EXPECT_EQ(trait_of(*event, "user_id"), "user-1/1");
}

TEST(EventDefinitions, TheLastThatMatchesHoldsAndExclusionsCount) {
  auto made = definitions(
      "- {event_type: a.*, traits: {x: {fields: \"'general'\"}}}\n"
      "- {event_type: [a.b.*, '!a.b.c'], traits: {x: {fields: \"'special'\"}}}\n"
      "- {event_type: '!a.*', traits: {x: {fields: \"'others'\"}}}\n");
  const auto x = [&](const std::string& type) {
    return trait_of(*made.convert(notification(type, "{}")), "x");
  };
  EXPECT_EQ(x("a.z"), "general/1");
  EXPECT_EQ(x("a.b.d"), "special/1");
  EXPECT_EQ(x("a.b.c"), "general/1");
  EXPECT_EQ(x("q"), "others/1");
}

TEST(EventDefinitions, UnmatchedEventsMayBeDropped) {
  auto made = definitions("- {event_type: a, traits: {}}", Unmatched::drop);
  EXPECT_TRUE(made.convert(notification("a", "{}")));
  EXPECT_FALSE(made.convert(notification("b", "{}")));
}

TEST(EventDefinitions, AWrongDefinitionIsNamed) {
  const auto why = [](const char* yaml) {
    const auto parsed = EventDefinitions::parse(yaml, Unmatched::keep);
    return parsed ? "nothing" : describe(parsed.error());
  };
  EXPECT_THAT(why("- {traits: {}}"), HasSubstr("definition 1: event_type: is missing"));
  EXPECT_THAT(why("- {event_type: a, traits: {x: {fields: a, type: bool}}}"), HasSubstr("the trait x"));
  EXPECT_THAT(why("- {event_type: a, traits: {x: {fields: 'a['}}}"), HasSubstr("the trait x"));
  EXPECT_THAT(why("a: b"), HasSubstr("list"));
}

/// The recording has 104 types of events; each gets at least a resource beside the default traits.
TEST(EventDefinitions, EveryRecordedTypeBecomesAnEventThatNamesItsResource) {
  auto made = shipped();
  std::set<std::string> types;
  for (const std::string& body : recorded_bodies()) {
    const auto parsed = *parse_notification(body);
    const auto event = made.convert(parsed);
    ASSERT_TRUE(event) << parsed.event_type;
    EXPECT_GE(event->traits.size(), 3u) << parsed.event_type;
    const bool nowhere = parsed.event_type == "get_host_uptime" || parsed.event_type == "compute.exception" ||
                         parsed.event_type == "telemetry.polling";
    if (!nowhere) {
      EXPECT_NE(trait_of(*event, "resource_id"), "") << parsed.event_type;
    }
    types.insert(parsed.event_type);
  }
  EXPECT_EQ(types.size(), 104u);
}

TEST(EventDefinitions, LegacyAndVersionedNotificationsOfAnInstanceTellTheSame) {
  auto made = shipped();
  std::map<std::string, Event> by_type;
  for (const std::string& body : recorded_bodies()) {
    auto event = *made.convert(*parse_notification(body));
    by_type.try_emplace(event.type, event);
  }
  const Event& legacy = by_type.at("compute.instance.live_migration.post.dest.end");
  const Event& versioned = by_type.at("instance.live_migration_post_dest.end");
  for (const char* name : {"instance_id", "host", "flavor_name", "memory_mb", "vcpus", "project_id", "state",
                           "display_name", "image_ref"})
    EXPECT_EQ(trait_of(legacy, name), trait_of(versioned, name)) << name;
  EXPECT_EQ(trait_of(legacy, "host"), "compute2/1");
  EXPECT_EQ(trait_of(legacy, "memory_mb"), "512/2");
  EXPECT_EQ(trait_of(legacy, "service"), "compute/1");
  EXPECT_EQ(trait_of(versioned, "service"), "nova-compute/1");
}

TEST(EventDefinitions, TheTypesOfTheOldClouds) {
  auto made = shipped();
  for (const auto& [type, payload] : std::map<std::string, std::string>{
           {"scheduler.run_instance.scheduled", R"({"instance_id":"i","weighted_host":{"host":"h"}})"},
           {"image.send", R"({"image_id":"i","bytes_sent":5,"destination_ip":"10.0.0.1"})"},
           {"volume.create.end", R"({"volume_id":"i","size":1})"},
           {"snapshot.create.end", R"({"snapshot_id":"i","volume_size":1})"},
           {"floatingip.create.end", R"({"floatingip":{"id":"i","tenant_id":"t"}})"},
           {"router.create.end", R"({"router":{"id":"i","tenant_id":"t"}})"},
           {"orchestration.stack.create.end", R"({"stack_identity":"i","stack_name":"s"})"},
           {"trove.instance.create", R"({"instance_id":"i"})"}})
    EXPECT_EQ(trait_of(*made.convert(notification(type, payload)), "resource_id"), "i/1") << type;
}

}  // namespace
}  // namespace sentinella::telemetry
