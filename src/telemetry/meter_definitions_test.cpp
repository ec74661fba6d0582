#include "telemetry/meter_definitions.h"

#include <gmock/gmock.h>

#include "telemetry/datetime.h"
#include "telemetry/message_signature.h"
#include "telemetry/shipped_files.h"
#include "telemetry/telemetry_testing.h"
#include "telemetry/type_pattern.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

MeterDefinitions definitions(const std::string& yaml) {
  auto parsed = MeterDefinitions::parse(yaml);
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return *std::move(parsed);
}

/// One definition with the required fields; `more` is added, in flow style.
MeterDefinitions one(const std::string& more) {
  return definitions("metric: [{event_type: 't.*', type: gauge, resource_id: $.payload.id, " + more + "}]");
}

TEST(MeterDefinitions, TakesVolumeOwnersAndTimeFromThePayload) {
  auto made =
      one("name: size, unit: GB, volume: $.payload.size, user_id: $.payload.owner, timestamp: $.payload.at, "
          "metadata: {name: $.payload.name, fixed: $.payload.nothing}");
  const auto out = made.samples(
      notification("t.end", R"({"id":"r","size":3,"owner":"me","name":"n","at":"2026-05-06T07:08:09"})"));
  ASSERT_THAT(out.samples, SizeIs(1));
  const MeterSample& sample = out.samples[0];
  EXPECT_EQ(sample.name, "size");
  EXPECT_EQ(sample.unit, "GB");
  EXPECT_EQ(sample.volume, 3);
  EXPECT_EQ(sample.resource_id, "r");
  EXPECT_EQ(sample.user_id, "me");
  EXPECT_EQ(sample.project_id, "project-1");  // the context's
  EXPECT_EQ(to_rfc3339(sample.timestamp), "2026-05-06T07:08:09.000Z");
  EXPECT_EQ(json::serialize(sample.resource_metadata()), R"({"name":"n"})");
  EXPECT_TRUE(sample.from_notification);
  EXPECT_EQ(sample.event_type, "t.end");  // by which publishers tell who knows where an instance is
}

TEST(MeterDefinitions, WithoutMetadataTheWholePayloadIsIt) {
  auto made = one("name: size, unit: GB, volume: 1");
  const auto out = made.samples(notification("t.end", R"({"id":"r","k":[1]})"));
  ASSERT_THAT(out.samples, SizeIs(1));
  EXPECT_EQ(json::serialize(out.samples[0].resource_metadata()),
            R"({"id":"r","k":[1],"event_type":"t.end","host":"compute.compute1"})");
}

TEST(MeterDefinitions, UserMetadataIsWhatIsMarkedForMetering) {
  auto made = one("name: size, unit: GB, volume: 1, metadata: {}, user_metadata: $.payload.metadata");
  const auto out = made.samples(
      notification("t.end", R"({"id":"r","metadata":{"metering.stack.a":"x","other":"y","metering.n":5}})"));
  EXPECT_EQ(json::serialize(out.samples.at(0).resource_metadata()),
            R"({"user_metadata":{"stack_a":"x","n":"5"}})");
}

TEST(MeterDefinitions, LookupMakesAsManySamplesAsThereAreNames) {
  auto fits =
      one("name: '$.payload.m[*].n', unit: '$.payload.m[*].u', volume: '$.payload.m[*].v', "
          "lookup: [name, unit, volume]");
  const auto two = fits.samples(
      notification("t.x", R"({"id":"r","m":[{"n":"a","u":"B","v":1},{"n":"b","u":"s","v":2.5}]})"));
  ASSERT_THAT(two.samples, SizeIs(2));
  EXPECT_EQ(two.samples[1].name, "b");
  EXPECT_EQ(two.samples[1].unit, "s");
  EXPECT_EQ(two.samples[1].volume, 2.5);
  const auto uneven =
      fits.samples(notification("t.x", R"({"id":"r","m":[{"n":"a","u":"B","v":1},{"n":"b","u":"s"}]})"));
  EXPECT_THAT(uneven.samples, IsEmpty());
  EXPECT_THAT(uneven.skipped, ElementsAre(HasSubstr("1 values of volume, but 2 names")));
}

TEST(MeterDefinitions, AVolumeThatIsNoNumberGivesNoSample) {
  auto made = one("name: size, unit: GB, volume: $.payload.size");
  EXPECT_THAT(made.samples(notification("t.a", R"({"id":"r"})")).samples, IsEmpty());
  const auto out = made.samples(notification("t.a", R"({"id":"r","size":"big"})"));
  EXPECT_THAT(out.samples, IsEmpty());
  EXPECT_THAT(out.skipped, ElementsAre(HasSubstr("not a number")));
}

TEST(MeterDefinitions, TheLaterOfTwoWithOneNameHoldsWithinAFileAndTheEarlierFileAmongFiles) {
  const std::string head = "metric:\n";
  const auto entry = [](const std::string& name, int volume) {
    return fmt::format(
        "  - {{name: {}, event_type: t, type: gauge, unit: u, resource_id: $.payload.id, "
        "volume: {}}}\n",
        name, volume);
  };
  auto made = MeterDefinitions::parse_all(
      {head + entry("a", 1) + entry("a", 2), head + entry("a", 3) + entry("b", 4)});
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(made->size(), 2u);
  const auto out = made->samples(notification("t", R"({"id":"r"})"));
  ASSERT_THAT(out.samples, SizeIs(2));
  EXPECT_EQ(out.samples[0].volume, 2);
  EXPECT_EQ(out.samples[1].volume, 4);
}

TEST(MeterDefinitions, OnlyInfoAndSamplePrioritiesAreMeasured) {
  auto made = one("name: size, unit: GB, volume: 1");
  EXPECT_THAT(made.samples(notification("t.a", R"({"id":"r"})", "ERROR")).samples, IsEmpty());
  EXPECT_THAT(made.samples(notification("t.a", R"({"id":"r"})", "SAMPLE")).samples, SizeIs(1));
}

TEST(MeterDefinitions, AWrongDefinitionIsNamed) {
  const auto why = [](const std::string& entry) {
    const auto parsed = MeterDefinitions::parse("metric: [{" + entry + "}]");
    return parsed ? "nothing" : describe(parsed.error());
  };
  EXPECT_THAT(why("name: a"), HasSubstr("definition 1: type: is missing"));
  EXPECT_THAT(why("name: a, type: rate, unit: u, volume: 1, resource_id: $.a, event_type: e"),
              HasSubstr("gauge, delta or cumulative"));
  EXPECT_THAT(why("name: a, type: gauge, unit: u, volume: '$.a[', resource_id: $.a, event_type: e"),
              HasSubstr("volume"));
  EXPECT_THAT(why("name: a, type: gauge, unit: u, volume: 1, resource_id: $.a, event_type: '('"),
              HasSubstr("regular expression"));
  EXPECT_THAT(why("name: a, typo: 1"), HasSubstr("typo"));
}

TEST(MeterDefinitions, PolledSamplesPassAsTheyAre) {
  auto made = definitions("metric: []");
  const auto out = made.samples(notification("telemetry.polling", R"({"samples":[
    {"counter_name":"cpu","counter_type":"cumulative","counter_unit":"ns","counter_volume":5e9,
     "resource_id":"r","user_id":null,"project_id":"p","timestamp":"2026-01-01T00:00:00.5",
     "resource_metadata":{"vcpus":2},"monotonic_time":12.5,"message_id":"m"},
    {"counter_name":"broken"}]})",
                                             "SAMPLE"));
  ASSERT_THAT(out.samples, SizeIs(1));
  EXPECT_EQ(out.samples[0].type, MeterType::cumulative);
  EXPECT_EQ(out.samples[0].volume, 5e9);
  EXPECT_EQ(out.samples[0].user_id, std::nullopt);
  EXPECT_EQ(out.samples[0].monotonic_time, 12.5);
  EXPECT_THAT(out.skipped, ElementsAre(HasSubstr("counter_type")));
}

TEST(MeterDefinitions, PolledSamplesThatAreNotSignedAreLeftOutWhereTheyMustBe) {
  auto made = definitions("metric: []");
  made.require_signatures("change this for valid signing");
  std::size_t polled = 0;
  for (const std::string& body : recorded_bodies()) {
    const auto out = made.samples(*parse_notification(body));
    EXPECT_THAT(out.skipped, IsEmpty());
    polled += out.samples.size();
  }
  EXPECT_GE(polled, 5u);
  const auto out = made.samples(notification("telemetry.polling", R"({"samples":[
    {"counter_name":"cpu","counter_type":"gauge","counter_unit":"ns","counter_volume":5,"resource_id":"r",
     "timestamp":"2026-01-01T00:00:00.5","message_signature":"5a"}]})",
                                             "SAMPLE"));
  EXPECT_THAT(out.samples, IsEmpty());
  EXPECT_THAT(out.skipped, ElementsAre(HasSubstr("message_signature: does not fit")));
}

/// Each is a few thousand bytes long, of which a MiB is signed.
TEST(MeterDefinitions, OfAMessageOnlySoMuchIsHashed) {
  json::object wire = *parse_json_object(
      R"({"counter_name":"cpu","counter_type":"gauge","counter_unit":"ns","counter_volume":5,"resource_id":"r",
          "timestamp":"2026-01-01T00:00:00.5"})");
  json::object numbers;
  for (int i = 0; i < 500; ++i) numbers[std::to_string(i)] = i;
  wire["resource_metadata"] = json::object{{std::string(2000, 'k'), std::move(numbers)}};
  sign(wire, "s");
  auto made = definitions("metric: []");
  made.require_signatures("s");
  const json::object payload{{"samples", json::array(70, wire)}};
  const auto out = made.samples(notification("telemetry.polling", json::serialize(payload), "SAMPLE"));
  EXPECT_EQ(out.samples.size() + out.skipped.size(), 70u);
  EXPECT_GE(out.samples.size(), kMostSignedBytesOfMessage / kMostSignedBytes);
  EXPECT_THAT(out.skipped, Not(IsEmpty()));
  EXPECT_THAT(out.skipped, Each(HasSubstr("message_signature")));
}

TEST(TypePattern, MatchesAtTheStartAndLooksAhead) {
  const auto instances = TypePattern::compile("compute.instance.(?!create.start|update).*");
  ASSERT_TRUE(instances);
  EXPECT_TRUE(instances->matches("compute.instance.create.end"));
  EXPECT_TRUE(instances->matches("compute.instance.live_migration._post.end"));
  EXPECT_FALSE(instances->matches("compute.instance.create.start"));
  EXPECT_FALSE(instances->matches("compute.instance.update"));
  EXPECT_TRUE(TypePattern::compile("volume.create")->matches("volume.create.end"));
  EXPECT_FALSE(TypePattern::compile("create")->matches("volume.create.end"));
  EXPECT_FALSE(instances->matches("compute.instance." + std::string(300, 'x')));
}

/// What a sample says, in one comparable line; metadata apart.
std::string line_of(const json::object& sample) {
  return fmt::format("{} {} {} {} {} {} {}", json::serialize(sample.at("name")),
                     json::serialize(sample.at("type")), json::serialize(sample.at("unit")),
                     sample.at("volume").to_number<double>(), json::serialize(sample.at("project_id")),
                     json::serialize(sample.at("resource_id")),
                     to_rfc3339(*parse_datetime(std::string_view(sample.at("timestamp").get_string()))));
}

json::object as_ceilometer_writes_it(const MeterSample& sample) {
  const auto text = [](const auto& one) { return one ? json::value(*one) : json::value(nullptr); };
  return {{"name", sample.name},
          {"type", to_string(sample.type)},
          {"unit", sample.unit},
          {"volume", sample.volume},
          {"user_id", text(sample.user_id)},
          {"project_id", text(sample.project_id)},
          {"resource_id", sample.resource_id},
          {"timestamp", to_rfc3339(sample.timestamp)},
          {"resource_metadata", sample.resource_metadata()}};
}

/// Ceilometer 19 made 300 samples of these notifications. Ours are the same but for:
/// - the login meter: its expression for the name failed there and became the name; ours is what it meant;
/// - owners that a definition does not name: ours come from the message's context, theirs were lost.
TEST(MeterDefinitions, TheRecordedNotificationsGiveCeilometersSamples) {
  auto made = definitions(std::string(shipped_file("meters.yaml")));
  std::map<std::string, std::vector<json::object>> ours;
  for (const std::string& body : recorded_bodies())
    for (const auto& sample : made.samples(*parse_notification(body)).samples) {
      json::object object = as_ceilometer_writes_it(sample);
      std::string line = line_of(object);
      ours[std::move(line)].push_back(std::move(object));
    }
  const std::string broken_name = "$.payload.outcome - $.payload.outcome + 'identity.authenticate.' + ";
  std::size_t compared = 0, renamed = 0, owners = 0;
  for (const std::string& text : testdata_lines("ceilometer_samples.jsonl")) {
    json::object theirs = parse_json_object(text).value();
    const std::string name(theirs.at("name").get_string());
    if (name.starts_with(broken_name)) {
      const std::string_view outcome(theirs.at("resource_metadata").at("outcome").get_string());
      theirs["name"] = "identity.authenticate." + std::string(outcome);
      ++renamed;
    }
    auto found = ours.find(line_of(theirs));
    ASSERT_TRUE(found != ours.end() && !found->second.empty()) << text;
    const json::object mine = found->second.back();
    found->second.pop_back();
    if (theirs.at("user_id") != mine.at("user_id")) {
      EXPECT_TRUE(theirs.at("user_id").is_null()) << text;
      ++owners;
    }
    EXPECT_EQ(json::value(mine.at("resource_metadata")), theirs.at("resource_metadata")) << text;
    ++compared;
  }
  EXPECT_EQ(compared, 300u);
  EXPECT_EQ(renamed, 63u);
  EXPECT_EQ(owners, 5u);  // compute.instance.booting.time
}

}  // namespace
}  // namespace sentinella::telemetry
