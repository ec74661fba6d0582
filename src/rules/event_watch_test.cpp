#include "rules/rules_fixture.h"

namespace sentinella::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kFailedBoots = R"(
sentinella_rules:
  - id: boots-fail
    kind: event
    event: BootFailed
    severity: major
    match: {type: ["compute.instance.create.error", "!compute.instance.create.end"], traits: ["vcpus>=2"]}
    clear_match: {type: compute.instance.create.end}
    quiet: 15m
)";

class EventWatchTest : public RulesTest {
 protected:
  Event event(std::int64_t ms, const std::string& type, const std::string& resource,
              const std::string& vcpus = "4", bool typed = true) {
    Event out;
    out.id = fmt::format("{}", ms);
    out.type = type;
    out.time = at(ms);
    out.host = "compute1";
    out.service = "nova-compute";
    out.summary = "instance web could not be created";
    out.traits = {{"resource_id", resource}, {"vcpus", vcpus}, {"request_id", "req-1"}};
    if (typed) out.traits.add(kTraitTypes, "vcpus=integer");
    return out;
  }
  void tell(std::int64_t ms, Event one) {
    Batch b = batch(ms);
    b.events.push_back(std::move(one));
    take(ms, b);
  }
};

TEST_F(EventWatchTest, OneEventIsAnAlertAboutItsResourceWithTheEventAsEvidence) {
  use(kFailedBoots);
  tell(1000, event(900, "compute.instance.create.error", "vm1"));
  EXPECT_THAT(said(), ElementsAre("firing BootFailed vm1 major"));
  ASSERT_EQ(signals.back().evidence.size(), 1U);
  EXPECT_THAT(signals.back().evidence[0].text, HasSubstr("could not be created"));
  EXPECT_EQ(signals.back().evidence[0].request_id, "req-1");
}

TEST_F(EventWatchTest, OtherTypesAndOtherTraitsAreNothing) {
  use(kFailedBoots);
  tell(1000, event(1000, "compute.instance.create.start", "vm1"));
  tell(2000, event(2000, "compute.instance.create.error", "vm1", "1"));
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(EventWatchTest, TraitsAreComparedByTheirTypes) {
  use(R"(
sentinella_rules:
  - id: sizes
    kind: event
    event: Sized
    severity: major
    match: {type: "*", traits: ["vcpus=4.0", "vcpus!=04.5", "vcpus<10"]}
)");
  tell(1000, event(1000, "t", "as-text-it-is-another", "4"));
  tell(2000, event(2000, "t", "larger", "16"));
  tell(3000, event(3000, "t", "says-no-type", "4", /*typed=*/false));
  EXPECT_THAT(said(), ElementsAre("firing Sized as-text-it-is-another major"));
}

TEST_F(EventWatchTest, MoreOfTheSameRepeatAndSilenceEndsIt) {
  use(kFailedBoots);
  tell(1000, event(1000, "compute.instance.create.error", "vm1"));
  tell(61'000, event(61'000, "compute.instance.create.error", "vm1"));
  EXPECT_THAT(said(), ElementsAre("firing BootFailed vm1 major", "repeated BootFailed vm1 major"));
  tick_until(15 * 60'000 + 60'000);
  EXPECT_THAT(said(), IsEmpty());
  tick_until(15 * 60'000 + 62'000);
  EXPECT_THAT(said(), ElementsAre("resolved BootFailed vm1 normal"));
}

TEST_F(EventWatchTest, WhatClearsItEndsItForTheSameResourceOnly) {
  use(kFailedBoots);
  tell(1000, event(1000, "compute.instance.create.error", "vm1"));
  tell(2000, event(2000, "compute.instance.create.error", "vm2"));
  said();
  tell(3000, event(3000, "compute.instance.create.end", "vm2"));
  EXPECT_THAT(said(), ElementsAre("resolved BootFailed vm2 normal"));
}

TEST_F(EventWatchTest, SoManyWithinAWindowCountByTheirOwnTimes) {
  use(R"(
sentinella_rules:
  - {id: storms, kind: event, event: MigrationStorm, match: {type: "*.live_migration.*"}, by: [host],
     count: {n: 3, window: 1m}}
)");
  tell(1000, event(1000, "compute.instance.live_migration.pre.start", "a"));
  tell(2000, event(2000, "compute.instance.live_migration.pre.start", "b"));
  tell(90'000, event(90'000, "compute.instance.live_migration.pre.start", "c"));
  EXPECT_THAT(said(), IsEmpty());
  tell(91'000, event(91'000, "compute.instance.live_migration.pre.start", "d"));
  tell(92'000, event(92'000, "compute.instance.live_migration.pre.start", "e"));
  EXPECT_THAT(said(), ElementsAre("firing MigrationStorm compute1 critical"));
  EXPECT_EQ(signals.back().host, "compute1");
  EXPECT_EQ(signals.back().evidence.size(), 5U);
}

TEST_F(EventWatchTest, ARestartForgetsNothing) {
  use(kFailedBoots);
  tell(1000, event(1000, "compute.instance.create.error", "vm1"));
  said();
  const auto states = engine->take_dirty_states();
  engine = make_rule_engine(names.lookup());
  engine->restore(states);
  engine->set_rules(kAccount, rules, now);
  tell(2000, event(2000, "compute.instance.create.error", "vm1"));
  EXPECT_THAT(said(), ElementsAre("repeated BootFailed vm1 major"));
  engine->set_rules(kAccount, {}, now);
}

TEST_F(EventWatchTest, ARuleThatIsDeletedEndsWhatItFired) {
  use(kFailedBoots);
  tell(1000, event(1000, "compute.instance.create.error", "vm1"));
  said();
  use("sentinella_rules: []");
  EXPECT_THAT(said(), ElementsAre("resolved BootFailed vm1 normal"));
}

TEST(EventRuleTest, MistakesAreNamed) {
  const auto error = [](const std::string& body) {
    const auto file = parse_rule_file("sentinella_rules:\n  - {id: a, kind: event, event: E, " + body + "}");
    return file ? std::string() : file.error().message;
  };
  EXPECT_THAT(error("quiet: 1m"), HasSubstr("this key is required"));
  EXPECT_THAT(error("match: {host: a}"), HasSubstr("every event would match"));
  EXPECT_THAT(error("match: {type: \"!a\"}"), HasSubstr("every event would match"));
  EXPECT_THAT(error("match: {type: a, traits: [vcpus]}"), HasSubstr("NAME OPERATOR VALUE"));
  EXPECT_THAT(error("match: {type: a}, levels: {}"), HasSubstr("unknown key"));
  EXPECT_EQ(error("match: {type: a}"), "");
}

}  // namespace
}  // namespace sentinella::rules
