#include "series/embedded/chunk_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "base/crypto.h"

namespace sentinella::series {
namespace {

struct Columns {
  std::vector<Time> times;
  std::vector<double> values;
};

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool survives(const Columns& columns) {
  Columns back;
  return decode_chunk(encode_chunk(columns.times, columns.values), back.times, back.values) &&
         back.times == columns.times && std::ranges::equal(back.values, columns.values, same_bits);
}

/// The same instants at 10 s for any values.
Columns regular(std::vector<double> values) {
  Columns columns{{}, std::move(values)};
  for (std::size_t i = 0; i < columns.values.size(); ++i)
    columns.times.push_back({1'700'000'000'000'000'000 + static_cast<std::int64_t>(i) * 10'000'000'000});
  return columns;
}

const std::vector<double>& strange_doubles() {
  static const std::vector<double> strange = {0.0,
                                              -0.0,
                                              std::numeric_limits<double>::denorm_min(),
                                              -std::numeric_limits<double>::denorm_min(),
                                              std::numeric_limits<double>::min(),
                                              std::numeric_limits<double>::max(),
                                              -std::numeric_limits<double>::max(),
                                              INFINITY,
                                              -INFINITY,
                                              std::bit_cast<double>(kStaleBits),
                                              std::bit_cast<double>(0x7ff8000000000000u),
                                              std::bit_cast<double>(0xfff8000000000001u),
                                              std::bit_cast<double>(0x7ff0000000000001u),
                                              9007199254740991.0,
                                              9007199254740992.0,
                                              9007199254740994.0,
                                              -9007199254740993.0,
                                              2251799813685247.5,
                                              0.1,
                                              0.1 + 0.2,
                                              1e22,
                                              1e23,
                                              1e-15,
                                              123456.789,
                                              -0.001,
                                              1.0 / 3,
                                              1.0,
                                              -1.0};
  return strange;
}

/// Doubles of one class, or of all: what a chunk of real values never mixes so badly.
rc::Gen<double> any_double() {
  using namespace rc;
  const auto decimal =
      gen::map(gen::pair(gen::arbitrary<std::int64_t>(), gen::inRange(0, 18)), [](auto parts) {
        return static_cast<double>(parts.first % 1'000'000'000) / std::pow(10.0, parts.second);
      });
  return gen::oneOf(
      gen::map(gen::arbitrary<std::uint64_t>(), [](auto bits) { return std::bit_cast<double>(bits); }),
      gen::map(gen::arbitrary<std::int32_t>(), [](auto n) { return n / 100.0; }),
      gen::map(gen::inRange(0, 4), [](auto n) { return static_cast<double>(n); }),
      gen::map(gen::arbitrary<std::int64_t>(), [](auto n) { return static_cast<double>(n); }),
      gen::elementOf(strange_doubles()), decimal);
}

/// How a series behaves for a while: stands, climbs, wanders, or is noise.
std::vector<double> any_behaviour() {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  std::vector<double> values;
  const auto pieces = *rc::gen::inRange(1, 4);
  for (int piece = 0; piece < pieces; ++piece) {
    double value = *any_double();
    const double step = *any_double();
    const auto length = *rc::gen::inRange(1, 400);
    const auto kind = *rc::gen::inRange(0, 5);
    for (int i = 0; i < length; ++i) {
      values.push_back(value);
      if (kind == 1) value += step;
      if (kind == 2) value += static_cast<double>(random() % 2001) / 100 - 10;
      if (kind == 3) value = std::bit_cast<double>(random());
      if (kind == 4 && random() % 16 == 0) value = step * static_cast<double>(random() % 5);
    }
  }
  return values;
}

std::vector<Time> any_instants(std::size_t count) {
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const auto unit = *rc::gen::element<std::int64_t>(1, 1'000, 1'000'000, 1'000'000'000);
  const auto step = *rc::gen::inRange<std::int64_t>(1, 100'000);
  const auto jitter = *rc::gen::inRange<std::int64_t>(0, 1'000);
  const auto gaps = *rc::gen::inRange<std::uint64_t>(2, 1'000);
  std::int64_t at = *rc::gen::inRange<std::int64_t>(-2'000'000'000, 2'000'000'000) * unit;
  std::vector<Time> times;
  for (std::size_t i = 0; i < count; ++i) {
    times.push_back({at});
    at += unit * (step + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(jitter + 1)));
    if (random() % gaps == 0) at += unit * step * 7;
  }
  return times;
}

TEST(ChunkCodec, IsLosslessForAnyInstantsAndDoubles) {
  EXPECT_TRUE(rc::check("scattered", [] {
    const auto instants = *rc::gen::arbitrary<std::set<std::int64_t>>();
    Columns columns;
    for (const std::int64_t instant : instants) columns.times.push_back({instant});
    columns.values = *rc::gen::container<std::vector<double>>(instants.size(), any_double());
    RC_ASSERT(survives(columns));
  }));
}

TEST(ChunkCodec, IsLosslessForEveryBehaviourOfASeries) {
  EXPECT_TRUE(rc::check("behaviours", [] {
    Columns columns{{}, any_behaviour()};
    columns.times = any_instants(columns.values.size());
    RC_ASSERT(survives(columns));
  }));
}

TEST(ChunkCodec, KeepsEveryStrangeDoubleAloneAndInCompany) {
  for (const double strange : strange_doubles()) {
    EXPECT_TRUE(survives(regular({strange}))) << strange;
    EXPECT_TRUE(survives(regular({strange, strange, strange}))) << strange;
    std::vector<double> among(100, 12.5);
    for (std::size_t i = 0; i < among.size(); ++i) among[i] += static_cast<double>(i % 7);
    for (const std::size_t place : {0u, 1u, 50u, 99u}) {
      auto values = among;
      values[place] = strange;
      EXPECT_TRUE(survives(regular(values))) << strange << " at " << place;
    }
  }
  EXPECT_TRUE(survives(regular(strange_doubles())));
}

TEST(ChunkCodec, KeepsTheFirstAndLastInstantThereIs) {
  EXPECT_TRUE(survives({}));
  EXPECT_TRUE(survives({{{INT64_MIN}}, {1}}));
  EXPECT_TRUE(survives({{{INT64_MAX}}, {1}}));
  EXPECT_TRUE(survives({{{INT64_MIN}, {INT64_MAX}}, {1, 2}}));
  EXPECT_TRUE(survives({{{INT64_MIN}, {0}, {INT64_MAX}}, {1, 1, 1}}));
  EXPECT_TRUE(survives({{{INT64_MIN}, {INT64_MIN + 1}, {INT64_MAX - 1}, {INT64_MAX}}, {1, 1, 1, 1}}));
}

TEST(ChunkCodec, KeepsAFullChunkOfAnyKind) {
  std::mt19937_64 random(7);
  Columns noise, counter, flags;
  for (std::size_t i = 0; i < kMaxChunkSamples; ++i) {
    const Time at{static_cast<std::int64_t>(i) * 1'000'000'000 + static_cast<std::int64_t>(random() % 1'000)};
    for (Columns* columns : {&noise, &counter, &flags}) columns->times.push_back(at);
    noise.values.push_back(std::bit_cast<double>(random()));
    counter.values.push_back(static_cast<double>(i * 1'000 + random() % 900));
    flags.values.push_back(i % 1'000 < 990 ? 1 : 0);
  }
  EXPECT_TRUE(survives(noise));
  EXPECT_TRUE(survives(counter));
  EXPECT_TRUE(survives(flags));
}

TEST(ChunkCodec, AppendsToWhatIsThere) {
  const Columns columns = regular({1, 2, 4});
  const std::string chunk = encode_chunk(columns.times, columns.values);
  Columns all;
  ASSERT_TRUE(decode_chunk(chunk, all.times, all.values));
  ASSERT_TRUE(decode_chunk(chunk, all.times, all.values));
  EXPECT_THAT(all.values, testing::ElementsAre(1, 2, 4, 1, 2, 4));
  EXPECT_EQ(all.times[3], columns.times[0]);
}

// ---- the summary

void expect_near(double got, double expected, double scale) {
  EXPECT_NEAR(got, expected, 1e-12 * scale);
}

TEST(ChunkCodec, TheSummarySaysWhatTheSamplesSay) {
  EXPECT_TRUE(rc::check("summary", [] {
    Columns columns = regular(any_behaviour());
    if (std::ranges::any_of(columns.values, [](double v) { return !(std::abs(v) < 1e100); })) return;
    const auto summary = peek_chunk(encode_chunk(columns.times, columns.values));
    RC_ASSERT(summary.has_value());
    RC_ASSERT(summary->count == columns.values.size());
    RC_ASSERT(summary->first == columns.times.front() && summary->last == columns.times.back());
    RC_ASSERT(same_bits(summary->values.first, columns.values.front()));
    RC_ASSERT(same_bits(summary->values.last, columns.values.back()));
    const ValueSummary plain = summarise(columns.values);
    RC_ASSERT(summary->values.min == plain.min && summary->values.max == plain.max);
    double size = 0;
    for (const double value : columns.values) size += std::abs(value);
    RC_ASSERT(std::abs(summary->values.sum - plain.sum) <= 1e-12 * size);
    RC_ASSERT(std::abs(summary->values.sum_of_squares - plain.sum_of_squares) <= 1e-9 * plain.sum_of_squares);
  }));
}

TEST(ChunkCodec, TheSummaryOfManyDecimalsIsExact) {
  std::mt19937_64 random(3);
  std::vector<double> values;
  std::int64_t hundredths = 0;
  for (int i = 0; i < 720; ++i) {
    const auto number = static_cast<std::int64_t>(random() % 10'000);
    values.push_back(static_cast<double>(number) / 100);
    hundredths += number;
  }
  const Columns columns = regular(values);
  const auto summary = peek_chunk(encode_chunk(columns.times, columns.values));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->values.sum, static_cast<double>(hundredths) / 100);
  EXPECT_FALSE(summary->values.has_nan);
}

TEST(ChunkCodec, TheSummaryLeavesOutStaleMarkersAndTellsOfNaN) {
  std::vector<double> values(200, 3.25);
  values[10] = 7;
  values.back() = std::bit_cast<double>(kStaleBits);
  Columns columns = regular(values);
  auto summary = peek_chunk(encode_chunk(columns.times, columns.values));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->count, 200u);
  EXPECT_EQ(summary->values.stale, 1u);
  EXPECT_FALSE(summary->values.has_nan);
  EXPECT_EQ(summary->values.max, 7);
  expect_near(summary->values.sum, 198 * 3.25 + 7, 1000);
  columns.values[5] = std::numeric_limits<double>::quiet_NaN();
  summary = peek_chunk(encode_chunk(columns.times, columns.values));
  ASSERT_TRUE(summary);
  EXPECT_TRUE(summary->values.has_nan);
  EXPECT_EQ(summary->values.min, 3.25);
}

// ---- sizes: what makes the format worth having, with room to spare

std::size_t size_of(const std::vector<double>& values) {
  const Columns columns = regular(values);
  return encode_chunk(columns.times, columns.values).size();
}

TEST(ChunkCodec, ARegularLineTakesAFewBytesHoweverLong) {
  std::vector<double> constant(10'000, 0.1 + 0.2), counter;
  for (int i = 0; i < 10'000; ++i) counter.push_back(123'456'789 + i * 1'000.0);
  EXPECT_LT(size_of(constant), 40u);
  EXPECT_LT(size_of(counter), 40u);
}

TEST(ChunkCodec, AFlagPaysForItsChangesOnly) {
  std::vector<double> flag(720, 1);
  for (std::size_t i = 300; i < 310; ++i) flag[i] = 0;
  EXPECT_LT(size_of(flag), 50u);
}

TEST(ChunkCodec, ARandomWalkOfDecimalsTakesLittleMoreThanItsEntropy) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> step(0, 100);
  std::vector<double> values;
  double hundredths = 5'000;
  for (int i = 0; i < 720; ++i) {
    values.push_back(hundredths / 100);
    hundredths += std::round(step(random));
  }
  const double entropy_bits = std::log2(100 * std::sqrt(2 * std::numbers::pi * std::numbers::e));
  EXPECT_LT(static_cast<double>(size_of(values)), 720 * (entropy_bits + 0.6) / 8);
}

TEST(ChunkCodec, MultiplesOfAPageAreNotPaidByTheByte) {
  std::mt19937_64 random(11);
  std::vector<double> bytes, pages;
  for (int i = 0; i < 720; ++i) {
    pages.push_back(static_cast<double>(1'000'000 + random() % 200));
    bytes.push_back(pages.back() * 4'096);
  }
  EXPECT_LT(size_of(bytes), size_of(pages) + 16);
}

TEST(ChunkCodec, OneResetDoesNotSpoilACounter) {
  std::mt19937_64 random(5);
  std::vector<double> counter;
  double value = 1e12;
  for (int i = 0; i < 720; ++i) {
    counter.push_back(value += static_cast<double>(random() % 64));
    if (i == 400) value = 0;
  }
  EXPECT_LT(size_of(counter), 720 * 7 / 8 + 60u);
}

// ---- damage

TEST(ChunkCodec, EveryFlippedBitAndEveryCutIsNoticed) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i % 3 == 0 ? 0.1 * i : i);
  for (const Columns& columns : {regular(values), regular({1, 1, 1}), Columns{}}) {
    const std::string whole = encode_chunk(columns.times, columns.values);
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_FALSE(decode_chunk(std::string_view(whole).substr(0, size))) << size;
    for (std::size_t at = 0; at < whole.size() * 8; ++at) {
      std::string bytes = whole;
      bytes[at / 8] = static_cast<char>(bytes[at / 8] ^ (1 << at % 8));
      EXPECT_FALSE(decode_chunk(bytes)) << at;
      EXPECT_FALSE(peek_chunk(bytes)) << at;
    }
  }
}

TEST(ChunkCodec, WhatCannotBeReadAppendsNothing) {
  const Columns columns = regular({1, 2, 4});
  std::string chunk = encode_chunk(columns.times, columns.values);
  chunk.back() = static_cast<char>(chunk.back() ^ 1);
  Columns all = regular({5});
  const auto outcome = decode_chunk(chunk, all.times, all.values);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::kCorrupt);
  EXPECT_EQ(all.times.size(), 1u);
  EXPECT_EQ(all.values.size(), 1u);
}

TEST(ChunkCodec, TheFormatStaysAsDocumented) {
  const Columns columns{{{1'000'000'000}, {11'000'000'000}, {21'000'000'000}}, {1.0, 1.0, 1.5}};
  EXPECT_EQ(to_hex(encode_chunk(columns.times, columns.values)), "0203100214011425050001022ac84abd");
}

}  // namespace
}  // namespace sentinella::series
