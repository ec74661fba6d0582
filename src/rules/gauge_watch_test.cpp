#include <cmath>

#include "rules/rules_fixture.h"

namespace sentinella::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class GaugeWatchTest : public RulesTest {
 protected:
  void use_gauge(const std::string& body) {
    use("sentinella_rules:\n- id: g\n  kind: gauge\n  event: High\n  summary: High\n" + body);
  }
};

TEST_F(GaugeWatchTest, ASawtoothThroughTheThresholdFiresOnceAndClearsOnce) {
  use_gauge("  expr: host_load1\n  levels: {warning: {set: \"> 10\", clear: \"< 5\"}}\n");
  std::int64_t t = 0;
  for (int i = 0; i < 10; ++i) {
    sample(t += 1000, 11);
    sample(t += 1000, 9);
    sample(t += 1000, 5);
  }
  EXPECT_THAT(said(), ElementsAre("firing High c1 warning"));
  sample(t += 1000, 4.9);
  EXPECT_THAT(said(), ElementsAre("resolved High c1 normal"));
  EXPECT_EQ(signals[0].value, "11");
  EXPECT_EQ(signals[0].text, "c1: high (host_load1 is 11, threshold > 10)");
}

TEST_F(GaugeWatchTest, HoldCountsByTheSamplesAndOneGoodSampleBeginsItAnew) {
  use_gauge("  expr: host_load1\n  levels: {warning: {set: \"> 10\", for: 30s}}\n");
  for (const auto& [t, v] :
       {std::pair(0, 11.0), {29'000, 11.0}, {29'500, 1.0}, {30'000, 11.0}, {59'999, 11.0}})
    sample(t, v);
  EXPECT_THAT(said(), IsEmpty());
  sample(60'000, 11);
  EXPECT_THAT(said(), ElementsAre("firing High c1 warning"));
}

TEST_F(GaugeWatchTest, LevelsGoUpAndDownWithTheirOwnHysteresis) {
  use_gauge(R"(  expr: host_load1
  levels:
    critical: {set: "> 3", clear: "< 2"}
    warning: {set: "> 1.5", clear: "< 1.2"}
)");
  std::int64_t t = 0;
  for (const double v : {1.6, 3.1, 2.5, 2.0, 1.3, 1.2, 1.1}) sample(t += 1000, v);
  EXPECT_THAT(said(), ElementsAre("firing High c1 warning", "firing High c1 critical",
                                  "firing High c1 warning", "resolved High c1 normal"));
  EXPECT_EQ(signals[2].value, "1.3");
  EXPECT_EQ(signals[3].value, "1.1");
}

TEST_F(GaugeWatchTest, KeepFiringForOutlastsAShortRecovery) {
  use_gauge("  expr: host_load1\n  levels: {warning: {set: \"> 10\"}}\n  keep_firing_for: 10s\n");
  for (const auto& [t, v] :
       {std::pair(0, 11.0), {1000, 1.0}, {10'999, 1.0}, {11'000, 12.0}, {12'000, 1.0}, {21'999, 1.0}})
    sample(t, v);
  EXPECT_THAT(said(), ElementsAre("firing High c1 warning"));
  sample(22'000, 1);
  EXPECT_THAT(said(), ElementsAre("resolved High c1 normal"));
}

TEST_F(GaugeWatchTest, MissingSamplesAndNotANumberResolveNothing) {
  use_gauge("  expr: avg(host_load1[1m])\n  levels: {warning: {set: \"> 10\"}}\n");
  sample(0, 11);
  sample(1000, NAN);
  tick_until(400'000);
  EXPECT_THAT(said(), ElementsAre("firing High c1 warning"));
}

struct AggregateCase {
  std::string expr;
  std::string value;
};
class GaugeAggregate : public RulesTest, public testing::WithParamInterface<AggregateCase> {};

TEST_P(GaugeAggregate, IsOverTheSamplesInTheWindow) {
  const auto use_threshold = [&](const std::string& set) {
    use("sentinella_rules:\n- id: g\n  kind: gauge\n  event: High\n  summary: High\n  expr: '" +
        GetParam().expr + "'\n  levels: {warning: {set: '" + set + "'}}\n");
  };
  use_threshold(">= 1e9");
  for (const auto& [t, v] : {std::pair(0, 100.0), {60'000, 2.0}, {90'000, 7.0}}) sample(t, v);
  use_threshold(">= 0");  // an edited rule keeps its samples
  sample(119'999, 3);
  ASSERT_EQ(signals.size(), 1u);
  EXPECT_EQ(signals[0].value, GetParam().value);
}
INSTANTIATE_TEST_SUITE_P(
    All, GaugeAggregate,
    testing::Values(AggregateCase{"avg(host_load1[1m])", "4"}, AggregateCase{"min(host_load1[1m])", "2"},
                    AggregateCase{"max(host_load1[1m])", "7"}, AggregateCase{"sum(host_load1[1m])", "12"},
                    AggregateCase{"count(host_load1[1m])", "3"}, AggregateCase{"last(host_load1)", "3"},
                    AggregateCase{"host_load1", "3"}));

TEST_F(GaugeWatchTest, ARateSurvivesACounterReset) {
  use_gauge("  expr: rate(host_network_receive_bytes_total[1m])\n  levels: {warning: {set: \"> 10\"}}\n");
  const std::string metric = "host_network_receive_bytes_total";
  sample(0, 1000, metric);
  sample(10'000, 1100, metric);  // 10/s
  EXPECT_THAT(said(), IsEmpty());
  sample(20'000, 50, metric);  // restarted: 150 in 20 s
  EXPECT_THAT(said(), IsEmpty());
  sample(30'000, 1000, metric);  // 1100 in 30 s
  EXPECT_THAT(said(), ElementsAre("firing High c1 warning"));
  EXPECT_EQ(signals[0].value, "36.67");
}

TEST_F(GaugeWatchTest, ADivisorNormalises) {
  use_gauge("  expr: last(host_load1) / last(host_cpus)\n  levels: {warning: {set: \"> 2\"}}\n");
  sample(0, 100);
  EXPECT_THAT(said(), IsEmpty()) << "unknown divisor";
  Batch b = batch(1000);
  put(b, {{"__name__", "host_load1"}, {"host", "c1"}}, {{at(1000), 20}});
  put(b, {{"__name__", "host_cpus"}, {"host", "c1"}}, {{at(1000), 8}});
  take(1000, b);
  EXPECT_THAT(said(), ElementsAre("firing High c1 warning"));
  EXPECT_EQ(signals[0].value, "2.5");
}

TEST_F(GaugeWatchTest, InstancesAreApartByTheirLabels) {
  use_gauge(R"(  expr: 'host_filesystem_used_ratio{mountpoint!~"/snap/.*"}'
  by: [host, mountpoint]
  levels: {warning: {set: "> 0.9"}}
)");
  Batch b = batch(1000);
  for (const auto& [mount, v] : {std::pair("/", 0.95), {"/var", 0.1}, {"/snap/x", 1.0}, {"/srv", 0.99}})
    put(b, {{"__name__", "host_filesystem_used_ratio"}, {"host", "c1"}, {"mountpoint", mount}},
        {{at(1000), v}});
  take(1000, b);
  EXPECT_THAT(said(), ElementsAre("firing High c1 / warning", "firing High c1 /srv warning"));
  std::vector<std::string> mounts;
  for (const RuleInstance& one : engine->instances(kAccount, "g"))
    mounts.emplace_back(one.labels.get("mountpoint"));
  EXPECT_THAT(mounts, ElementsAre("/", "/srv", "/var")) << "which of the host's is meant";
}

TEST_F(GaugeWatchTest, ABacklogInOneBatchIsJudgedSampleBySample) {
  use_gauge("  expr: host_load1\n  levels: {warning: {set: \"> 10\", for: 20s}}\n");
  Batch b = batch(100'000);
  std::vector<Sample> backlog;
  for (int i = 9; i >= 0; --i) backlog.push_back({at(i * 10'000), i < 4 ? 11.0 : 1.0});
  put(b, {{"__name__", "host_load1"}, {"host", "c1"}}, backlog);
  take(100'000, b);
  EXPECT_THAT(said(), ElementsAre("firing High c1 warning", "resolved High c1 normal"));
  EXPECT_EQ(signals[0].at, at(20'000));
  EXPECT_EQ(signals[1].at, at(40'000));
}

TEST_F(GaugeWatchTest, LateAndFarFutureSamplesAreIgnored) {
  use_gauge("  expr: host_load1\n  levels: {warning: {set: \"> 10\"}}\n");
  sample(10'000, 1);
  Batch b = batch(11'000);
  put(b, {{"__name__", "host_load1"}, {"host", "c1"}}, {{at(5000), 99}, {at(10'000'000), 99}});
  take(11'000, b);
  EXPECT_THAT(said(), IsEmpty());
  sample(12'000, 11);
  EXPECT_THAT(said(), ElementsAre("firing High c1 warning"));
}

TEST_F(GaugeWatchTest, AnOpenAlertKeepsItsEventWhenItsRuleIsRenamed) {
  const std::string body =
      "  kind: gauge\n  summary: s\n  expr: host_load1\n"
      "  levels: {warning: {set: \"> 10\"}, critical: {set: \"> 50\"}}\n";
  use("sentinella_rules:\n- id: g\n  event: High\n" + body);
  sample(0, 11);
  use("sentinella_rules:\n- id: g\n  event: Higher\n" + body);
  sample(1000, 51);
  sample(2000, 1);
  EXPECT_THAT(said(),
              ElementsAre("firing High c1 warning", "firing High c1 critical", "resolved High c1 normal"));
}

TEST_F(GaugeWatchTest, LabelsThatComeAndGoDoNotBlindAnInstance) {
  for (const std::string expr : {"host_load1", "max(host_load1[1h])"}) {
    use_gauge("  expr: " + expr + "\n  by: [host]\n  levels: {warning: {set: \"> 10\"}}\n");
    const std::int64_t begin = now == Time{} ? 0 : (now - at(0)) / 1ms;
    const auto churn = [&](int i, double value) {
      Batch b = batch(begin + 1000 + i);
      put(b, {{"__name__", "host_load1"}, {"host", "c1"}, {"run", std::to_string(i)}}, {{b.received, value}});
      consume(b);
    };
    for (int i = 0; i < 1001; ++i) churn(i, 1);
    churn(1001, 11);
    EXPECT_THAT(said(), ElementsAre("firing High c1 warning")) << expr;
    use("sentinella_rules: []");
    said();
  }
}

TEST_F(GaugeWatchTest, SamplesThatAreRefusedDoNotKeepAnInstance) {
  use_gauge("  expr: host_load1\n  levels: {warning: {set: \"> 10\"}}\n");
  Batch b = batch(0);
  put(b, {{"__name__", "host_load1"}, {"host", "c1"}}, {{at(0), 1}});
  consume(b);
  b.received = at(13 * 3'600'000);
  consume(b);
  engine->take_dirty_states();
  consume(batch(24 * 3'600'000));
  EXPECT_THAT(engine->take_dirty_states(),
              testing::Contains(testing::AllOf(testing::Field(&catalog::RuleState::rule_id, "g"),
                                               testing::Field(&catalog::RuleState::state, ""))));
}

TEST_F(GaugeWatchTest, AnEditedRuleKeepsItsAlertAndADeletedOneClosesIt) {
  use_gauge("  expr: host_load1\n  levels: {warning: {set: \"> 10\"}}\n");
  sample(0, 11);
  said();
  use_gauge("  expr: host_load1\n  levels: {warning: {set: \"> 5\"}, critical: {set: \"> 50\"}}\n");
  sample(1000, 7);
  EXPECT_THAT(said(), IsEmpty());
  use("sentinella_rules: []");
  EXPECT_THAT(said(), ElementsAre("resolved High c1 normal"));
}

}  // namespace
}  // namespace sentinella::rules
