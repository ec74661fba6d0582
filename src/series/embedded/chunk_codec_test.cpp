#include "series/embedded/chunk_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "base/crypto.h"

namespace sentinella::series {
namespace {

bool same(const std::vector<Sample>& a, const std::vector<Sample>& b) {
  return std::ranges::equal(a, b, [](const Sample& x, const Sample& y) {
    return x.at == y.at && std::bit_cast<std::uint64_t>(x.value) == std::bit_cast<std::uint64_t>(y.value);
  });
}

bool survives(const std::vector<Sample>& samples) {
  const auto back = decode_chunk(encode_chunk(samples));
  return back && same(*back, samples);
}

/// Instants at any distance, values that are any bits or near their neighbour.
std::vector<Sample> any_samples() {
  const auto instants = *rc::gen::arbitrary<std::set<std::int64_t>>();
  const std::int64_t unit = *rc::gen::element<std::int64_t>(1, 1000, 1'000'000'000);
  std::vector<Sample> samples;
  for (const std::int64_t instant : instants) {
    const auto bits = *rc::gen::oneOf(rc::gen::arbitrary<std::uint64_t>(),
                                      rc::gen::map(rc::gen::arbitrary<std::int16_t>(), [](std::int16_t v) {
                                        return std::bit_cast<std::uint64_t>(v / 10.0);
                                      }));
    samples.push_back({{instant / unit * unit}, std::bit_cast<double>(bits)});
    if (samples.size() > 1 && samples.back().at == samples[samples.size() - 2].at) samples.pop_back();
  }
  return samples;
}

TEST(ChunkCodec, IsLosslessForAnySamples) {
  EXPECT_TRUE(rc::check("decode(encode(samples)) == samples", [] { RC_ASSERT(survives(any_samples())); }));
}

TEST(ChunkCodec, KeepsEveryStrangeDouble) {
  const std::vector<double> strange = {
      0.0,
      -0.0,
      std::numeric_limits<double>::denorm_min(),
      -std::numeric_limits<double>::max(),
      INFINITY,
      -INFINITY,
      std::bit_cast<double>(0x7ff0000000000002u),  // Prometheus' staleness marker
      std::bit_cast<double>(0xfff8000000000001u),
      1.0,
      -1.0};
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < strange.size(); ++i)
    samples.push_back({{static_cast<std::int64_t>(i * i) - 50}, strange[i]});
  EXPECT_TRUE(survives(samples));
}

TEST(ChunkCodec, KeepsTheFirstAndLastInstantThereIs) {
  EXPECT_TRUE(survives({}));
  EXPECT_TRUE(survives({{{INT64_MIN}, 1}}));
  EXPECT_TRUE(survives({{{INT64_MIN}, 1}, {{INT64_MAX}, 2}}));
  EXPECT_TRUE(survives({{{INT64_MIN}, 1}, {{0}, 1}, {{INT64_MAX}, 2}}));
}

TEST(ChunkCodec, ASteadySeriesTakesTwoBitsASample) {
  std::vector<Sample> samples;
  for (std::int64_t i = 0; i < 1000; ++i) samples.push_back({{i * 10'000'000'000}, 42.0});
  EXPECT_LT(encode_chunk(samples).size(), 1000 * 2 / 8 + 30u);
}

TEST(ChunkCodec, DamageNeverPassesForMoreSamplesThanWereSent) {
  std::vector<Sample> samples;
  for (std::int64_t i = 0; i < 50; ++i)
    samples.push_back({{i * 1'000'000'007}, static_cast<double>(i) * 0.1});
  const std::string whole = encode_chunk(samples);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_chunk(whole.substr(0, size))) << size;
  for (std::size_t at = 0; at < whole.size() * 8; ++at) {
    std::string bytes = whole;
    bytes[at / 8] = static_cast<char>(bytes[at / 8] ^ (1 << at % 8));
    if (const auto decoded = decode_chunk(bytes)) {
      EXPECT_TRUE(std::ranges::is_sorted(*decoded, {}, &Sample::at));
    }
  }
}

TEST(ChunkCodec, TheFormatStaysAsDocumented) {
  const std::vector<Sample> samples = {
      {{1'000'000'000}, 1.0}, {{11'000'000'000}, 1.0}, {{21'000'000'000}, 1.5}};
  EXPECT_EQ(to_hex(encode_chunk(samples)), "030000ca9a3b00000000000000000000f03f8a198040");
}

}  // namespace
}  // namespace sentinella::series
