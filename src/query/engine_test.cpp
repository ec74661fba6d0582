#include "query/engine.h"

#include <cmath>
#include <map>
#include <random>

#include <gmock/gmock.h>

#include "base/temporary_directory.h"
#include "query/number_text.h"
#include "query/statistics.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::query {
namespace {

using testing::HasSubstr;

constexpr AccountId kOurs{1};
constexpr AccountId kTheirs{2};

class Engine : public testing::Test {
 protected:
  Engine() { store = std::move(*series::open_embedded_series_store({.directory = directory.path()})); }

  using Points = std::vector<std::pair<std::int64_t, double>>;  ///< milliseconds, value

  void write(std::vector<Label> labels, const Points& points, AccountId account = kOurs) {
    SeriesSamples samples{Labels(std::move(labels)), SeriesKind::gauge, {}};
    for (const auto& [ms, value] : points) samples.samples.push_back({Time{ms * 1'000'000}, value});
    write(samples, account);
  }
  void write(const SeriesSamples& samples, AccountId account = kOurs) {
    SampleBlock block;
    ASSERT_TRUE(series::resolve_into(*store, account, samples, block));
    ASSERT_TRUE(store->append(account, block, ++offset));
  }

  Result<Answer> instant(std::string_view text, std::int64_t at_ms, const Limits& limits = {}) {
    const auto expr = parse_expression(text);
    if (!expr) return std::unexpected(expr.error());
    return evaluate_instant(source(), **expr, at_ms, limits);
  }
  Result<Answer> range(std::string_view text, const Steps& steps, const Limits& limits = {}) {
    const auto expr = parse_expression(text);
    if (!expr) return std::unexpected(expr.error());
    return evaluate_range(source(), **expr, steps, limits);
  }
  Source source() const {
    return {.store = *store, .account = kOurs, .clock = clock, .cancelled = &cancelled};
  }

  static std::map<std::string, double> values(const Answer& answer, std::size_t step = 0) {
    std::map<std::string, double> values;
    for (std::size_t row = 0; row < answer.matrix.rows(); ++row)
      if (const double value = answer.matrix.row(row)[step]; is_present(value))
        values["{" + answer.matrix.labels[row].to_labels().to_string() + "}"] = value;
    return values;
  }
  std::map<std::string, double> at(std::string_view text, std::int64_t ms) {
    const auto answer = instant(text, ms);
    EXPECT_TRUE(answer) << text << ": " << answer.error().message;
    return answer ? values(*answer) : std::map<std::string, double>();
  }
  std::string error(std::string_view text, std::int64_t ms = 0) {
    const auto answer = instant(text, ms);
    return answer ? "" : answer.error().message;
  }

  TemporaryDirectory directory;
  std::unique_ptr<series::SeriesStore> store;
  ManualClock clock{Time{0}};
  std::atomic<bool> cancelled = false;
  std::uint64_t offset = 0;
};

using Values = std::map<std::string, double>;

TEST_F(Engine, ASampleCountsForFiveMinutesAndNotATickLonger) {
  write({{"__name__", "m"}}, {{1000, 7}});
  EXPECT_TRUE(at("m", 999).empty());
  EXPECT_EQ(at("m", 1000), (Values{{"{m}", 7}}));
  EXPECT_EQ(at("m", 301'000), (Values{{"{m}", 7}}));
  EXPECT_TRUE(at("m", 301'001).empty());
}

TEST_F(Engine, ARangeIncludesBothItsEnds) {
  write({{"__name__", "m"}}, {{0, 1}, {1000, 2}, {2000, 3}, {3000, 4}});
  EXPECT_EQ(at("count_over_time(m[2s])", 3000), (Values{{"{}", 3}}));
  EXPECT_EQ(at("sum_over_time(m[2s] offset 1s)", 3000), (Values{{"{}", 6}}));
  EXPECT_EQ(at("max_over_time(m[2s] @ 1)", 3000), (Values{{"{}", 2}}));
}

TEST_F(Engine, NanosecondsBetweenMillisecondsAreNotRounded) {
  SeriesSamples samples{
      Labels(std::vector<Label>{{"__name__", "m"}}), SeriesKind::gauge, {{Time{1'000'000'500}, 5}}};
  write(samples);
  EXPECT_TRUE(at("m", 1000).empty());
  EXPECT_EQ(at("m", 1001), (Values{{"{m}", 5}}));
  EXPECT_EQ(at("timestamp(m)", 1001), (Values{{"{}", 1.0}}));
}

TEST_F(Engine, AStaleSeriesIsGoneUntilItComesBack) {
  write({{"__name__", "m"}}, {{0, 1}, {10'000, kAbsent}, {60'000, 2}});
  EXPECT_EQ(at("m", 9'999).size(), 1u);
  EXPECT_TRUE(at("m", 10'000).empty());
  EXPECT_TRUE(at("m", 59'999).empty());
  EXPECT_EQ(at("m", 60'000).size(), 1u);
  EXPECT_EQ(at("count_over_time(m[1m])", 60'000), (Values{{"{}", 2}}));
}

TEST_F(Engine, OtherAccountsAreNotThere) {
  write({{"__name__", "m"}, {"of", "them"}}, {{0, 1}}, kTheirs);
  write({{"__name__", "m"}, {"of", "us"}}, {{0, 2}});
  EXPECT_EQ(at("m", 0), (Values{{"{m{of=\"us\"}}", 2}}));
  EXPECT_EQ(at("sum(m)", 0), (Values{{"{}", 2}}));
  EXPECT_EQ(at("count by (of) (max_over_time(m[5m]))", 0), (Values{{"{{of=\"us\"}}", 1}}));
}

TEST_F(Engine, SeriesThatBecomeOneAreAnError) {
  write({{"__name__", "a"}}, {{0, 1}});
  write({{"__name__", "b"}}, {{0, 2}});
  const auto same = "vector cannot contain metrics with the same labelset";
  EXPECT_EQ(error("-{__name__=~\"a|b\"}"), same);
  EXPECT_EQ(error("rate({__name__=~\"a|b\"}[5m])"), "");
  EXPECT_EQ(error("max_over_time({__name__=~\"a|b\"}[5m])"), same);
  EXPECT_EQ(error("abs({__name__=~\"a|b\"})"), same);
  EXPECT_EQ(error("{__name__=~\"a|b\"} * 2"), same);
  EXPECT_EQ(error("label_replace({__name__=~\"a|b\"}, \"__name__\", \"c\", \"\", \"\")"), same);
  EXPECT_EQ(error("last_over_time({__name__=~\"a|b\"}[5m])"), "");
}

TEST_F(Engine, SeriesThatTakeTurnsBecomeOneRow) {
  write({{"__name__", "a"}}, {{0, 1}});
  write({{"__name__", "b"}}, {{600'000, 2}});
  const auto answer = range("{__name__=~\"a|b\"} + 0", {0, 600'000, 2});
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->matrix.rows(), 1u);
  EXPECT_EQ(answer->matrix.cells, (std::vector<double>{1, 2}));
}

TEST_F(Engine, AmbiguousMatchesAreExplained) {
  write({{"__name__", "a"}, {"x", "1"}, {"y", "1"}}, {{0, 1}});
  write({{"__name__", "a"}, {"x", "1"}, {"y", "2"}}, {{0, 2}});
  write({{"__name__", "b"}, {"x", "1"}}, {{0, 10}});
  EXPECT_THAT(error("a * on (x) b"), HasSubstr("many-to-one matching must be explicit"));
  EXPECT_THAT(error("b * on (x) a"),
              HasSubstr("found duplicate series for the match group {x=\"1\"} on the right"));
  EXPECT_THAT(error("a * on (x) group_right () b"), HasSubstr("on the left hand-side"));
  EXPECT_EQ(at("a * on (x) group_left () b", 0),
            (Values{{"{{x=\"1\",y=\"1\"}}", 10}, {"{{x=\"1\",y=\"2\"}}", 20}}));
  EXPECT_EQ(at("b * on (x) group_right () a", 0), at("a * on (x) group_left () b", 0));
}

TEST_F(Engine, AQueryStopsAtItsLimits) {
  Points points;
  for (int i = 0; i < 1000; ++i) points.emplace_back(i * 1000, i);
  write({{"__name__", "m"}}, points);
  const auto samples = range("rate(m[5m])", {0, 1000, 1000}, {.max_samples = 900});
  ASSERT_FALSE(samples);
  EXPECT_EQ(samples.error().code, Errc::kTooLarge);
  const auto steps = range("m", {0, 1, 20'000});
  ASSERT_FALSE(steps);
  EXPECT_EQ(steps.error().code, Errc::kTooLarge);
  const auto subquery = instant("max_over_time(m[1y:1ms])", 0);
  ASSERT_FALSE(subquery);
  EXPECT_EQ(subquery.error().code, Errc::kTooLarge);
  EXPECT_FALSE(range("m[5m]", {0, 1, 2}));
  EXPECT_FALSE(range("\"text\"", {0, 1, 2}));
}

TEST_F(Engine, LabelsDoNotGrowWithoutEnd) {
  write({{"__name__", "m"}, {"a", "0123456789"}}, {{0, 1}});
  std::string text = "m";
  for (int i = 0; i < 20; ++i) text = "label_join(" + text + ", \"a\", \"\", \"a\", \"a\")";
  const auto answer = instant(text, 0);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::kTooLarge);
}

TEST_F(Engine, ACancelledQueryStops) {
  write({{"__name__", "m"}}, {{0, 1}});
  cancelled = true;
  const auto answer = instant("m + m", 0);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::kUnavailable);
}

TEST_F(Engine, ExtremeTimesAreHarmless) {
  write({{"__name__", "m"}}, {{0, 1}});
  constexpr std::int64_t kFar = 9'199'999'999'999;
  for (const std::int64_t ms : {-kFar, kFar})
    for (const auto* text :
         {"m", "rate(m[290y])", "m offset 290y", "m offset -290y", "max_over_time(m[1h:1m] offset 280y)",
          "m @ 9e9", "predict_linear(m[1y], 1e300)", "year()", "timestamp(m)"})
      EXPECT_TRUE(instant(text, ms)) << text;
}

TEST_F(Engine, RawSamplesAreAnsweredForARangeVector) {
  write({{"__name__", "m"}}, {{0, 1}, {1000, kAbsent}, {2000, 3}});
  const auto raw = instant("m[2s]", 2000);
  ASSERT_TRUE(raw);
  ASSERT_EQ(raw->raw.size(), 1u);
  EXPECT_EQ(raw->raw[0].times_ms, (std::vector<std::int64_t>{0, 2000}));
  EXPECT_EQ(raw->raw[0].values, (std::vector<double>{1, 3}));
  const auto sub = instant("m[2s:1s]", 2000);
  ASSERT_TRUE(sub);
  EXPECT_EQ(sub->raw[0].times_ms, (std::vector<std::int64_t>{0, 2000}));
}

/// The strongest promise: a range query is what instant queries at its steps are, though it is computed in
/// another way, and though some instants are computed by the store.
TEST_F(Engine, ARangeAnswersWhatInstantsAnswerStepByStep) {
  std::mt19937 random(7);
  for (const auto* name : {"a", "b"})
    for (const auto* x : {"1", "2", "3"})
      for (const auto* le : {"1", "2", "+Inf"}) {
        Points points;
        double value = 0;
        for (std::int64_t ms = static_cast<std::int64_t>(random() % 30'000); ms < 1'800'000; ms += 15'000) {
          value = random() % 20 == 0 ? 0 : value + static_cast<double>(random() % 100) / 8;
          const auto dice = random() % 50;
          if (dice < 3) continue;
          points.emplace_back(ms, dice == 3 ? kAbsent : dice == 4 ? std::nan("") : value);
        }
        write({{"__name__", name}, {"x", x}, {"le", le}}, points);
      }
  const Steps steps{-60'000, 37'000, 52};
  for (const auto* text : {"a",
                           "a offset 90s",
                           "a @ 600",
                           "a @ end()",
                           "-a",
                           "a + b",
                           "a > b",
                           "a > bool b",
                           "a * on (x, le) b",
                           "a / on (x, le) group_left () b",
                           "a and b",
                           "a or b",
                           "a unless (b > 40)",
                           "{__name__=~\"a|b\"} or a",
                           "sum(a)",
                           "count by (x) (a)",
                           "min without (le) (a)",
                           "max by (le) (a)",
                           "avg(a)",
                           "stddev(a)",
                           "group(a)",
                           "quantile(0.3, a)",
                           "count_values(\"v\", round(a, 50))",
                           "topk(2, a)",
                           "bottomk by (x) (1, a)",
                           "rate(a[2m])",
                           "increase(a[90s])",
                           "delta(a[5m])",
                           "irate(a[1m])",
                           "idelta(a[1m])",
                           "deriv(a[3m])",
                           "predict_linear(a[3m], 60)",
                           "holt_winters(a[3m], 0.3, 0.6)",
                           "resets(a[5m])",
                           "changes(a[5m])",
                           "sum_over_time(a[1m])",
                           "avg_over_time(a[3m])",
                           "min_over_time(a[37s])",
                           "max_over_time(a[1m])",
                           "count_over_time(a[30s])",
                           "last_over_time(a[45s])",
                           "stddev_over_time(a[2m])",
                           "stdvar_over_time(a[2m])",
                           "quantile_over_time(0.9, a[2m])",
                           "present_over_time(a[20s])",
                           "absent_over_time(a{x=\"9\"}[1m])",
                           "absent(a{x=\"1\",le=\"2\"})",
                           "max_over_time(rate(a[1m])[5m:30s])",
                           "sum_over_time(a[1m:15s] offset 30s)",
                           "avg_over_time(a[5m:1m] @ 900)",
                           "histogram_quantile(0.7, rate(a[3m]))",
                           "label_replace(a, \"y\", \"$1-\", \"x\", \"(1|2)\")",
                           "label_join(a, \"y\", \"/\", \"x\", \"le\")",
                           "timestamp(a)",
                           "timestamp(-a)",
                           "time()",
                           "vector(time())",
                           "scalar(sum(a))",
                           "minute(vector(time()))",
                           "hour()",
                           "clamp(a, 10, 40)",
                           "clamp(a, 40, 10)",
                           "round(a, 5)",
                           "sgn(a - 20)",
                           "sort(a)",
                           "sum by (x) (rate(a[2m])) / sum by (x) (rate(b[2m]))"}) {
    const auto whole = range(text, steps);
    ASSERT_TRUE(whole) << text << ": " << whole.error().message;
    for (std::size_t step = 0; step < steps.count; ++step) {
      const auto expr =
          parse_expression(std::string(text).find("end()") == std::string::npos
                               ? std::string(text)
                               : fmt::format("a @ {}", static_cast<double>(steps.last()) / 1000));
      const auto one = evaluate_instant(source(), **expr, steps.at(step));
      ASSERT_TRUE(one) << text << ": " << one.error().message;
      const auto expected = values(*one);
      const auto got = values(*whole, step);
      ASSERT_EQ(expected.size(), got.size()) << text << " at " << steps.at(step);
      for (const auto& [labels, value] : expected) {
        ASSERT_TRUE(got.contains(labels)) << text << " " << labels;
        const double other = got.at(labels);
        const double tolerance = 1e-12 * std::max(1.0, std::abs(value));
        ASSERT_TRUE((std::isnan(value) && std::isnan(other)) || value == other ||
                    std::abs(value - other) <= tolerance)
            << text << " " << labels << " at " << steps.at(step) << ": " << value << " and " << other;
      }
    }
  }
}

TEST(NumberText, IsWhatPrometheusWrites) {
  const auto sample = [](double value) {
    std::string out;
    append_sample_value(out, value);
    return out;
  };
  EXPECT_EQ(sample(0), "0");
  EXPECT_EQ(sample(-0.0), "-0");
  EXPECT_EQ(sample(601), "601");
  EXPECT_EQ(sample(0.1), "0.1");
  EXPECT_EQ(sample(1e-6), "0.000001");
  EXPECT_EQ(sample(1.0 / 3000), "0.0003333333333333333");
  EXPECT_EQ(sample(-1.0 / 30'000), "-0.000033333333333333335");
  EXPECT_EQ(sample(1e15 / 3), "333333333333333.3");
  EXPECT_EQ(sample(1e16 / 3), "3333333333333333.5");
  EXPECT_EQ(sample(9.9e-7), "9.9e-07");
  EXPECT_EQ(sample(123456789012345680.0), "123456789012345680");
  EXPECT_EQ(sample(1e20), "100000000000000000000");
  EXPECT_EQ(sample(1e21), "1e+21");
  EXPECT_EQ(sample(-1.7976931348623157e308), "-1.7976931348623157e+308");
  EXPECT_EQ(sample(5e-324), "5e-324");
  EXPECT_EQ(sample(std::nan("")), "NaN");
  EXPECT_EQ(sample(INFINITY), "+Inf");
  EXPECT_EQ(sample(-INFINITY), "-Inf");
  EXPECT_EQ(decimal_text(1e23), "100000000000000000000000");
  EXPECT_EQ(decimal_text(1.5e-9), "0.0000000015");
  EXPECT_EQ(number_text(0.00001), "1e-05");
}

TEST(NumberText, ReadsBackToTheSameDouble) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    std::string out;
    append_sample_value(out, value);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(std::strtod(out.c_str(), nullptr)),
              std::bit_cast<std::uint64_t>(value))
        << out;
    ASSERT_EQ(std::strtod(decimal_text(value).c_str(), nullptr), value);
  }
}

TEST(Quantile, StandsBetweenTheNearestValues) {
  std::vector<double> values{3, 1, 2};
  EXPECT_EQ(quantile_of(0.5, values), 2);
  EXPECT_EQ(quantile_of(0.25, values), 1.5);
  EXPECT_EQ(quantile_of(1, values), 3);
  EXPECT_EQ(quantile_of(-1, values), -INFINITY);
  EXPECT_EQ(quantile_of(2, values), INFINITY);
  std::vector<double> none;
  EXPECT_TRUE(std::isnan(quantile_of(0.5, none)));
}

}  // namespace
}  // namespace sentinella::query
