#include "events/instance_story.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "events/change_filter.h"
#include "events/trait_condition.h"

namespace sentinella::events {
namespace {

using testing::ElementsAre;

Event event(std::int64_t second, const std::string& type, const std::string& host,
            const std::vector<Trait>& more = {}) {
  Event made;
  made.id = type + std::to_string(second);
  made.type = type;
  made.time = Time{second * 1'000'000'000};
  made.origin = "openstack";
  made.traits = {{"resource_id", "i"}, {"host", host}, {"display_name", "web"}, {"state", "active"}};
  for (const Trait& one : more) made.traits.add(one);
  return made;
}

std::vector<std::string> acts(const InstanceStory& story) {
  std::vector<std::string> out;
  for (const Chapter& chapter : story.chapters) out.push_back(chapter.text);
  return out;
}

/// The three messages that a live migration from ndc27-3205 to ndc27-3222 gave, in their order.
TEST(InstanceStory, AfterALiveMigrationTheInstanceIsOnTheDestination) {
  const auto story =
      tell_story("i", {event(0, "compute.instance.create.end", "ndc27-3205"),
                       event(10, "compute.instance.live_migration.post.dest.start", "ndc27-3222"),
                       event(11, "compute.instance.live_migration.post.dest.end", "ndc27-3222"),
                       event(12, "compute.instance.live_migration._post.end", "ndc27-3205")});
  EXPECT_EQ(story.host, "ndc27-3222");
  EXPECT_THAT(acts(story),
              ElementsAre("created on ndc27-3205", "live-migrated from ndc27-3205 to ndc27-3222"));
}

TEST(InstanceStory, TheOrderOfArrivalDoesNotMatter) {
  const auto story = tell_story("i", {event(12, "compute.instance.live_migration._post.end", "a"),
                                      event(11, "compute.instance.live_migration.post.dest.end", "b"),
                                      event(0, "compute.instance.create.end", "a")});
  EXPECT_EQ(story.host, "b");
}

TEST(InstanceStory, NovasTwoFormsOfOneActAreOneChapter) {
  const std::vector<Trait> request{{"request_id", "req-1"}};
  const auto story =
      tell_story("i", {event(0, "compute.instance.create.end", "a"), event(0, "instance.create.end", "a"),
                       event(5, "compute.instance.live_migration.post.dest.end", "b", request),
                       event(5, "instance.live_migration_post_dest.end", "b", request),
                       event(9, "compute.instance.finish_resize.end", "a", {{"request_id", "req-2"}}),
                       event(9, "instance.resize_finish.end", "a", {{"request_id", "req-2"}})});
  EXPECT_EQ(story.chapters.size(), 4u);  // the two creations name no request
  EXPECT_EQ(story.host, "a");
}

TEST(InstanceStory, ARebuildOnAnotherHostIsAnEvacuation) {
  const auto story = tell_story(
      "i", {event(0, "compute.instance.create.end", "a"), event(5, "compute.instance.rebuild.end", "b"),
            event(6, "compute.instance.rebuild.end", "b")});
  EXPECT_THAT(acts(story), ElementsAre("created on a", "evacuated from a to b", "rebuilt"));
}

TEST(InstanceStory, AnEvacuationIsToldOnceByNovasTwoForms) {
  const std::vector<Trait> request{{"request_id", "req-1"}};
  const auto story = tell_story("i", {event(0, "compute.instance.create.end", "a"),
                                      event(5, "compute.instance.rebuild.end", "b", request),
                                      event(5, "instance.rebuild.end", "b", request)});
  EXPECT_THAT(acts(story), ElementsAre("created on a", "evacuated from a to b"));
}

/// What the API says of it (where it was), what the new host says, and what both say too late.
TEST(InstanceStory, AnEvacuationIsUnderstoodWhateverTheOrderOfArrivalAndTheClocks) {
  std::vector<Event> events{event(10, "compute.instance.evacuate", "a"), event(11, "instance.evacuate", "a"),
                            event(12, "compute.instance.rebuild.start", "a"),
                            event(15, "compute.instance.rebuild.end", "b"),
                            event(16, "compute.instance.evacuate", "a")};  // of an API whose clock is ahead
  std::ranges::sort(events, {}, &Event::id);
  do {
    const auto story = tell_story("i", events);
    ASSERT_EQ(story.host, "b");
    ASSERT_THAT(acts(story), ElementsAre("evacuated from a to b"));
  } while (std::ranges::next_permutation(events, {}, &Event::id).found);
}

TEST(InstanceStory, EveryChangeOfHostIsFollowedWhateverTheOrderOfArrival) {
  std::vector<Event> events{event(0, "compute.instance.create.end", "a"),
                            event(10, "compute.instance.live_migration.post.dest.end", "b"),
                            event(11, "compute.instance.live_migration._post.end", "a"),
                            event(20, "compute.instance.finish_resize.end", "c"),
                            event(30, "compute.instance.resize.revert.end", "b"),
                            event(40, "compute.instance.rebuild.end", "d")};
  std::ranges::sort(events, {}, &Event::id);
  do {
    const auto story = tell_story("i", events);
    ASSERT_THAT(acts(story), ElementsAre("created on a", "live-migrated from a to b", "resized from b to c",
                                         "resize reverted from c to b", "evacuated from b to d"));
  } while (std::ranges::next_permutation(events, {}, &Event::id).found);
}

TEST(InstanceStory, AFailedEvacuationMovesNothing) {
  const auto story = tell_story(
      "i", {event(0, "compute.instance.create.end", "a"), event(9, "compute.instance.rebuild.error", "b")});
  EXPECT_EQ(story.host, "a");
  EXPECT_TRUE(story.chapters.back().failed);
}

TEST(InstanceStory, SaysWhoAskedAndWhatFailed) {
  const auto story = tell_story(
      "i",
      {event(0, "compute_task.build_instances", "", {{"reason", "No valid host was found.\nTraceback"}}),
       event(5, "compute.instance.delete.end", "", {{"acting_user_id", "admin"}, {"user_id", "owner"}})});
  ASSERT_EQ(story.chapters.size(), 2u);
  EXPECT_TRUE(story.chapters[0].failed);
  EXPECT_EQ(story.chapters[0].text, "failed to be created: No valid host was found.");
  EXPECT_EQ(story.chapters[1].user_id, "admin");
  EXPECT_EQ(story.deleted, Time{5'000'000'000});
  EXPECT_EQ(story.host, "");
}

TEST(ChangeFilter, ShowsEndsAndFailuresOfActs) {
  for (const char* type : {"compute.instance.create.end", "compute.instance.live_migration.post.dest.end",
                           "compute.instance.delete.end", "network.create.end", "image.activate",
                           "identity.user.deleted", "compute.exception", "compute.instance.create.error"})
    EXPECT_TRUE(is_change(event(0, type, ""))) << type;
  for (const char* type : {"compute.instance.create.start", "compute.instance.update", "instance.create.end",
                           "compute.instance.live_migration._post.end", "identity.authenticate",
                           "scheduler.select_destinations.end", "telemetry.polling", "port.update.end"})
    EXPECT_FALSE(is_change(event(0, type, ""))) << type;
  Event deploy = event(0, "deploy.start", "");
  deploy.origin = "api";
  EXPECT_TRUE(is_change(deploy));
}

TEST(TraitCondition, ComparesByType) {
  Event made = event(0, "t", "h", {{"vcpus", "10"}, {"at", "2026-11-21T10:00:00.000Z"}, {"kind", "x"}});
  using Op = TraitCondition::Op;
  const auto holds = [&](const char* name, Op op, const char* value, TraitType type) {
    return fits({name, op, value, type}, made);
  };
  EXPECT_TRUE(holds("vcpus", Op::greater, "9", TraitType::integer));
  EXPECT_FALSE(holds("vcpus", Op::greater, "9", TraitType::text));
  EXPECT_TRUE(holds("vcpus", Op::less_equal, "10.0", TraitType::real));
  EXPECT_TRUE(holds("at", Op::less, "2026-11-21 10:00:01", TraitType::datetime));
  EXPECT_TRUE(holds("at", Op::greater_equal, "2026-11-21", TraitType::datetime));
  EXPECT_TRUE(holds("kind", Op::not_equal, "y", TraitType::text));
  EXPECT_FALSE(holds("kind", Op::less, "5", TraitType::integer));
  EXPECT_FALSE(holds("nothing", Op::not_equal, "y", TraitType::text));
  EXPECT_FALSE(check({"vcpus", Op::equal, "many", TraitType::integer}));
  EXPECT_FALSE(check({"at", Op::equal, "soon", TraitType::datetime}));
}

}  // namespace
}  // namespace sentinella::events
