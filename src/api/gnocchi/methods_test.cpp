#include "api/gnocchi/methods.h"

#include <gmock/gmock.h>

namespace sentinella::api::gnocchi {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

double one(std::string_view name, const std::vector<double>& values) {
  const auto method = parse_method(name);
  return method ? fold(method->kind, method->percent, values).value_or(-1) : -2;
}

Points points(std::initializer_list<std::pair<std::int64_t, double>> rows) {
  Points made;
  for (const auto& [second, value] : rows) made.add({second * 1'000'000'000}, value);
  return made;
}

TEST(GnocchiMethods, GiveGnocchisValues) {
  const std::vector<double> values{1, 4, 2, 8};
  EXPECT_EQ(one("mean", values), 3.75);
  EXPECT_EQ(one("sum", values), 15);
  EXPECT_EQ(one("min", values), 1);
  EXPECT_EQ(one("max", values), 8);
  EXPECT_EQ(one("first", values), 1);
  EXPECT_EQ(one("last", values), 8);
  EXPECT_EQ(one("count", values), 4);
  EXPECT_EQ(one("median", values), 3);
  EXPECT_THAT(one("std", values), DoubleNear(3.0957, 1e-4));
  EXPECT_THAT(one("1pct", values), DoubleNear(1.03, 1e-9));
  EXPECT_THAT(one("95pct", values), DoubleNear(7.4, 1e-9));
  EXPECT_THAT(one("99pct", values), DoubleNear(7.88, 1e-9));
}

TEST(GnocchiMethods, OneValueHasNoDeviation) {
  EXPECT_EQ(fold(Method::Kind::deviation, 0, std::vector<double>{7}), std::nullopt);
}

TEST(GnocchiMethods, AreTwoHundredAndSixteen) {
  EXPECT_EQ(all_methods().size(), 216u);
  for (const auto& name : all_methods()) EXPECT_TRUE(parse_method(name)) << name;
  for (const auto* name : {"wtf", "0pct", "100pct", "05pct", "rate:", "rate:rate:mean", "pct", ""})
    EXPECT_FALSE(parse_method(name)) << name;
}

TEST(GnocchiMethods, APolicysListMayChangeTheUsualOnes) {
  const std::vector<std::string> usual{"mean", "max"};
  EXPECT_THAT(*methods_of({"min", "last"}, usual), ElementsAre("min", "last"));
  EXPECT_THAT(*methods_of({"+last", "-max"}, usual), ElementsAre("mean", "last"));
  EXPECT_EQ(methods_of({"*", "-mean"}, usual)->size(), 215u);
  EXPECT_FALSE(methods_of({"wtf"}, usual));
}

TEST(GnocchiMethods, ARateIsTheDifferenceToTheValueBeforeWhereverThatIs) {
  const auto raw = points({{0, 1}, {10, 4}, {20, 2}, {50, 8}, {60, 20}, {150, 50}, {160, 55}});
  const auto rates = differences(raw);
  const auto mean = roll_up(rates, *parse_method("rate:mean"), 60s);
  EXPECT_THAT(mean.values, ElementsAre(DoubleNear(7.0 / 3, 1e-9), 12, 17.5));
  EXPECT_THAT(roll_up(rates, *parse_method("rate:count"), 60s).values, ElementsAre(3, 1, 2));
  EXPECT_THAT(roll_up(rates, *parse_method("rate:std"), 60s).values.size(), 2u);
}

TEST(GnocchiMethods, GranulesAreCountedFromTheEpoch) {
  EXPECT_EQ(granule_of(Time{1'425'652'437'000'000'000}, 300s).ns, 1'425'652'200'000'000'000);
  EXPECT_EQ(granule_of(Time{1'425'652'437'000'000'000}, 7s).ns % 7'000'000'000, 0);
}

}  // namespace
}  // namespace sentinella::api::gnocchi
