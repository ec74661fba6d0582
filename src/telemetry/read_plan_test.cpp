#include "telemetry/read_plan.h"

#include <random>

#include <gmock/gmock.h>

#include "telemetry/event_definitions.h"
#include "telemetry/meter_definitions.h"
#include "telemetry/shipped_files.h"
#include "telemetry/telemetry_testing.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;
using testing::IsNull;
using testing::NotNull;

/// What definitions make of a message that is read whole, and of one that is read as they plan it.
class Reading {
 public:
  Reading(std::string_view meters, std::string_view events, WantsMetadata wants_metadata)
      : meters_(*MeterDefinitions::parse(meters)),
        events_(*EventDefinitions::parse(events, Unmatched::keep)),
        wants_metadata_(std::move(wants_metadata)) {}

  std::string whole(const std::string& body) {
    const auto read = parse_notification(body);
    return read ? outcome(*read) : describe(read.error());
  }

  std::string planned(const std::string& body) {
    const auto read = reader_.read(body, [this](std::string_view type) -> const ReadPlan& {
      return plans_.get(type, [&] {
        ReadPlan plan;
        meters_.plan_reading(type, wants_metadata_, plan);
        events_.plan_reading(type, plan);
        return plan;
      });
    });
    return read ? outcome(*read) : describe(read.error());
  }

 private:
  std::string outcome(const Notification& notification) {
    std::string out;
    MadeSamples made = meters_.samples(notification, wants_metadata_);
    for (MeterSample& sample : made.samples) {
      sample.id = "i";
      out += json::serialize(sample_to_wire(sample)) + "\n";
    }
    for (const std::string& skipped : made.skipped) out += skipped + "\n";
    if (const auto event = events_.convert(notification))
      for (const Trait& trait : event->traits) out += fmt::format("{} {}\n", trait.name, trait.value);
    return out;
  }

  MeterDefinitions meters_;
  EventDefinitions events_;
  WantsMetadata wants_metadata_;
  NotificationReader reader_;
  ByEventType<ReadPlan> plans_;
};

/// Writes JSON in which here and there a member is there twice, or its value is of another kind or missing.
class Distorted {
 public:
  explicit Distorted(unsigned seed) : random_(seed) {}

  std::string text(const json::value& value) {
    if (one_in(40)) return other();
    if (const auto* object = value.if_object()) return members(*object, 30);
    const auto* array = value.if_array();
    if (array == nullptr) return json::serialize(value);
    std::string out = "[";
    for (const json::value& element : *array) out += (out.size() > 1 ? "," : "") + text(element);
    return out + "]";
  }

  std::string members(const json::object& object, unsigned seldom) {
    std::string out = "{";
    const auto add = [&](const auto& key, const std::string& value) {
      out += (out.size() > 1 ? "," : "") + json::serialize(json::value(key)) + ":" + value;
    };
    for (const auto& [key, value] : object) {
      if (one_in(seldom)) add(key, text(value));
      if (!one_in(seldom)) add(key, text(value));
      if (one_in(seldom)) add(key, other());
    }
    return out + "}";
  }

 private:
  bool one_in(unsigned seldom) { return random_() % seldom == 0; }
  std::string other() {
    static constexpr const char* kOthers[] = {
        "null",     "5",  "-1.5",        "true", "\"\"",
        "\"text\"", "[]", "[{\"a\":1}]", "{}",   "{\"id\":7,\"name\":\"n\"}"};
    return kOthers[random_() % std::size(kOthers)];
  }

  std::mt19937 random_;
};

json::object inner_of(const std::string& body) {
  const json::value outer = json::parse(body);
  const auto* inner = outer.get_object().if_contains("oslo.message");
  return inner == nullptr ? outer.get_object() : json::parse(inner->get_string()).get_object();
}

/// Paths of every kind, over what the recorded messages have.
constexpr std::string_view kOddMeters = R"(metric:
  - {name: sum, event_type: '.*', type: gauge, unit: B, volume: $.payload.memory_mb * 2 + $.payload.vcpus,
     resource_id: $.payload.(instance_id|id), metadata: {whole: $.payload.image_meta, any: $..state, kept: $.ctxt}}
  - {name: $.payload.state, event_type: '.*', type: gauge, unit: $.payload.missing, volume: 1,
     resource_id: $.payload.instance_id, user_metadata: $.payload.metadata}
  - {name: everything, event_type: 'compute.*', type: delta, unit: x, volume: $.payload.fixed_ips.`len`,
     resource_id: $.publisher_id, timestamp: $.metadata.timestamp}
)";
constexpr std::string_view kOddEvents = R"(
- event_type: '*'
  traits:
    all: {fields: $.*}
    payload: {fields: payload}
    context: {fields: $.ctxt.*}
    addresses: {fields: ["payload.fixed_ips[*].address", "payload.fixed_ips[0].label"]}
    filtered: {fields: "payload.fixed_ips[?version = 4].type"}
    deep: {fields: payload.image_meta.base_image_ref}
    meta: {fields: payload.image_meta}
    when: {type: datetime, fields: metadata.timestamp}
    bits: {fields: payload.state, plugin: {name: bitfield, parameters: {flags: [{path: payload.host, bit: 2}]}}}
    mapped: {fields: [payload.nothing, payload.state], plugin: {name: map, parameters: {values: {active: yes}}}}
)";

class ReadAsPlanned : public testing::TestWithParam<bool> {
 protected:
  Reading reading() const {
    if (GetParam()) return {kOddMeters, kOddEvents, MeterDefinitions::everybody};
    const auto some = [](const std::string& meter) { return meter == "vcpus" || meter == "image.size"; };
    return {shipped_file("meters.yaml"), shipped_file("event_definitions.yaml"), some};
  }
};

TEST_P(ReadAsPlanned, RecordedMessagesGiveTheSameAsReadWhole) {
  Reading reading = this->reading();
  for (const std::string& body : recorded_bodies()) ASSERT_EQ(reading.planned(body), reading.whole(body));
}

TEST_P(ReadAsPlanned, DistortedMessagesGiveTheSameAsReadWhole) {
  Reading reading = this->reading();
  unsigned seed = 0;
  std::size_t read = 0;
  for (const std::string& body : recorded_bodies()) {
    const json::object inner = inner_of(body);
    for (int round = 0; round < 4; ++round) {
      const std::string distorted = envelope(Distorted(++seed).members(inner, 60));
      ASSERT_EQ(reading.planned(distorted), reading.whole(distorted)) << distorted;
      read += parse_notification(distorted).has_value();
    }
  }
  EXPECT_GT(read, recorded_bodies().size());
}

INSTANTIATE_TEST_SUITE_P(Definitions, ReadAsPlanned, testing::Bool(),
                         [](const auto& one) { return one.param ? "Odd" : "Shipped"; });

TEST(ReadPlan, OnlyWhatIsPlannedIsRead) {
  const auto size = *JsonPath::compile("$.payload.flavor.size"), ips = *JsonPath::compile("$.payload.ips[0]");
  ReadPlan plan;
  size.plan_reading(plan);
  ips.plan_reading(plan);
  NotificationReader reader;
  const auto read =
      reader.read(inner_message("x", R"({"flavor":{"size":3,"other":4},"ips":["a","b"],"big":[1,2,3]})"),
                  [&](std::string_view) -> const ReadPlan& { return plan; });
  ASSERT_TRUE(read) << describe(read.error());
  EXPECT_EQ(json::serialize(read->payload()), R"({"ips":["a","b"]})");
  EXPECT_THAT(json::serialize(read->values), testing::Not(testing::HasSubstr("4")));
  EXPECT_EQ(read->context("user_id"), "");
  Found found;
  ASSERT_THAT(size.first(read->source(), found), NotNull());
  EXPECT_EQ(*size.first(read->source(), found), 3);
  EXPECT_EQ(*ips.first(read->source(), found), "a");
}

TEST(ReadPlan, WhatAnEarlierMemberOfTheSameNameHeldIsForgotten) {
  const auto size = *JsonPath::compile("payload.flavor.size");
  ReadPlan plan;
  size.plan_reading(plan);
  NotificationReader reader;
  for (const char* payload :
       {R"({"flavor":{"size":3},"flavor":{"name":"n"}})", R"({"flavor":{"size":3},"flavor":7})"}) {
    const auto read =
        reader.read(inner_message("x", payload), [&](std::string_view) -> const ReadPlan& { return plan; });
    ASSERT_TRUE(read);
    Found found;
    EXPECT_THAT(size.first(read->source(), found), IsNull()) << payload;
  }
}

TEST(ReadPlan, ATypeThatIsRefusedIsNotAskedFor) {
  NotificationReader reader;
  const ReadPlan plan;
  int asked = 0;
  const auto plan_of = [&](std::string_view) -> const ReadPlan& { return ++asked, plan; };
  EXPECT_FALSE(reader.read(inner_message(std::string(256, 'x'), "{}"), plan_of));
  EXPECT_FALSE(reader.read("{}", plan_of));
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(reader.read(inner_message(std::string(255, 'x'), "{}"), plan_of));
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace sentinella::telemetry
