// The numbers of Ceilometer's transformers, row by row: P = from its pipeline tests, C = its conversion
// tests, R = from running its code of release 11. t is in seconds.
#include <gmock/gmock.h>

#include "telemetry/telemetry_testing.h"
#include "telemetry/transform/transformer.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pointwise;
using testing::SizeIs;

constexpr Time kStart{1'700'000'000'000'000'000};

/// A sample at second `t`; cumulative, meter "cpu" of resource "r", unless changed.
struct Given {
  double t = 0;
  double volume = 0;
  MeterType type = MeterType::cumulative;
  std::string name = "cpu", unit = "ns", resource = "r";
  std::optional<std::string> user = "u", project = "p";
  std::string metadata = "{}";
  std::optional<double> monotonic = {};
  std::string user_name = {};

  MeterSample sample() const {
    MeterSample out;
    out.name = name;
    out.type = type;
    out.unit = unit;
    out.volume = volume;
    out.user_id = user;
    out.project_id = project;
    out.resource_id = resource;
    out.timestamp = kStart + Duration(static_cast<std::int64_t>(t * 1e9));
    out.metadata = std::make_shared<const boost::json::object>(*parse_json_object(metadata));
    out.monotonic_time = monotonic;
    if (!user_name.empty())
      out.origin = std::make_shared<const SampleOrigin>(SampleOrigin{"openstack", user_name, {}});
    return out;
  }
};

class Station {
 public:
  Station(std::string_view name, const std::string& parameters) : name_(name), parameters_(parameters) {
    transformer_ = make();
  }

  std::vector<MeterSample> take(const Given& given) {
    std::vector<MeterSample> out;
    transformer_->take(given.sample(), out);
    return out;
  }
  std::vector<MeterSample> flush(double now = 0) {
    std::vector<MeterSample> out;
    transformer_->flush(kStart + Duration(static_cast<std::int64_t>(now * 1e9)), out);
    return out;
  }
  /// All, then one flush.
  std::vector<MeterSample> run(const std::vector<Given>& all) {
    std::vector<MeterSample> out;
    for (const Given& one : all) std::ranges::move(take(one), std::back_inserter(out));
    std::ranges::move(flush(), std::back_inserter(out));
    return out;
  }
  /// As if the process had ended and begun anew.
  void restart() {
    std::string state;
    ByteWriter writer(state);
    transformer_->save(writer);
    transformer_ = make();
    ByteReader reader(state);
    transformer_->restore(reader);
    EXPECT_TRUE(reader.ok() && reader.at_end());
  }
  Transformer& operator*() { return *transformer_; }

 private:
  std::unique_ptr<Transformer> make() const {
    auto made = make_transformer(name_, read_yaml(parameters_)->get_object());
    EXPECT_TRUE(made) << describe(made.error());
    return *std::move(made);
  }
  std::string name_, parameters_;
  std::unique_ptr<Transformer> transformer_;
};

std::vector<double> volumes(const std::vector<MeterSample>& samples) {
  std::vector<double> out;
  for (const MeterSample& sample : samples) out.push_back(sample.volume);
  return out;
}

MATCHER_P(Volumes, expected, "") {
  return testing::ExplainMatchResult(Pointwise(DoubleEq(), std::vector<double>(expected)), volumes(arg),
                                     result_listener);
}
using List = std::vector<double>;

Given gauge(double volume, std::string name = "cpu") {
  return {.volume = volume, .type = MeterType::gauge, .name = std::move(name)};
}
Given in_unit(double volume, std::string unit) {
  return {.volume = volume, .type = MeterType::gauge, .unit = std::move(unit)};
}

// --- rows 1 to 3

TEST(Accumulator, Row1GivesAllWhenTenAreThere) {
  Station station("accumulator", "{size: 10}");
  EXPECT_THAT(station.run({gauge(1)}), IsEmpty());
  EXPECT_THAT(station.run({gauge(2)}), IsEmpty());
  station.restart();
  std::vector<Given> rest;
  for (int i = 3; i <= 10; ++i) rest.push_back(gauge(i));
  EXPECT_THAT(station.run(rest), Volumes(List{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST(Accumulator, Row2GivesMoreThanItsSizeAtOnce) {
  Station station("accumulator", "{size: 3}");
  EXPECT_THAT(station.run({gauge(1), gauge(2)}), IsEmpty());
  EXPECT_THAT(station.run({gauge(3), gauge(4)}), SizeIs(4));
  EXPECT_THAT(station.flush(), IsEmpty());
}

TEST(Accumulator, Row3WithoutASizeWaitsForTheFlush) {
  Station station("accumulator", "{}");
  EXPECT_THAT(station.take(gauge(1)), IsEmpty());
  EXPECT_THAT(station.flush(), SizeIs(1));
  Station zero("accumulator", "{size: 0}");  // its flush failed there
  EXPECT_THAT(zero.run({gauge(1)}), SizeIs(1));
}

// --- rows 4 to 9

TEST(UnitConversion, Row4AnExpressionGivesTheNewVolume) {
  Station station("unit_conversion",
                  "{target: {name: cpu_mins, unit: min, scale: 'volume / ((10**6) * 60)'}}");
  const auto out = station.run({{.volume = 1'200'000'000}});
  ASSERT_THAT(out, Volumes(List{20}));
  EXPECT_EQ(out[0].name, "cpu_mins");
  EXPECT_EQ(out[0].unit, "min");
  EXPECT_EQ(out[0].type, MeterType::cumulative);
}

TEST(UnitConversion, Row5AnotherUnitPassesUnchanged) {
  Station station("unit_conversion",
                  "{source: {unit: '°C'}, target: {unit: '°F', scale: '(volume * 1.8) + 32'}}");
  const auto converted = station.run({in_unit(36.0, "°C")});
  EXPECT_THAT(converted, Volumes(List{96.8}));
  EXPECT_EQ(converted[0].unit, "°F");
  const auto untouched = station.run({in_unit(88.8, "°F")});
  EXPECT_THAT(untouched, Volumes(List{88.8}));
}

TEST(UnitConversion, Rows6To9ExpressionsNumbersAndTheCap) {
  const auto convert = [](const std::string& target, double volume) {
    return volumes(Station("unit_conversion", "{target: " + target + "}").run({gauge(volume)})).at(0);
  };
  EXPECT_DOUBLE_EQ(convert("{unit: KB, scale: 'volume * 1.0 / 1024.0'}", 2048), 2.0);
  EXPECT_DOUBLE_EQ(convert("{unit: KB, scale: '1.0 / 1024.0'}", 2048), 0.0009765625);
  EXPECT_DOUBLE_EQ(convert("{scale: 0.001}", 2048), 2.048);
  EXPECT_DOUBLE_EQ(convert("{scale: 2, max: 50}", 40), 50);
}

// --- rows 10 to 21

const std::string kCpuUtil =
    "target: {name: cpu_util, unit: '%', type: gauge, scale: '100.0 / (10**9 * (resource_metadata.cpu_number "
    "or 1))'";

Given cpu(double t, double volume, std::string metadata = "{\"cpu_number\": 4}") {
  return {.t = t, .volume = volume, .metadata = std::move(metadata)};
}

TEST(RateOfChange, Row10CpuTimeBecomesPercentOfAllVcpus) {
  Station four("rate_of_change", "{" + kCpuUtil + "}}");
  const auto out = four.run({cpu(0, 120e9), cpu(60, 180e9)});
  ASSERT_THAT(out, Volumes(List{25.0}));
  EXPECT_EQ(out[0].name, "cpu_util");
  EXPECT_EQ(out[0].unit, "%");
  EXPECT_EQ(out[0].type, MeterType::gauge);
  Station two("rate_of_change", "{" + kCpuUtil + "}}");
  const std::string metadata = "{\"cpu_number\": 2}";
  EXPECT_THAT(two.run({cpu(0, 120e9, metadata), cpu(60, 180e9, metadata)}), Volumes(List{50.0}));
}

TEST(RateOfChange, Row11MetadataOfUsersMayWeigh) {
  const std::string parameters =
      "{target: {name: cpu_util, scale: '(100.0 / (10**9 * (resource_metadata.cpu_number or 1))) * "
      "(resource_metadata.user_metadata.autoscaling_weight or 1.0)'}}";
  for (const auto& [vcpus, expected] : {std::pair{"4", 27.5}, {"2", 55.0}}) {
    const std::string metadata =
        std::string("{\"cpu_number\": ") + vcpus + ", \"user_metadata\": {\"autoscaling_weight\": 1.1}}";
    Station station("rate_of_change", parameters);
    const auto out = station.run({cpu(0, 120e9, metadata), cpu(60, 180e9, metadata)});
    ASSERT_THAT(out, SizeIs(1));
    EXPECT_NEAR(out[0].volume, expected, 1e-9);
  }
}

TEST(RateOfChange, Rows12And13AFallIsAResetOfACounterAndAFallOfAGauge) {
  Station counter("rate_of_change", "{" + kCpuUtil + "}}");
  EXPECT_THAT(counter.run({cpu(0, 180e9), cpu(60, 120e9)}), Volumes(List{50.0}));
  Station level("rate_of_change", "{" + kCpuUtil + "}}");
  Given high = cpu(0, 180e9), low = cpu(60, 120e9);
  high.type = low.type = MeterType::gauge;
  EXPECT_THAT(level.run({high, low}), Volumes(List{-25.0}));
}

TEST(RateOfChange, Rows14And15NoTimeNoRateAndOneSampleNothing) {
  Station station("rate_of_change", "{" + kCpuUtil + "}}");
  EXPECT_THAT(station.run({cpu(0, 120e9)}), IsEmpty());
  EXPECT_THAT(station.run({cpu(0, 120e9)}), Volumes(List{0.0}));
}

TEST(RateOfChange, Rows16And17TheSteadyClockCountsAndTheCapHolds) {
  const auto at = [](double t, double monotonic, double volume) {
    Given given = cpu(t, volume);
    given.monotonic = monotonic;
    return given;
  };
  Station station("rate_of_change", "{" + kCpuUtil + "}}");
  EXPECT_THAT(station.run({at(0, 100, 125e9), at(12345, 110, 165e9)}), Volumes(List{100.0}));
  Station capped("rate_of_change", "{" + kCpuUtil + ", max: 100}}");
  EXPECT_THAT(capped.run({cpu(0, 125e9), cpu(10, 165'000'012'345)}), Volumes(List{100.0}));
}

TEST(RateOfChange, Row18WhatComesLateIsLeftOut) {
  Station station("rate_of_change", "{" + kCpuUtil + "}}");
  EXPECT_THAT(station.run({cpu(0, 125e9)}), IsEmpty());
  EXPECT_THAT(station.run({cpu(-10, 120e9)}), IsEmpty());
  EXPECT_THAT(station.run({cpu(10, 130e9)}), Volumes(List{12.5}));
}

TEST(RateOfChange, Row19NamesAndUnitsAreMapped) {
  Station station("rate_of_change",
                  R"({source: {map_from: {name: 'disk\.(read|write)\.(bytes|requests)', unit: '(B|request)'}},
                      target: {map_to: {name: 'disk.\1.\2.rate', unit: '\1/s'}, type: gauge}})");
  const auto given = [](double t, double volume, std::string name, std::string unit) {
    return Given{.t = t, .volume = volume, .name = std::move(name), .unit = std::move(unit)};
  };
  const auto out =
      station.run({given(0, 1000, "disk.read.bytes", "B"), given(420, 18'640, "disk.read.bytes", "B"),
                   given(0, 1000, "disk.write.requests", "request"),
                   given(420, 18'640, "disk.write.requests", "request")});
  ASSERT_THAT(out, Volumes(List({42, 42})));
  EXPECT_EQ(out[0].name, "disk.read.bytes.rate");
  EXPECT_EQ(out[0].unit, "B/s");
  EXPECT_EQ(out[1].name, "disk.write.requests.rate");
  EXPECT_EQ(out[1].unit, "request/s");
}

TEST(RateOfChange, Rows20And21PerMeterAndResourceAcrossARestart) {
  Station station("rate_of_change", "{}");
  EXPECT_THAT(station.run({cpu(0, 10)}), IsEmpty());
  station.restart();
  EXPECT_THAT(station.run({cpu(60, 70)}), Volumes(List{1.0}));
  EXPECT_THAT(station.run({cpu(120, 50)}), Volumes(List{50.0 / 60}));
  Station two("rate_of_change", "{}");
  const auto of = [](std::string resource, double t, double volume) {
    return Given{.t = t, .volume = volume, .resource = std::move(resource)};
  };
  EXPECT_THAT(two.run({of("a", 0, 0), of("b", 5, 50), of("a", 10, 100), of("b", 10, 100)}),
              Volumes(List({10.0, 10.0})));
}

TEST(RateOfChange, ANumericScaleMultipliesTheRateOnly) {
  Station station("rate_of_change", "{target: {scale: 2}}");
  EXPECT_THAT(station.run({cpu(0, 0), cpu(10, 100)}), Volumes(List{20.0}));
}

// --- rows 22 to 33

Given owned(double volume, std::string user, std::string project, std::string version) {
  return {.volume = volume,
          .type = MeterType::delta,
          .user = std::move(user),
          .project = std::move(project),
          .metadata = R"({"version":")" + version + "\"}"};
}
const std::vector<Given>& six() {
  static const std::vector<Given> samples{owned(26, "u", "p", "1.0"),   owned(16, "u", "p", "2.0"),
                                          owned(53, "u2", "p2", "1.0"), owned(42, "u2", "p2", "2.0"),
                                          owned(15, "u", "p2", "2.0"),  owned(2, "u2", "p", "3.0")};
  return samples;
}
/// "user/project volume metadata" of each, sorted.
std::vector<std::string> described(std::vector<MeterSample> samples) {
  std::vector<std::string> out;
  for (const MeterSample& sample : samples)
    out.push_back(fmt::format("{}/{} {} {}", sample.user_id.value_or("-"), sample.project_id.value_or("-"),
                              sample.volume, boost::json::serialize(sample.resource_metadata())));
  std::ranges::sort(out);
  return out;
}
const std::string v1 = R"({"version":"1.0"})", v2 = R"({"version":"2.0"})", v3 = R"({"version":"3.0"})";

TEST(Aggregator, Row22MeansSumsOrTheLast) {
  Station station("aggregator", "{size: 9}");
  std::vector<Given> all;
  for (const double volume : {1, 2, 3})
    for (const auto& [type, name] :
         {std::pair{MeterType::gauge, "g"}, {MeterType::cumulative, "c"}, {MeterType::delta, "d"}})
      all.push_back({.volume = volume, .type = type, .name = name});
  EXPECT_THAT(station.run(all), Volumes(List({2.0, 3.0, 6.0})));
}

TEST(Aggregator, Row23KeepsOwnersApart) {
  EXPECT_THAT(described(Station("aggregator", "{}").run(six())),
              ElementsAre("u/p 42 " + v2, "u/p2 15 " + v2, "u2/p 2 " + v3, "u2/p2 95 " + v2));
  EXPECT_THAT(described(Station("aggregator", "{resource_metadata: first}").run(six())),
              ElementsAre("u/p 42 " + v1, "u/p2 15 " + v2, "u2/p 2 " + v3, "u2/p2 95 " + v1));
}

TEST(Aggregator, Rows24To26MergeOwnersWhenOneIsPicked) {
  EXPECT_THAT(described(Station("aggregator", "{user_id: last}").run(six())),
              ElementsAre("u/p2 110 " + v2, "u2/p 44 " + v3));
  EXPECT_THAT(described(Station("aggregator", "{user_id: first}").run(six())),
              ElementsAre("u/p 44 " + v3, "u2/p2 110 " + v2));
  EXPECT_THAT(
      described(
          Station("aggregator", "{user_id: first, project_id: first, resource_metadata: first}").run(six())),
      ElementsAre("u/p 154 " + v1));
  EXPECT_THAT(
      described(
          Station("aggregator", "{user_id: last, project_id: last, resource_metadata: last}").run(six())),
      ElementsAre("u2/p 154 " + v3));
  EXPECT_THAT(
      described(
          Station("aggregator", "{user_id: first, project_id: last, resource_metadata: drop}").run(six())),
      ElementsAre("u/p 154 {}"));
}

TEST(Aggregator, ANameDoesNotStandForSeveral) {
  const auto name = [](const std::string& second) {
    const auto out =
        Station("aggregator", "{user_id: last}")
            .run({{.user = "u", .user_name = "ana"}, {.t = 1, .user = "u2", .user_name = second}});
    return out.at(0).origin ? out.at(0).origin->user_name.value_or("") : "";
  };
  EXPECT_EQ(name("ana"), "ana");
  EXPECT_EQ(name("bob"), "");
}

TEST(Aggregator, Row27CountsSamplesOfAllGroups) {
  Station station("aggregator", "{size: 2}");
  EXPECT_THAT(station.run({owned(26, "u", "p", "1")}), IsEmpty());
  station.restart();
  EXPECT_THAT(station.run({owned(16, "u2", "p2", "1")}), SizeIs(2));
}

TEST(Aggregator, Row28GivesWhatIsOldEnough) {
  Station station("aggregator", "{size: 900, retention_time: 60}");
  EXPECT_THAT(station.run({owned(26, "u", "p", "1")}), IsEmpty());
  EXPECT_THAT(station.flush(120), Volumes(List{26}));
  EXPECT_THAT(station.flush(320), IsEmpty());
}

TEST(Aggregator, Row29NobodyIsAnOwnerToo) {
  Station station("aggregator", "{size: 2}");
  Given one = owned(26, "", "", "1"), two = owned(16, "", "", "1");
  one.user = one.project = two.user = two.project = std::nullopt;
  const auto out = station.run({one, two});
  ASSERT_THAT(out, Volumes(List{42}));
  EXPECT_EQ(out[0].user_id, std::nullopt);
}

TEST(Aggregator, Row30TheLastTimestampGivesARightRateAfterwards) {
  Station aggregator("aggregator", "{size: 2, timestamp: last}"), rate("rate_of_change", "{}");
  const auto of = [](std::string resource, double t, double volume) {
    return Given{.t = t, .volume = volume, .resource = std::move(resource)};
  };
  std::vector<MeterSample> out;
  for (const MeterSample& sample : aggregator.run({of("A", 0, 0), of("A", 1, 1)})) (*rate).take(sample, out);
  EXPECT_THAT(out, IsEmpty());
  for (const MeterSample& sample : aggregator.run({of("A", 2, 2), of("B", 2, 3)})) (*rate).take(sample, out);
  EXPECT_THAT(out, Volumes(List{1}));
  EXPECT_EQ(out[0].resource_id, "A");
}

TEST(Aggregator, Row31AHundredResourcesAreAHundredSamples) {
  Station station("aggregator", "{size: 100}"), by_time("aggregator", "{size: 0, retention_time: 300}");
  std::vector<Given> all;
  for (int i = 0; i < 100; ++i) all.push_back({.volume = 1, .resource = std::to_string(i)});
  EXPECT_THAT(station.run(all), SizeIs(100));
  EXPECT_THAT(by_time.run(all), IsEmpty());
}

TEST(Aggregator, Rows32And33EachTypeAtTheFirstTimestampAndScaled) {
  for (const auto& [type, expected] :
       {std::pair{MeterType::gauge, 3.0}, {MeterType::cumulative, 6.0}, {MeterType::delta, 9.0}}) {
    Station station("aggregator", "{size: '3'}");
    const auto out = station.run({{.t = 0, .volume = 1, .type = type},
                                  {.t = 5, .volume = 2, .type = type},
                                  {.t = 9, .volume = 6, .type = type}});
    ASSERT_THAT(out, Volumes(List{expected}));
    EXPECT_EQ(out[0].timestamp, kStart);
  }
  Station scaled("aggregator", "{size: 2, target: {scale: 'volume/1024.0', unit: KB}}");
  EXPECT_THAT(
      scaled.run({{.volume = 1024, .type = MeterType::delta}, {.volume = 2048, .type = MeterType::delta}}),
      Volumes(List{3.0}));
}

TEST(Aggregator, ARenamedGaugeIsAMeanToo) {
  Station station("aggregator", "{size: 2, target: {name: other}}");
  const auto out = station.run({gauge(1), gauge(3)});
  ASSERT_THAT(out, Volumes(List{2.0}));
  EXPECT_EQ(out[0].name, "other");
  EXPECT_THAT(station.flush(), IsEmpty());
}

// --- rows 34 to 36

TEST(Delta, Rows34To36DifferencesInOrder) {
  const std::string parameters = "{target: {name: cpu.delta}}";
  Station station("delta", parameters);
  const auto out = station.run({cpu(0, 26), cpu(60, 16), cpu(120, 53)});
  ASSERT_THAT(out, Volumes(List({-10, 37})));
  EXPECT_EQ(out[0].name, "cpu.delta");
  EXPECT_EQ(out[0].type, MeterType::delta);
  EXPECT_EQ(out[0].unit, "ns");
  EXPECT_THAT(Station("delta", parameters).run({cpu(0, 26), cpu(-300, 16), cpu(60, 53)}), Volumes(List{27}));
  EXPECT_THAT(Station("delta", "{target: {name: d}, growth_only: true}")
                  .run({cpu(0, 26), cpu(60, 16), cpu(120, 53), cpu(180, 53)}),
              Volumes(List({37, 0})));
}

// --- rows 37 to 44

const std::string kMemoryUtil =
    "{target: {name: memory_util, unit: '%', type: gauge, expr: '100.0 * $(memory.usage) / $(memory)'}}";

TEST(Arithmetic, Row37CombinesMetersOfOneResource) {
  Station station("arithmetic", kMemoryUtil);
  const auto out = station.run({gauge(1024, "memory"), gauge(512, "memory.usage")});
  ASSERT_THAT(out, Volumes(List{50.0}));
  EXPECT_EQ(out[0].name, "memory_util");
  EXPECT_EQ(out[0].unit, "%");
}

TEST(Arithmetic, Rows38To40WaitForAllTheMetersAndTakeTheLatest) {
  Station each("arithmetic", kMemoryUtil);
  EXPECT_THAT(each.run({gauge(2048, "memory")}), IsEmpty());
  each.restart();
  EXPECT_THAT(each.run({gauge(512, "memory.usage")}), Volumes(List{25.0}));
  EXPECT_THAT(each.run({gauge(1024, "memory")}), IsEmpty());
  Station together("arithmetic", kMemoryUtil);
  EXPECT_THAT(together.run({gauge(2048, "memory"), gauge(512, "memory.usage"), gauge(1024, "memory")}),
              Volumes(List{50.0}));
  Station alone("arithmetic", kMemoryUtil);
  EXPECT_THAT(alone.run({gauge(512, "memory.usage")}), IsEmpty());
  EXPECT_THAT(alone.run({gauge(1024, "memory"), gauge(9, "cpu_util")}), Volumes(List{50.0}));
}

TEST(Arithmetic, Row41WhatHasNoResultGivesNothing) {
  for (const char* expr : {"$(memory) / 0", "$(memory) * 10 ** 999", "", "512.0 * 3"}) {
    Station station("arithmetic", std::string("{target: {name: x, expr: '") + expr + "'}}");
    EXPECT_THAT(station.run({gauge(1024, "memory")}), IsEmpty()) << expr;
  }
}

TEST(Arithmetic, Rows42And43OneMeterIsEnoughAndItsMetadataCounts) {
  Station plus("arithmetic", "{target: {name: x, expr: '$(memory.usage) + 2'}}");
  EXPECT_THAT(plus.run({gauge(1024, "memory.usage")}), Volumes(List{1026.0}));
  EXPECT_THAT(plus.flush(), IsEmpty());
  EXPECT_THAT(plus.run({gauge(2048, "memory.usage")}), Volumes(List{2050.0}));
  Station divided("arithmetic", "{target: {name: x, expr: '$(cpu) / $(cpu).resource_metadata.n'}}");
  EXPECT_THAT(divided.run({cpu(0, 100, "{\"n\": 4}")}), Volumes(List{25.0}));
}

TEST(Arithmetic, Row44WhatTheTargetDoesNotSayIsTheFirstMeters) {
  Station station("arithmetic", "{target: {expr: '$(a)+$(b)'}}");
  const auto out = station.run({{.t = 0,
                                 .volume = 1,
                                 .type = MeterType::delta,
                                 .name = "a",
                                 .unit = "ua",
                                 .metadata = "{\"of\":\"a\"}"},
                                {.t = 9,
                                 .volume = 2,
                                 .type = MeterType::gauge,
                                 .name = "b",
                                 .unit = "ub",
                                 .metadata = "{\"of\":\"b\"}"}});
  ASSERT_THAT(out, Volumes(List{3.0}));
  EXPECT_EQ(out[0].name, "a");
  EXPECT_EQ(out[0].unit, "ua");
  EXPECT_EQ(out[0].type, MeterType::delta);
  EXPECT_EQ(out[0].timestamp, kStart + 9s);
  EXPECT_EQ(boost::json::serialize(out[0].resource_metadata()), R"({"of":"a"})");
}

TEST(Transformers, AWrongParameterIsNamed) {
  for (const auto& [name, parameters] : std::vector<std::pair<std::string, std::string>>{
           {"nothing", "{}"},
           {"accumulator", "{size: many}"},
           {"accumulator", "{sise: 1}"},
           {"unit_conversion", "{target: {scale: 'f(1)'}}"},
           {"rate_of_change", "{target: {type: rate}}"},
           {"rate_of_change", "{source: {map_from: {name: '('}}, target: {map_to: {name: x}}}"},
           {"arithmetic", "{target: {name: x}}"},
           {"arithmetic", "{target: {expr: 'float(1)'}}"},
           {"aggregator", "{retention_time: -1}"},
           {"delta", "{growth_only: maybe}"}})
    EXPECT_FALSE(make_transformer(name, read_yaml(parameters)->get_object())) << name << " " << parameters;
}

TEST(Transformers, WhereASampleIsFromOutlivesARestart) {
  Station station("aggregator", "{size: 2}");
  MeterSample sample = gauge(1).sample();
  sample.from_notification = true;
  std::vector<MeterSample> out;
  (*station).take(sample, out);
  (*station).take(gauge(1, "other").sample(), out);
  station.restart();
  out = station.flush();
  std::ranges::sort(out, {}, &MeterSample::name);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_TRUE(out[0].from_notification);
  EXPECT_FALSE(out[1].from_notification);
}

TEST(Transformers, DamagedStateIsForgottenNotGuessed) {
  for (const char* name : {"accumulator", "rate_of_change", "delta", "aggregator"}) {
    const auto transformer = *make_transformer(name, {});
    for (const std::string& bytes :
         {std::string(1, '\xff'), std::string(20, '\x05'), std::string("\x01", 1)}) {
      ByteReader reader(bytes);
      transformer->restore(reader);
      std::vector<MeterSample> out;
      transformer->flush(kStart, out);
      EXPECT_THAT(out, IsEmpty()) << name;
    }
  }
}

}  // namespace
}  // namespace sentinella::telemetry
