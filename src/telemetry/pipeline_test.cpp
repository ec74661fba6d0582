#include "telemetry/pipeline.h"

#include <gmock/gmock.h>

#include "telemetry/shipped_files.h"
#include "telemetry/telemetry_testing.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Time kStart{1'700'000'000'000'000'000};

bool takes(const std::vector<std::string>& patterns, std::string_view name) {
  const auto filter = SourceFilter::make(patterns);
  EXPECT_TRUE(filter) << describe(filter.error());
  return filter && filter->takes(name);
}

TEST(SourceFilter, DenialsComeFirst) {
  EXPECT_FALSE(takes({"*", "!a"}, "a"));
  EXPECT_TRUE(takes({"*", "!a"}, "b"));
  EXPECT_TRUE(takes({"!b", "!c"}, "a"));
  EXPECT_FALSE(takes({"cpu", "disk.*"}, "instance"));
  EXPECT_TRUE(takes({"cpu", "disk.*"}, "disk.read.bytes"));
  EXPECT_TRUE(takes({"!cpu", "!disk.*"}, "instance"));
  EXPECT_FALSE(takes({"*", "!disk.*"}, "disk.read.bytes"));
}

TEST(SourceFilter, ContradictionsAreRefused) {
  EXPECT_FALSE(SourceFilter::make({}));
  EXPECT_FALSE(SourceFilter::make({"*", "cpu"}));
  EXPECT_FALSE(SourceFilter::make({"cpu", "!disk"}));
}

MeterSample sample(const std::string& name, double t, double volume, const std::string& resource = "r") {
  MeterSample made;
  made.name = name;
  made.type = MeterType::cumulative;
  made.unit = "ns";
  made.volume = volume;
  made.resource_id = resource;
  made.timestamp = kStart + Duration(static_cast<std::int64_t>(t * 1e9));
  made.metadata = std::make_shared<const boost::json::object>(boost::json::object{{"vcpus", 2}});
  return made;
}

SamplePipelines pipelines(std::string_view yaml) {
  auto made = SamplePipelines::make(yaml);
  EXPECT_TRUE(made) << describe(made.error());
  return *std::move(made);
}

std::vector<std::string> run(SamplePipelines& pipelines, const std::vector<MeterSample>& samples) {
  SamplePipelines::Published out(pipelines.publishers().size());
  pipelines.take(samples, kStart, out);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < out.size(); ++i)
    for (const MeterSample& one : out[i])
      lines.push_back(fmt::format("{} {}={}", pipelines.publishers()[i], one.name, one.volume));
  return lines;
}

TEST(Pipelines, TheShippedOneGivesCpuUtilInPercent) {
  auto shipped = pipelines(shipped_file("pipeline.yaml"));
  EXPECT_THAT(shipped.publishers(), ElementsAre("sentinella://"));
  EXPECT_THAT(run(shipped, {sample("cpu", 0, 0)}), ElementsAre("sentinella:// cpu=0"));
  EXPECT_THAT(run(shipped, {sample("cpu", 10, 10e9)}),
              ElementsAre("sentinella:// cpu=10000000000", "sentinella:// cpu_util=50",
                          "sentinella:// cpu.delta=10000000000"));
  run(shipped, {sample("disk.device.read.bytes", 0, 0), sample("network.incoming.bytes", 0, 0)});
  EXPECT_THAT(
      run(shipped, {sample("disk.device.read.bytes", 10, 100), sample("network.incoming.bytes", 10, 50)}),
      ElementsAre("sentinella:// disk.device.read.bytes=100", "sentinella:// disk.device.read.bytes.rate=10",
                  "sentinella:// network.incoming.bytes=50", "sentinella:// network.incoming.bytes.rate=5"));
}

TEST(Pipelines, WhatTheTransformersRememberOutlivesTheProcess) {
  auto before = pipelines(shipped_file("pipeline.yaml"));
  run(before, {sample("cpu", 0, 0)});
  auto after = pipelines(shipped_file("pipeline.yaml"));
  ASSERT_TRUE(after.restore(before.save()));
  EXPECT_THAT(run(after, {sample("cpu", 10, 10e9)}), SizeIs(3));
  auto other =
      pipelines("{sources: [{name: a, meters: ['*'], sinks: [b]}], sinks: [{name: b, publishers: [x]}]}");
  EXPECT_EQ(other.restore(before.save()).error().code, Errc::kUnsupported);
  auto damaged = pipelines(shipped_file("pipeline.yaml"));
  EXPECT_EQ(damaged.restore(before.save().substr(0, 40)).error().code, Errc::kCorrupt);
}

TEST(Pipelines, StationsFollowOneAnotherAtTheFlush) {
  auto chained = pipelines(R"(
sources: [{name: a, meters: ['*'], sinks: [b]}]
sinks:
  - name: b
    transformers:
      - {name: aggregator, parameters: {size: 2, timestamp: last}}
      - {name: unit_conversion, parameters: {target: {scale: 10}}}
    publishers: [here, 'udp://there']
)");
  EXPECT_THAT(run(chained, {sample("x", 0, 1)}), IsEmpty());
  EXPECT_THAT(run(chained, {sample("x", 1, 2)}), ElementsAre("here:// x=20", "udp://there x=20"));
}

TEST(Pipelines, AWrongFileIsExplained) {
  const auto why = [](const std::string& yaml) {
    const auto made = SamplePipelines::make(yaml);
    return made ? "nothing" : describe(made.error());
  };
  const std::string sink = "sinks: [{name: b, publishers: [x]}]";
  EXPECT_THAT(why("[]"), HasSubstr("sources and sinks"));
  EXPECT_THAT(why("{" + sink + ", sources: [{name: a, meters: ['*'], sinks: [c]}]}"),
              HasSubstr("no sink \"c\""));
  EXPECT_THAT(why("{" + sink + ", sources: [{name: a, meters: ['*']}]}"), HasSubstr("sinks"));
  EXPECT_THAT(why("{" + sink + ", sources: [{meters: ['*'], sinks: [b]}]}"), HasSubstr("name"));
  EXPECT_THAT(why("{sources: [], sinks: [{name: b}]}"), HasSubstr("publishers"));
  EXPECT_THAT(why("{sources: [], sinks: [{name: b, publishers: [x]}, {name: b, publishers: [x]}]}"),
              HasSubstr("twice"));
  EXPECT_THAT(why("{sources: [{name: a, meters: ['*'], sinks: [b]}], sinks: [{name: b, publishers: [x], "
                  "transformers: [{name: magic}]}]}"),
              HasSubstr("magic"));
}

TEST(Pipelines, EventsGoToEachPublisherOnce) {
  auto made = EventPipelines::make(R"(
sources:
  - {name: all, events: ['*'], sinks: [store]}
  - {name: some, events: ['compute.*'], sinks: [store, out]}
sinks: [{name: store, publishers: ['sentinella://']}, {name: out, publishers: ['http://there', 'sentinella://']}]
)");
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_THAT(made->publishers_of("image.create"), ElementsAre(0));
  EXPECT_THAT(made->publishers_of("compute.x"), ElementsAre(0, 1));
  EXPECT_TRUE(EventPipelines::make(shipped_file("event_pipeline.yaml")));
  EXPECT_FALSE(
      EventPipelines::make("{sources: [{name: a, events: ['*'], sinks: [b]}], sinks: [{name: b, "
                           "publishers: [x], transformers: [{name: delta}]}]}"));
}

}  // namespace
}  // namespace sentinella::telemetry
