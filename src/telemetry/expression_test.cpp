#include "telemetry/expression.h"

#include <cmath>

#include <gmock/gmock.h>

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ExpressionValue resolve(const ExpressionName& name) {
  if (name.meter == "memory.usage") return 512.0;
  if (name.meter == "memory") return name.path.empty() ? ExpressionValue(1024.0) : ExpressionValue(4.0);
  if (name.path == std::vector<std::string>{"volume"}) return 36.0;
  if (name.path == std::vector<std::string>{"resource_metadata", "kind"}) return std::string("large");
  return {};
}

double number(std::string_view text) {
  const auto expression = Expression::parse(text);
  EXPECT_TRUE(expression) << text << ": " << expression.error().message;
  if (!expression) return NAN;
  const auto value = expression->number(resolve);
  EXPECT_TRUE(value) << text << ": " << value.error().message;
  return value.value_or(NAN);
}

TEST(Expression, CalculatesAsPythonDoes) {
  EXPECT_EQ(number("1 + 2 * 3"), 7);
  EXPECT_EQ(number("(1 + 2) * 3"), 9);
  EXPECT_EQ(number("7 / 2"), 3.5);
  EXPECT_EQ(number("-7 // 2"), -4);
  EXPECT_EQ(number("-7 % 3"), 2);
  EXPECT_EQ(number("2 ** 3 ** 2"), 512);
  EXPECT_EQ(number("-2 ** 2"), -4);
  EXPECT_EQ(number("2 ** -1"), 0.5);
  EXPECT_EQ(number("1e3 + .5"), 1000.5);
  EXPECT_EQ(number("10 - 3 - 2"), 5);
  EXPECT_EQ(number("(volume * 1.8) + 32"), 96.8);
}

TEST(Expression, ComparesAndChooses) {
  EXPECT_EQ(number("1 < 2 and 3"), 3);
  EXPECT_EQ(number("0 or 5"), 5);
  EXPECT_EQ(number("not 0"), 1);
  EXPECT_EQ(number("not not 7"), 1);
  EXPECT_EQ(number("(resource_metadata.cpu_number or 1)"), 1);
  EXPECT_EQ(number("resource_metadata.kind == 'large'"), 1);
  EXPECT_EQ(number("None or 2"), 2);
  EXPECT_EQ(number("1 == 1.0"), 1);
  EXPECT_EQ(number("(2 >= 3) or (2 != 3)"), 1);
}

TEST(Expression, NamesMetersInTheirOrder) {
  EXPECT_EQ(number("100.0 * $(memory.usage) / $(memory)"), 50);
  EXPECT_EQ(number("$(memory) / $(memory).resource_metadata.n"), 256);
  EXPECT_THAT(Expression::parse("$(b)+$(a)*$(b)")->meters(), ElementsAre("b", "a"));
  EXPECT_THAT(Expression::parse("512.0 * 3")->meters(), IsEmpty());
}

TEST(Expression, IsNoProgram) {
  for (const char* text : {"", "f(1)", "__import__('os')", "a[0]", "a = 1", "lambda: 1", "1 +", "(1", "1)",
                           "$(", "a..b", "x if y else z", "1 2", "'open", "[1]", "1..2", "a.b()", "`x`"})
    EXPECT_FALSE(Expression::parse(text)) << text;
  EXPECT_FALSE(Expression::parse(std::string(200, '(') + "1" + std::string(200, ')')));
  EXPECT_FALSE(Expression::parse(std::string(200, '-') + "1"));
  EXPECT_FALSE(Expression::parse(std::string(5000, '1')));
}

TEST(Expression, WhatHasNoValueIsAnError) {
  for (const char* text : {"1 / 0", "1 % 0", "1 // 0", "nothing + 1", "'a' * 2", "-resource_metadata.kind",
                           "10 ** 999", "'a'", "resource_metadata.nothing", "(-8) ** 0.5"}) {
    const auto expression = Expression::parse(text);
    ASSERT_TRUE(expression) << text;
    EXPECT_FALSE(expression->number(resolve)) << text;
  }
}

}  // namespace
}  // namespace sentinella::telemetry
