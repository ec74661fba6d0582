#include "codec/exposition_number.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sentinella::codec {
namespace {

/// The bytes read, -1 for none.
std::ptrdiff_t read(const std::string& text, double& value) {
  const std::string line = text + "\n";
  const char* end = parse_exposition_number(line.data(), line.data() + line.size(), value);
  return end == nullptr ? -1 : end - line.data();
}

void expect_as_strtod(const std::string& text) {
  double value = 0;
  EXPECT_EQ(read(text, value), static_cast<std::ptrdiff_t>(text.size())) << text;
  EXPECT_EQ(std::bit_cast<std::uint64_t>(value),
            std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)))
      << text;
}

TEST(ExpositionNumber, IsTheNearestDoubleBitForBit) {
  for (const char* text : {"0",
                           "-0",
                           "+7",
                           "1.5",
                           "-1.5e3",
                           ".5",
                           "5.",
                           "1e22",
                           "1e23",
                           "123456789012345",
                           "1234567890123456",
                           "9007199254740993",
                           "0.1",
                           "0.30000000000000004",
                           "1.7976931348623157e308",
                           "1e-400",
                           "4.9406564584124654e-324",
                           "2.2250738585072011e-308",
                           "1.000000000000000e+09",
                           "1E5",
                           "1e00000000000000001",
                           "8.5e-9999999999",
                           "123456789012345678901234567890"})
    expect_as_strtod(text);
  expect_as_strtod("0." + std::string(400, '0') + "1");
  expect_as_strtod(std::string(500, '0').append("1e-3"));
}

TEST(ExpositionNumber, RandomDoublesReadBackAsTheyWere) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    expect_as_strtod(fmt::format("{}", value));
    expect_as_strtod(fmt::format("{:.6e}", value));
    expect_as_strtod(fmt::format("{:.3f}", static_cast<double>(static_cast<std::int32_t>(random())) / 1000));
  }
}

TEST(ExpositionNumber, InfinitiesAndNansInAnyCase) {
  double value = 0;
  for (const char* text : {"Inf", "+Inf", "inf", "INFINITY", "+infinity"}) {
    EXPECT_EQ(read(text, value), static_cast<std::ptrdiff_t>(std::string_view(text).size()));
    EXPECT_EQ(value, HUGE_VAL) << text;
  }
  EXPECT_EQ(read("-Inf", value), 4);
  EXPECT_EQ(value, -HUGE_VAL);
  EXPECT_EQ(read("NaN", value), 3);
  EXPECT_TRUE(std::isnan(value));
}

TEST(ExpositionNumber, WhatIsNoNumberIsRefused) {
  double value = 0;
  for (const char* text : {"", "-", ".", "e5", "+.", "+-1", "nothing", "in", "--1", " 1", "1e309", "-1e400"})
    EXPECT_EQ(read(text, value), -1) << text;
  EXPECT_EQ(read("12abc", value), 2);
  EXPECT_EQ(read("0x10", value), 1);
}

}  // namespace
}  // namespace sentinella::codec
