#include "codec/decimal_text.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sentinella::codec {
namespace {

/// The whole text as a number, from a buffer that ends with it.
std::optional<double> read(const std::string& text) {
  const std::vector<char> exact(text.begin(), text.end());
  DecimalNumber number;
  const char* const end = exact.data() + exact.size();
  const char* const behind = scan_decimal(exact.data(), end, number);
  return behind != nullptr && behind == end ? std::optional(number.value) : std::nullopt;
}

void expect_as_strtod(const std::string& text) {
  const double expected = std::strtod(text.c_str(), nullptr);
  const auto got = read(text);
  ASSERT_TRUE(got) << text;
  ASSERT_EQ(std::bit_cast<std::uint64_t>(*got), std::bit_cast<std::uint64_t>(expected)) << text;
}

TEST(DecimalText, EqualsStrtodBitForBitAtTheEdges) {
  for (const char* text : {"0",
                           "-0",
                           "1",
                           "9",
                           "10",
                           "-1",
                           "00000000",
                           "000000001",
                           "12345678",
                           "123456789",
                           "1234567812345678",
                           "12345678123456789",
                           "9007199254740992",
                           "9007199254740993",
                           "9007199254740995",
                           "18446744073709551615",
                           "18446744073709551616",
                           "99999999999999999999999",
                           "0.1",
                           "-0.1",
                           ".5",
                           "-.5",
                           "5.",
                           "-5.",
                           "0.30",
                           "45.23",
                           "12345678.12345678",
                           "1234567890.12",
                           "0.00000001",
                           "0.000000000000000000001",
                           "123456789012345.6",
                           "1e5",
                           "1E5",
                           "1e+5",
                           "1e-5",
                           "-1.5e-7",
                           "2.2250738585072011e-308",
                           "2.2250738585072014e-308",
                           "4.9e-324",
                           "2.4e-324",
                           "1e-400",
                           "-1e-400",
                           "1.7976931348623157e308",
                           "0.1000000000000000055511151231257827",
                           "9007199254740991.5",
                           "1e22",
                           "1e23",
                           "8.988465674311580e307",
                           "1234567.1234567890123456"})
    expect_as_strtod(text);
}

TEST(DecimalText, EqualsStrtodBitForBitForRandomNumbers) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 200'000; ++i) {
    const auto bits = std::bit_cast<double>(random());
    if (std::isfinite(bits)) expect_as_strtod(fmt::format("{}", bits));
    const auto whole = random() >> (random() % 64);
    const auto places = random() % 20;
    std::string text = std::to_string(whole);
    if (places < text.size()) text.insert(text.size() - places, ".");
    expect_as_strtod((i % 2 == 0 ? "-" : "") + text);
  }
}

TEST(DecimalText, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "-", ".", "-.", "+1", "e5", "x", " 1", "--1", "nan", "inf", "-inf", "1e400",
                           "-1e400", "0x10", "1_000"})
    EXPECT_FALSE(read(text)) << text;
}

TEST(DecimalText, StopsBehindTheNumber) {
  for (const std::string& text :
       std::vector<std::string>{"12,", "12.5 ", "12i", "1e5x", "12e", "12e+", "1.2.3", "12345678-"}) {
    DecimalNumber number;
    const char* const end = scan_decimal(text.data(), text.data() + text.size(), number);
    ASSERT_NE(end, nullptr) << text;
    char* expected = nullptr;
    EXPECT_EQ(number.value, std::strtod(text.c_str(), &expected)) << text;
    EXPECT_EQ(end, expected) << text;
  }
}

TEST(DecimalText, SaysHowManyDigitsAWholeNumberHas) {
  const auto digits = [](const std::string& text) {
    DecimalNumber number;
    scan_decimal(text.data(), text.data() + text.size(), number);
    return number.whole_digits;
  };
  EXPECT_EQ(digits("7"), 1u);
  EXPECT_EQ(digits("-1234567890123456"), 16u);
  EXPECT_EQ(digits("12345678901234567890"), 20u);
  EXPECT_EQ(digits("7.0"), 0u);
  EXPECT_EQ(digits("7e3"), 0u);
}

TEST(DecimalText, ReadsEveryInt64) {
  std::mt19937_64 random(12);
  std::vector<std::int64_t> numbers = {0, 1, -1, INT64_MAX, INT64_MIN, 99'999'999, 1'000'000'000'000'000};
  for (int i = 0; i < 50'000; ++i) numbers.push_back(static_cast<std::int64_t>(random() >> (random() % 64)));
  for (const auto expected : numbers) {
    const std::string text = std::to_string(expected);
    std::int64_t got = 7;
    ASSERT_EQ(scan_integer(text.data(), text.data() + text.size(), got), text.data() + text.size()) << text;
    ASSERT_EQ(got, expected);
  }
  for (const std::string& text :
       std::vector<std::string>{"", "-", "9223372036854775808", "-9223372036854775809",
                                "99999999999999999999", "184467440737095516160"}) {
    std::int64_t got = 0;
    EXPECT_EQ(scan_integer(text.data(), text.data() + text.size(), got), nullptr) << text;
  }
}

}  // namespace
}  // namespace sentinella::codec
