#include "series/embedded/open_stream.h"

#include <bit>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace sentinella::series {
namespace {

RC_GTEST_PROP(OpenStream, GivesBackEverySampleBitForBit, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, OpenStream::kMaxCount);
  const std::int64_t unit = *rc::gen::element<std::int64_t>(1, 1'000'000, 1'000'000'000);
  OpenStream stream;
  std::vector<Time> times;
  std::vector<std::uint64_t> bits;
  std::int64_t at = *rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000) * 1'000'000'000'000;
  std::uint64_t random = *rc::gen::arbitrary<std::uint64_t>();
  for (std::size_t i = 0; i < count; ++i) {
    random = random * 6'364'136'223'846'793'005 + 1;
    at += unit * static_cast<std::int64_t>(1 + (random >> 60 == 0 ? random >> 33 : random >> 62));
    times.push_back({at});
    // Of every width, and now and then the one before.
    bits.push_back(i > 0 && random >> 61 == 0 ? bits.back() : random >> (random >> 58));
    stream.append({at}, std::bit_cast<double>(bits.back()));
  }
  std::vector<Time> got_times;
  std::vector<double> got_values;
  stream.read(got_times, got_values);
  RC_ASSERT(got_times == times);
  RC_ASSERT(got_values.size() == count);
  for (std::size_t i = 0; i < count; ++i) RC_ASSERT(std::bit_cast<std::uint64_t>(got_values[i]) == bits[i]);
  RC_ASSERT(stream.first_at() == times.front());
  RC_ASSERT(stream.last_at() == times.back());
}

TEST(OpenStream, RemembersItsLastSampleWhenItIsTakenEmpty) {
  OpenStream stream;
  stream.append({10}, 1.5);
  stream.append({20}, 2.5);
  const PackedSamples taken = stream.take();
  EXPECT_EQ(taken.count, 2u);
  EXPECT_TRUE(stream.empty());
  EXPECT_EQ(stream.last_at(), Time{20});
  EXPECT_EQ(stream.last_value(), 2.5);
  stream.append({30}, 3.5);
  std::vector<Time> times;
  std::vector<double> values;
  ASSERT_TRUE(unpack_stream(taken.view(), taken.count, times, values));
  stream.read(times, values);
  EXPECT_EQ(times, (std::vector<Time>{{10}, {20}, {30}}));
  EXPECT_EQ(values, (std::vector<double>{1.5, 2.5, 3.5}));
}

TEST(OpenStream, RefusesBytesThatAreCutOrTooLong) {
  OpenStream stream;
  for (int i = 0; i < 20; ++i) stream.append({i * i * 7}, i * 0.1);
  const std::string bytes(stream.view());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::vector<Time> times;
    std::vector<double> values;
    EXPECT_FALSE(unpack_stream(std::string_view(bytes).substr(0, size), 20, times, values)) << size;
  }
  std::vector<Time> times;
  std::vector<double> values;
  EXPECT_FALSE(unpack_stream(bytes + "x", 20, times, values));
}

}  // namespace
}  // namespace sentinella::series
