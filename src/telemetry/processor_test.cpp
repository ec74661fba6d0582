#include "telemetry/processor.h"

#include <gmock/gmock.h>

#include "telemetry/store_records.h"
#include "telemetry/telemetry_testing.h"

namespace sentinella::telemetry {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Time kNow{1'700'000'000'000'000'000};

Processor processor(const Definitions& definitions = {}) {
  auto made = Processor::make(definitions);
  EXPECT_TRUE(made) << describe(made.error());
  return *std::move(made);
}

std::string polled(const std::string& id, int second, double volume) {
  std::string inner = inner_message(
      "telemetry.polling",
      fmt::format(R"({{"samples":[{{"counter_name":"cpu","counter_type":"cumulative","counter_unit":"ns",)"
                  R"("counter_volume":{},"resource_id":"r","timestamp":"2026-01-01T00:00:{:02}",)"
                  R"("resource_metadata":{{"vcpus":1}}}}]}})",
                  volume, second),
      "SAMPLE");
  inner.replace(inner.find("m-1"), 3, id);
  return inner;
}

std::vector<std::string> names(const std::vector<Outgoing>& all) {
  std::vector<std::string> out;
  for (const Outgoing& one : all)
    for (const MeterSample& sample : one.samples) out.push_back(sample.name);
  return out;
}

TEST(Processor, AMessageBecomesSamplesAndAnEventForTheStore) {
  auto shipped = processor();
  const std::string payload =
      R"({"instance_id":"i","tenant_id":"p","memory_mb":512,"vcpus":1,"root_gb":1,"ephemeral_gb":0,"host":"compute1",
          "display_name":"web","created_at":"2026-01-02 03:04:00","launched_at":"2026-01-02 03:04:05"})";
  ASSERT_TRUE(shipped.take(envelope(inner_message("compute.instance.create.end", payload)), kNow));
  const auto out = shipped.take_outgoing();
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(out[0].publisher, "sentinella://");
  EXPECT_THAT(names(out),
              testing::UnorderedElementsAre("memory", "vcpus", "disk.root.size", "disk.ephemeral.size",
                                            "compute.instance.booting.time"));
  ASSERT_THAT(out[0].events, SizeIs(1));
  EXPECT_EQ(out[0].events[0].summary, "instance web was created on compute1");
  EXPECT_EQ(out[0].events[0].host, "compute1");
  EXPECT_EQ(out[0].events[0].service, "nova-compute");
  EXPECT_THAT(shipped.take_outgoing(), IsEmpty());
}

TEST(Processor, TheSameMessageTwiceCountsOnce) {
  auto shipped = processor();
  const std::string body = inner_message("image.delete", R"({"id":"i","size":5})");
  ASSERT_TRUE(shipped.take(body, kNow));
  ASSERT_TRUE(shipped.take(envelope(body), kNow));
  EXPECT_EQ(shipped.counts().duplicates, 1u);
  EXPECT_THAT(names(shipped.take_outgoing()), ElementsAre("image.size"));
}

TEST(Processor, WhatCannotBeReadIsRefusedWithTheReason) {
  auto shipped = processor();
  EXPECT_THAT(describe(shipped.take("nonsense", kNow).error()), HasSubstr("not JSON"));
  EXPECT_EQ(shipped.counts().refused, 1u);
}

TEST(Processor, ItsMemoryOutlivesTheProcess) {
  auto before = processor();
  ASSERT_TRUE(before.take(polled("a", 0, 0), kNow));
  auto after = processor();
  ASSERT_TRUE(after.restore(before.save()));
  ASSERT_TRUE(after.take(polled("a", 0, 0), kNow));
  EXPECT_EQ(after.counts().duplicates, 1u);
  ASSERT_TRUE(after.take(polled("b", 10, 5e9), kNow));
  EXPECT_THAT(names(after.take_outgoing()), Contains("cpu_util"));
  EXPECT_FALSE(after.restore("\x07"));
  EXPECT_FALSE(after.restore(before.save().substr(0, 10)));
}

TEST(Processor, AWrongFileIsNamed) {
  Definitions wrong;
  wrong.pipeline = "[]";
  EXPECT_EQ(Processor::make(wrong).error().field, "pipeline");
  wrong = {};
  wrong.meters = {"metric: 5"};
  EXPECT_EQ(Processor::make(wrong).error().field, "meters");
}

TEST(Processor, EveryRecordedMessageIsTaken) {
  auto shipped = processor();
  for (const std::string& body : recorded_bodies()) EXPECT_TRUE(shipped.take(body, kNow));
  EXPECT_EQ(shipped.counts().events, recorded_bodies().size());
  EXPECT_GE(shipped.counts().samples, 300u);
  EXPECT_EQ(shipped.counts().skipped, 0u) << shipped.counts().last_skipped;
}

TEST(RecentIds, ForgetsTheOldestOnly) {
  RecentIds ids;
  for (std::size_t i = 0; i <= RecentIds::kMost; ++i) EXPECT_TRUE(ids.insert(std::to_string(i)));
  EXPECT_EQ(ids.size(), RecentIds::kMost);
  EXPECT_FALSE(ids.insert("1"));
  EXPECT_TRUE(ids.insert("0"));
}

TEST(RecentIds, AreKnownOverManyRounds) {
  RecentIds ids;
  constexpr std::size_t kAll = 3 * RecentIds::kMost;
  for (std::size_t i = 0; i < kAll; ++i) {
    ASSERT_TRUE(ids.insert(std::to_string(i))) << i;
    ASSERT_FALSE(ids.insert(std::to_string(i - i % 7))) << i;
  }
  std::string state;
  ByteWriter out(state);
  ids.save(out);
  RecentIds restored;
  ByteReader in(state);
  restored.restore(in);
  ASSERT_TRUE(in.ok());
  for (std::size_t i = kAll - RecentIds::kMost; i < kAll; ++i) {
    ASSERT_FALSE(ids.insert(std::to_string(i))) << i;
    ASSERT_FALSE(restored.insert(std::to_string(i))) << i;
  }
  EXPECT_TRUE(restored.insert("fresh"));
  EXPECT_TRUE(restored.insert(std::to_string(kAll - RecentIds::kMost)));
}

TEST(Processor, MetadataIsThereForWhoeverReadsIt) {
  Definitions foreign;
  foreign.pipeline =
      "{sources: [{name: a, meters: ['image.*'], sinks: [b]}, {name: c, meters: ['*'], sinks: [d]}],"
      " sinks: [{name: b, publishers: ['udp://there:1']}, {name: d, publishers: ['sentinella://']}]}";
  auto made = processor(foreign);
  ASSERT_TRUE(made.take(inner_message("image.delete", R"({"id":"i","size":5})"), kNow));
  const auto out = made.take_outgoing();
  ASSERT_THAT(out, SizeIs(2));
  EXPECT_EQ(out[0].samples.at(0).resource_metadata().at("size"), 5);
  EXPECT_EQ(out[1].samples.at(0).name, "image.size");
}

TEST(StoreRecords, ASampleIsASeriesOfItsMeterAndResource) {
  MeterSample sample;
  sample.name = "disk.root.size";
  sample.unit = "GB";
  sample.volume = 3;
  sample.project_id = "p";
  sample.resource_id = "r";
  sample.timestamp = kNow;
  const SeriesSamples series = series_of(sample);
  EXPECT_EQ(series.labels.to_string(),
            R"(ceilometer_disk_root_size{meter="disk.root.size",project_id="p",resource_id="r",unit="GB"})");
  EXPECT_EQ(series.kind, SeriesKind::gauge);
  EXPECT_EQ(series.samples.at(0).value, 3);
  sample.type = MeterType::cumulative;
  EXPECT_EQ(series_of(sample).kind, SeriesKind::counter);
}

TEST(StoreRecords, PublishersAreServices) {
  EXPECT_EQ(service_of_publisher("compute.compute1"), "nova-compute");
  EXPECT_EQ(service_of_publisher("nova-compute:compute1"), "nova-compute");
  EXPECT_EQ(service_of_publisher("image.controller"), "glance-api");
  EXPECT_EQ(service_of_publisher("something"), "something");
}

TEST(StoreRecords, CeilometersOwnStoresAreOurs) {
  for (const char* url : {"sentinella://", "gnocchi://", "gnocchi://?archive_policy=low", "notifier://"})
    EXPECT_TRUE(is_own_store(url)) << url;
  for (const char* url : {"gnocchi://elsewhere", "http://x", "udp://x:1"})
    EXPECT_FALSE(is_own_store(url)) << url;
}

}  // namespace
}  // namespace sentinella::telemetry
