#include "api/gnocchi/operations.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "base/json.h"

namespace sentinella::api::gnocchi {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsNan;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

/// Metrics a and b, a value each 10 s from 0 on.
Table input(std::vector<double> a, std::vector<double> b) {
  Table table{.granularity = 10s};
  for (std::size_t i = 0; i < a.size(); ++i)
    table.times.push_back({static_cast<std::int64_t>(i) * 10'000'000'000});
  for (const std::string name : {"a", "b"}) table.keys.push_back({"", name, {name, "mean"}, "mean"});
  table.values = {std::move(a), std::move(b)};
  return table;
}

std::vector<std::vector<double>> result(const std::string& text, const Table& table) {
  const auto operation = read_operations(boost::json::string(text));
  if (!operation) throw std::runtime_error(boost::json::serialize(operation.error().description));
  const auto done = evaluate(*operation, table);
  if (!done) throw std::runtime_error(boost::json::serialize(done.error().description));
  return done->values;
}

std::string problem(const boost::json::value& json) {
  const auto operation = read_operations(json);
  return operation ? "none" : boost::json::serialize(operation.error().description);
}
std::string problem(const char* text) {
  return problem(boost::json::value(boost::json::string(text)));
}

TEST(GnocchiOperations, AggregateAcrossSeriesIgnoringWhatIsMissing) {
  const auto table = input({1, kNothing, 4}, {2, 2, kNothing});
  EXPECT_THAT(result("(aggregate mean (metric (a mean) (b mean)))", table),
              ElementsAre(ElementsAre(1.5, 2, 4)));
  EXPECT_THAT(result("(aggregate count (metric (a mean) (b mean)))", table),
              ElementsAre(ElementsAre(2, 1, 1)));
  EXPECT_THAT(result("(aggregate rate:sum (metric (a mean) (b mean)))", table),
              ElementsAre(ElementsAre(-1, 2)));
}

TEST(GnocchiOperations, ComputeWithNumbersAndWithEachOther) {
  const auto table = input({1, 4}, {2, 2});
  EXPECT_THAT(result("(+ (metric (a mean) (b mean)) 2.0)", table),
              ElementsAre(ElementsAre(3, 6), ElementsAre(4, 4)));
  EXPECT_THAT(result("(/ 4 (metric a mean))", table), ElementsAre(ElementsAre(4, 1)));
  EXPECT_THAT(result("(- (metric a mean) (metric b mean)))", table), ElementsAre(ElementsAre(-1, 2)));
  EXPECT_THAT(result("(>= (metric a mean) 2)", table), ElementsAre(ElementsAre(0, 1)));
  EXPECT_THAT(result("(mod (neg (metric a mean)) 3)", table), ElementsAre(ElementsAre(2, 2)));
  EXPECT_THAT(result("(clip (metric a mean) 2 3)", table), ElementsAre(ElementsAre(2, 3)));
}

TEST(GnocchiOperations, RollAndResampleAndDifferentiate) {
  const auto table = input({10, 70, 50, 20}, {1, 1, 1, 1});
  EXPECT_THAT(result("(rolling mean 2 (metric a mean))", table), ElementsAre(ElementsAre(40, 60, 35)));
  EXPECT_THAT(result("(resample max 20 (metric a mean))", table), ElementsAre(ElementsAre(70, 50)));
  EXPECT_THAT(result("(rateofchange (metric a mean))", table), ElementsAre(ElementsAre(60, -20, -30)));
  EXPECT_THAT(result("(rateofchangesec (metric a mean))", table),
              ElementsAre(ElementsAre(IsNan(), 6, -2, -3)));
}

TEST(GnocchiOperations, TheDeviationAcrossSeriesIsThatOfAPopulation) {
  Table table = input({1}, {2});
  table.keys.push_back({"", "c", {"c", "mean"}, "mean"});
  table.values.push_back({4});
  EXPECT_THAT(result("(aggregate std (metric (a mean) (b mean) (c mean)))", table),
              ElementsAre(ElementsAre(DoubleNear(1.2472, 1e-4))));
}

TEST(GnocchiOperations, WhatIsWrongIsSaidInGnocchisWords) {
  EXPECT_THAT(problem(boost::json::array()), HasSubstr("Operation must not be empty"));
  EXPECT_THAT(problem(boost::json::object()), HasSubstr("Expected a tuple/list, got a dict"));
  EXPECT_THAT(problem(*parse_json(R"(["metric"])")),
              HasSubstr("Operation need at least one argument for dictionary"));
  EXPECT_THAT(problem("(metroc foo bar"),
              HasSubstr("Expected ')', found end of text  (at char 15), (line:1, col:16)"));
  EXPECT_THAT(problem("(rolling blah 2 (metric a mean))"),
              HasSubstr("'rolling' operation invalid for dictionary"));
  EXPECT_THAT(problem("(rolling mean (metric a mean))"),
              HasSubstr("'rolling' operation invalid for dictionary"));
  EXPECT_THAT(problem("(resample mean invalid (metric a mean))"), HasSubstr("'resample' operation invalid"));
  EXPECT_THAT(problem("(notexist (metric a mean))"), HasSubstr("'notexist' operation invalid"));
  EXPECT_THAT(problem("(+ 1 2)"), HasSubstr("operation invalid"));
}

TEST(GnocchiOperations, DepthHasAnEnd) {
  std::string deep(100'000, '(');
  EXPECT_NE(problem(deep.c_str()), "none");
  std::string nested;
  for (int i = 0; i < 40; ++i) nested += "(abs ";
  EXPECT_NE(problem((nested + "(metric a mean)" + std::string(40, ')')).c_str()), "none");
}

}  // namespace
}  // namespace sentinella::api::gnocchi
