#include "codec/remote_write.h"

#include <map>

#include <gmock/gmock.h>

#include "codec/remote_write_sample.h"
#include "codec/snappy_block.h"
#include "model/labels.h"

namespace sentinella::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kStale = std::bit_cast<double>(0x7ff0000000000002ull);

class RemoteWrite : public testing::Test {
 protected:
  RemoteWrite()
      : resolve([this](std::string_view canonical, SeriesKind kind) -> Result<ResolvedSeries> {
          ++asked;
          const auto labels = Labels::from_canonical(canonical);
          EXPECT_TRUE(labels);
          if (labels->get("forbidden") != "") return fail(Errc::kTooLarge, "no more series");
          const auto id =
              ids.try_emplace(labels->to_string(), static_cast<SeriesId>(ids.size() + 1)).first->second;
          names[id] = labels->to_string();
          kinds[labels->to_string()] = kind;
          return ResolvedSeries{id, lasting};
        }) {}

  /// "series value@ms" of every row, twice: over an empty cache, and over what that has learnt.
  std::vector<std::string> rows(const std::string& message) {
    const auto first = read(message);
    EXPECT_EQ(first, read(message));
    return first;
  }
  std::vector<std::string> read(const std::string& message) {
    SampleBlock block;
    auto decoded = decode_remote_write(message, AccountId{1}, cache, resolve, are_defined, block);
    EXPECT_TRUE(decoded) << describe(decoded.error());
    if (!decoded) return {};
    report = *decoded;
    EXPECT_EQ(report.samples, block.ids.size());
    EXPECT_EQ(block.ids.size(), block.times.size());
    EXPECT_EQ(block.ids.size(), block.values.size());
    std::vector<std::string> out;
    for (std::size_t i = 0; i < block.ids.size(); ++i)
      out.push_back(
          fmt::format("{} {}@{}", names[block.ids[i]],
                      std::bit_cast<std::uint64_t>(block.values[i]) == std::bit_cast<std::uint64_t>(kStale)
                          ? "stale"
                          : fmt::format("{}", block.values[i]),
                      block.times[i].ns / 1'000'000));
    return out;
  }

  std::map<std::string, SeriesId> ids;
  std::map<SeriesId, std::string> names;
  std::map<std::string, SeriesKind> kinds;
  std::size_t asked = 0;
  bool lasting = true, defined = false;
  ResolveSeries resolve;
  AreDefined are_defined = [this](std::span<const SeriesId>) { return defined; };
  RemoteWriteCache cache;
  RemoteWriteReport report;
};

const std::string kUp = remote_labels({{"__name__", "up"}, {"host", "a"}});

TEST_F(RemoteWrite, SamplesOfManySeries) {
  const auto message = remote_series(kUp + remote_samples({{1, 1000}, {0, 2000}})) +
                       remote_series(remote_labels({{"__name__", "requests_total"}, {"host", "b"}}) +
                                     remote_samples({{kStale, 3000}}));
  EXPECT_THAT(rows(message), ElementsAre("up{host=\"a\"} 1@1000", "up{host=\"a\"} 0@2000",
                                         "requests_total{host=\"b\"} stale@3000"));
  EXPECT_EQ(asked, 2u);
  EXPECT_EQ(report.series, 2u);
  EXPECT_EQ(kinds["requests_total{host=\"b\"}"], SeriesKind::counter);
}

TEST_F(RemoteWrite, AnIdIsAskedForUntilItIsDefined) {
  lasting = false;
  const auto message = remote_series(kUp + remote_samples({{1, 1000}}));
  rows(message);
  EXPECT_EQ(asked, 2u);
  defined = true;
  EXPECT_THAT(rows(message), ElementsAre("up{host=\"a\"} 1@1000"));
  defined = false;
  rows(message);
  EXPECT_EQ(asked, 2u);
}

TEST_F(RemoteWrite, OtherFieldsAreSkippedAndLabelsMayComeLast) {
  const auto exemplar = WireText().bytes(3, WireText().real(2, 1).text()).text();
  const auto metadata = WireText().bytes(3, WireText().number(1, 1).bytes(2, "up").text()).text();
  EXPECT_THAT(rows(metadata + remote_series(remote_samples({{1, 1000}}) + exemplar + kUp)),
              ElementsAre("up{host=\"a\"} 1@1000"));
  // Half before, half behind.
  const auto split =
      remote_labels({{"__name__", "up"}}) + remote_samples({{2, 1000}}) + remote_labels({{"host", "a"}});
  EXPECT_THAT(rows(remote_series(split)), ElementsAre("up{host=\"a\"} 2@1000"));
  EXPECT_THAT(rows(remote_series(kUp)), IsEmpty());
  EXPECT_THAT(rows(""), IsEmpty());
}

TEST_F(RemoteWrite, LabelsWithoutAValueAreNoLabels) {
  const auto message = remote_series(remote_labels({{"__name__", "up"}, {"empty", ""}, {"host", "a"}}) +
                                     remote_samples({{1, 5}}));
  EXPECT_THAT(rows(message), ElementsAre("up{host=\"a\"} 1@5"));
}

TEST_F(RemoteWrite, ABadSeriesIsNamedAndTheOthersAreKept) {
  const struct {
    std::string labels, reason;
  } table[] = {{remote_labels({{"host", "a"}}), "has no metric name"},
               {"", "has no metric name"},
               {remote_labels({{"__name__", "up"}, {"a", "1"}, {"a", "2"}}), "label twice"},
               {remote_labels({{"__name__", "up"}, {"", "1"}}), "label without a name"},
               {remote_labels({{"__name__", "up"}, {"a", "\xff"}}), "not UTF-8"},
               {remote_labels({{"__name__", "up"}, {"a", std::string(20'000, 'x')}}), "bytes of labels"},
               {remote_labels({{"__name__", "up"}, {"forbidden", "1"}}), "no more series"}};
  for (const auto& row : table) {
    const auto message = remote_series(kUp + remote_samples({{1, 1}})) +
                         remote_series(row.labels + remote_samples({{2, 2}})) +
                         remote_series(kUp + remote_samples({{3, 3}}));
    EXPECT_THAT(rows(message), ElementsAre("up{host=\"a\"} 1@1", "up{host=\"a\"} 3@3")) << row.reason;
    EXPECT_EQ(report.refused, 1u);
    ASSERT_EQ(report.reasons.size(), 1u);
    EXPECT_THAT(report.reasons[0], HasSubstr(row.reason));
  }
  rows(remote_series(kUp + remote_samples({{1, INT64_MAX}})));
  EXPECT_THAT(report.reasons.at(0), HasSubstr("beyond the years"));
}

TEST_F(RemoteWrite, WhatIsNoWriteRequestIsRefusedWhole) {
  const auto good = remote_series(kUp + remote_samples({{1, 1000}}));
  SampleBlock block;
  for (std::size_t size = 1; size < good.size(); ++size)
    EXPECT_FALSE(decode_remote_write(good.substr(0, size), AccountId{1}, cache, resolve, are_defined, block))
        << size;
  for (const std::string& bad : {std::string("\xff\xff\xff"), std::string("\x0a\x05\x0a", 3),
                                 std::string("\x00\x01", 2), std::string("\x0f\x01", 2)})
    EXPECT_FALSE(decode_remote_write(bad, AccountId{1}, cache, resolve, are_defined, block));
}

TEST_F(RemoteWrite, ANativeHistogramBecomesAClassicOne) {
  // Schema 0: (1,2] 3 values, (2,4] 1 value, (8,16] 2 values; 1 at zero.
  const auto span = [](std::int64_t offset, std::uint64_t length) {
    return WireText().number(1, static_cast<std::uint64_t>(offset * 2)).number(2, length).text();
  };
  std::string deltas;
  for (const std::int64_t delta : {3, -2, 1}) ByteWriter(deltas).svarint(delta);
  const auto histogram = WireText()
                             .number(1, 7)
                             .real(3, 42.5)
                             .real(5, 0.001)
                             .number(6, 1)
                             .bytes(11, span(1, 2))
                             .bytes(11, span(1, 1))
                             .bytes(12, deltas)
                             .number(15, 9000)
                             .text();
  const auto labels = remote_labels({{"__name__", "rpc"}, {"host", "a"}});
  EXPECT_THAT(
      rows(remote_series(labels + WireText().bytes(4, histogram).text())),
      ElementsAre("rpc_sum{host=\"a\"} 42.5@9000", "rpc_count{host=\"a\"} 7@9000",
                  "rpc_bucket{host=\"a\",le=\"0.001\"} 1@9000", "rpc_bucket{host=\"a\",le=\"1\"} 1@9000",
                  "rpc_bucket{host=\"a\",le=\"2\"} 4@9000", "rpc_bucket{host=\"a\",le=\"4\"} 5@9000",
                  "rpc_bucket{host=\"a\",le=\"8\"} 5@9000", "rpc_bucket{host=\"a\",le=\"16\"} 7@9000",
                  "rpc_bucket{host=\"a\",le=\"+Inf\"} 7@9000"));
  EXPECT_EQ(report.histograms, 1u);
  EXPECT_EQ(kinds["rpc_count{host=\"a\"}"], SeriesKind::histogram);

  const auto stale = WireText().real(3, kStale).number(15, 9000).text();
  EXPECT_THAT(rows(remote_series(labels + WireText().bytes(4, stale).text())),
              ElementsAre("rpc_sum{host=\"a\"} stale@9000", "rpc_count{host=\"a\"} stale@9000"));

  const auto too_many = WireText().bytes(11, span(0, 100'000'000)).text();
  EXPECT_THAT(rows(remote_series(labels + WireText().bytes(4, too_many).text())), IsEmpty());
  EXPECT_THAT(report.reasons.at(0), HasSubstr("more buckets in its spans than counts"));
}

TEST(SnappyBlock, ReadsBackAndRefusesDamageAndBombs) {
  const std::string text(100'000, 'x');
  const auto block = snappy_compress(text);
  EXPECT_EQ(snappy_decompress(block, 100'000).value(), text);
  EXPECT_EQ(snappy_decompress(block, 99'999).error().code, Errc::kTooLarge);
  EXPECT_EQ(snappy_decompress(block.substr(0, block.size() / 2), 100'000).error().code, Errc::kInvalid);
  EXPECT_EQ(snappy_decompress("", 100).error().code, Errc::kInvalid);
  EXPECT_EQ(snappy_decompress("\xff\xff\xff\x0fxx", 64 << 20).error().code, Errc::kInvalid);
}

}  // namespace
}  // namespace sentinella::codec
