// States that are neither up nor down: no data and its causes, quorums, dependencies, results of queries.
#include "base/temporary_directory.h"
#include "rules/rule_queries.h"
#include "rules/rule_series.h"
#include "rules/rules_fixture.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::rules {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kLoad =
    "{id: load, kind: gauge, event: LoadHigh, summary: s, expr: host_load1, by: [host], levels: {warning: "
    "{set: \"> 4\"}}}\n";
constexpr const char* kSilent =
    "{id: silent, kind: binary, event: AgentSilent, summary: s, check: {heartbeat: true}, stale_after: "
    "30s}\n";

class RuleStates : public RulesTest {
 protected:
  void use_list(std::initializer_list<std::string> items) {
    std::string yaml = "sentinella_rules:\n";
    for (const std::string& item : items) yaml += "- " + item;
    use(yaml);
  }
  /// A sample every ten seconds, beside the agent's heartbeat.
  void samples(std::int64_t from_s, std::int64_t until_s, double value) {
    for (std::int64_t s = from_s; s <= until_s; s += 10) {
      heartbeat(s * 1000);
      sample(s * 1000, value);
    }
  }
  void heartbeats(std::int64_t from_s, std::int64_t until_s) {
    for (std::int64_t s = from_s; s <= until_s; s += 10) heartbeat(s * 1000);
  }
  RuleInstance::State state(const std::string& rule) {
    const auto all = engine->instances(kAccount, rule);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? RuleInstance::State::ok : all.front().state;
  }
  /// What RuleQueries would put into the journal.
  void result(std::int64_t ms, const std::string& rule, const std::vector<RuleElement>& elements) {
    Batch b = batch(ms), given;
    Rule named;
    named.id = rule;
    add_result(named, elements, at(ms), given);
    for (const SeriesSamples& one : given.series)
      put(b, std::vector<Label>(one.labels.begin(), one.labels.end()), one.samples);
    take(ms, b);
  }
};

TEST_F(RuleStates, ASeriesThatStopsIsNoDataAndNeverWell) {
  use_list({kLoad, kSilent});
  samples(0, 200, 9);
  EXPECT_THAT(said(), ElementsAre("firing LoadHigh c1 warning"));
  heartbeats(210, 280);
  EXPECT_EQ(state("load"), RuleInstance::State::firing) << "what fires stays, with its missing data";
  heartbeats(290, 900);
  EXPECT_THAT(said(), ElementsAre("firing NoData c1 indeterminate"))
      << "ten minutes later, once, and no all-clear";
  samples(910, 920, 1);
  EXPECT_THAT(said(), ElementsAre("resolved LoadHigh c1 normal", "resolved NoData c1 normal"));
}

TEST_F(RuleStates, ASilentAgentExplainsWhatIsMissing) {
  use_list({kLoad, kSilent});
  samples(0, 200, 9);
  said();
  tick_until(1'500'000);
  EXPECT_THAT(said(), ElementsAre("firing AgentSilent c1 critical")) << "and nothing about data";
}

TEST_F(RuleStates, WhatAServiceThatDoesNotRunNoLongerSaysIsNotMissed) {
  use_list(
      {"{id: memory, kind: gauge, event: Memory, summary: s, expr: m, by: [host, service], levels: {warning: "
       "{set: \"> 4\"}}}\n"});
  snapshot(0, 1, 100);
  for (int s = 0; s <= 200; s += 10) {
    heartbeat(s * 1000);
    Batch b = batch(s * 1000);
    put(b, {{"__name__", "m"}, {"host", "c1"}, {"service", "nova-compute"}}, {{at(s * 1000), 1}});
    take(s * 1000, b);
  }
  stopped(201'000, 100);
  heartbeats(210, 1500);
  EXPECT_THAT(said(), testing::Not(testing::Contains(testing::HasSubstr("NoData"))));
}

constexpr const char* kDown =
    "{id: down, kind: binary, event: ServiceDown, severity: critical, summary: s, check: {process: \"*\"}}\n";
constexpr const char* kHung =
    "{id: hung, kind: binary, event: ServiceHung, severity: critical, summary: s, check: {series: "
    "service_responding}, by: [host, service], fail_count: 2, recover_count: 1}\n";

/// nova-compute on c1 and its check.
class HungService : public RuleStates {
 protected:
  void answers(std::int64_t s, double value) {
    Batch b = batch(s * 1000);
    put(b, {{"__name__", "service_responding"}, {"host", "c1"}, {"service", "nova-compute"}},
        {{at(s * 1000), value}});
    take(s * 1000, b);
  }
  /// It runs, and hangs from a minute on.
  void hang() {
    use_list({kDown, kHung, kSilent});
    for (std::int64_t s = 0; s <= 200; s += 10) {
      heartbeat(s * 1000);
      snapshot(s * 1000, 1, 100);
      answers(s, s < 60 ? 1 : 0);
    }
    EXPECT_THAT(said(), ElementsAre("firing ServiceHung c1/nova-compute critical"));
  }
  void runs(std::int64_t from_s, std::int64_t until_s) {
    for (std::int64_t s = from_s; s <= until_s; s += 10) {
      heartbeat(s * 1000);
      snapshot(s * 1000, 1, 100);
    }
  }
};

TEST_F(HungService, StaysHungWhileItsCheckCannotBeAskedAndEndsWithItsFirstAnswer) {
  hang();
  runs(210, 700);
  EXPECT_THAT(said(), IsEmpty()) << "unknown is not well";
  runs(710, 900);
  EXPECT_THAT(said(), ElementsAre("firing NoData c1 indeterminate")) << "nobody is woken for that";
  runs(910, 910);
  answers(910, 1);
  EXPECT_THAT(said(), testing::UnorderedElementsAre("resolved ServiceHung c1/nova-compute normal",
                                                    "resolved NoData c1 normal"));
}

TEST_F(HungService, ThatDiesIsDownAndStaysHungUntilWhatIsStartedAnswers) {
  hang();
  crashed(205'000, 100);
  heartbeats(210, 210);
  EXPECT_THAT(said(), Contains("firing ServiceDown c1/nova-compute critical"));
  for (std::int64_t s = 220; s <= 1500; s += 10) {
    heartbeat(s * 1000);
    snapshot(s * 1000, 0, 0);
  }
  EXPECT_THAT(said(), IsEmpty()) << "its check is absent because it does not run: no data is missed";
  started(1'505'000, 101);
  runs(1510, 1510);
  EXPECT_THAT(said(), ElementsAre("resolved ServiceDown c1/nova-compute normal",
                                  "event service.restarted c1/nova-compute"))
      << "it may hang again";
  answers(1520, 1);
  EXPECT_THAT(said(), ElementsAre("resolved ServiceHung c1/nova-compute normal"));
}

TEST_F(HungService, IsUnknownWhileTheAgentIsSilent) {
  hang();
  tick_until(1'500'000);
  EXPECT_THAT(said(), ElementsAre("firing AgentSilent c1 critical"));
}

TEST_F(HungService, ThatIsNoLongerWatchedIsRetiredAndItsAlertsEnd) {
  hang();
  heartbeats(210, 770);
  said();
  heartbeats(780, 830);
  EXPECT_THAT(said(), testing::IsSupersetOf({"resolved ServiceHung c1/nova-compute normal",
                                             "event service.retired c1/nova-compute"}));
  for (const Signal& signal : signals)
    if (signal.state == Signal::State::resolved && signal.event == "ServiceHung") {
      EXPECT_EQ(signal.text, "retired: the agent on c1 no longer watches nova-compute");
    }
  EXPECT_TRUE(engine->services(kAccount).empty());
  EXPECT_TRUE(engine->instances(kAccount, "hung").empty());
}

TEST_F(HungService, ThatIsDownIsNotRetiredBecauseAnAgentThatFindsItsServicesDoesNotFindIt) {
  hang();
  crashed(205'000, 100);
  heartbeats(210, 5000);
  EXPECT_THAT(said(), Contains("firing ServiceDown c1/nova-compute critical"));
  heartbeats(5010, 6000);
  EXPECT_THAT(said(), Not(Contains(testing::HasSubstr("resolved"))));
  EXPECT_EQ(engine->services(kAccount).size(), 1u);
}

TEST_F(HungService, IsNotRetiredByASilenceOfItsAgentNorByAnOutageOfOurs) {
  hang();
  tick_until(1'500'000);
  heartbeats(1510, 2090);
  said();
  EXPECT_EQ(engine->services(kAccount).size(), 1u) << "the agent has only just come back";
  Batch later = batch(8'000'000);
  later.tick = true;
  later.server_started = true;
  consume(later);
  heartbeats(8010, 8010);
  EXPECT_EQ(engine->services(kAccount).size(), 1u);
}

TEST_F(RuleStates, WhatAHostThatWasTakenOutMeasuredEndsWithThatReason) {
  use_list({kLoad, kSilent});
  samples(0, 200, 9);
  said();
  const auto over = engine->forget_host(kAccount, "c1", now);
  ASSERT_EQ(over.size(), 1u);
  EXPECT_EQ(over[0].event, "LoadHigh");
  EXPECT_EQ(over[0].state, Signal::State::resolved);
  EXPECT_EQ(over[0].text, "host taken out of service");
  EXPECT_TRUE(engine->instances(kAccount, "load").empty());
  tick_until(1'500'000);
  EXPECT_THAT(said(), IsEmpty()) << "neither silent nor without data: it is gone";
}

TEST_F(RuleStates, WhatComesLateChangesNothingThatWasJudged) {
  use_list({kLoad, kSilent});
  samples(0, 200, 1);
  sample(205'000, 1);
  Batch late = batch(206'000);
  put(late, {{"__name__", "host_load1"}, {"host", "c1"}}, {{at(100'000), 99}, {at(150'000), 99}});
  take(206'000, late);
  EXPECT_THAT(said(), IsEmpty()) << "they are older than the newest of their series";
}

TEST_F(RuleStates, AnOutageOfOursIsNoAbsence) {
  use_list({kLoad, kSilent});
  samples(0, 200, 1);
  Batch later = batch(4'000'000);  // nothing for an hour: we did not run
  later.tick = true;
  later.server_started = true;
  consume(later);
  tick_until(4'030'000);
  samples(4030, 4040, 1);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(RuleStates, NoDataDoesWhatTheRuleSays) {
  use_list(
      {"{id: a, kind: gauge, event: A, summary: s, expr: m_a, by: [host], no_data: fire, levels: {warning: "
       "{set: \"> 4\"}}}\n",
       "{id: b, kind: gauge, event: B, summary: s, expr: m_b, by: [host], no_data: ok, levels: {warning: "
       "{set: \"> 4\"}}}\n",
       "{id: c, kind: gauge, event: C, summary: s, expr: m_c, by: [host], no_data: ignore, levels: {warning: "
       "{set: \"> 4\"}}}\n"});
  for (int s = 0; s <= 200; s += 10) {
    sample(s * 1000, 1, "m_a");
    sample(s * 1000, 9, "m_b");
    sample(s * 1000, 9, "m_c");
  }
  EXPECT_THAT(said(), ElementsAre("firing B c1 warning", "firing C c1 warning"));
  tick_until(1'500'000);
  EXPECT_THAT(said(), testing::UnorderedElementsAre("firing A c1 warning", "resolved B c1 normal"));
  const auto resolved = std::ranges::find(signals, Signal::State::resolved, &Signal::state);
  ASSERT_NE(resolved, signals.end());
  EXPECT_EQ(resolved->extras.annotations.get("resolved"), "absent");
}

TEST_F(RuleStates, AGapStopsTheClockOfFor) {
  use_list(
      {"{id: load, kind: gauge, event: LoadHigh, summary: s, expr: host_load1, by: [host], levels: {warning: "
       "{set: \"> 4\", for: 5m}}}\n"});
  samples(0, 60, 9);
  heartbeats(70, 330);
  samples(340, 350, 9);
  EXPECT_THAT(said(), IsEmpty()) << "true for a minute, unknown for more than four";
  samples(360, 640, 9);
  EXPECT_THAT(said(), ElementsAre("firing LoadHigh c1 warning"));
}

TEST_F(RuleStates, ACheckFailsAndRecoversByCount) {
  use_list(
      {"{id: api, kind: binary, event: ApiDown, severity: major, summary: s, check: {series: probe_success}, "
       "by: [instance]}\n"});
  const auto probe = [&](std::int64_t s, double value) {
    Batch b = batch(s * 1000);
    put(b, {{"__name__", "probe_success"}, {"instance", "keystone:5000"}}, {{at(s * 1000), value}});
    take(s * 1000, b);
  };
  for (const auto& [s, value] :
       std::initializer_list<std::pair<int, double>>{{0, 1}, {10, 0}, {20, 0}, {30, 1}, {40, 0}, {50, 0}})
    probe(s, value);
  EXPECT_THAT(said(), IsEmpty()) << "never three in a row";
  probe(60, 0);
  EXPECT_THAT(said(), ElementsAre("firing ApiDown keystone major"));
  probe(70, 1);
  EXPECT_THAT(said(), IsEmpty()) << "one good answer is no recovery";
  probe(80, 1);
  EXPECT_THAT(said(), ElementsAre("resolved ApiDown keystone normal"));
}

TEST_F(RuleStates, AQuorumPagesForTheGroupOnly) {
  use_list(
      {"{id: api, kind: binary, event: ServiceDown, tier: page, playbook_url: /p, summary: s, check: "
       "{process: nova-api}, quorum: {need: 2}}\n"});
  const auto die = [&](std::int64_t ms, const std::string& host, std::uint32_t pid) {
    StateReport r = report(StateReport::Kind::exited, host, "nova-api");
    r.pid = pid;
    r.exit = StateReport::Exit::crash;
    send(ms, r);
  };
  const auto run = [&](std::int64_t ms, const std::string& host, std::uint32_t pid) {
    StateReport r = report(StateReport::Kind::started, host, "nova-api");
    r.pid = pid;
    send(ms, r);
  };
  run(0, "c1", 1), run(10, "c2", 2), run(20, "c3", 3), run(30, "c4", 4);
  said();
  die(1000, "c1", 1);
  tick_until(1500);
  EXPECT_THAT(said(), testing::Contains("firing ServiceDown nova-api informational"));
  for (const Signal& signal : signals) EXPECT_EQ(signal.tier, Tier::info) << "three of four: nobody is woken";
  die(2000, "c2", 2);
  tick_until(2500);
  EXPECT_THAT(said(), testing::Contains("firing ServiceDown nova-api major"));
  die(3000, "c3", 3);
  tick_until(3500);
  EXPECT_THAT(said(), testing::Contains("firing ServiceDown nova-api critical"));
  EXPECT_EQ(std::ranges::count(signals, Tier::page, &Signal::tier), 1);
  run(4000, "c1", 11), run(4100, "c2", 12), run(4200, "c3", 13);
  EXPECT_THAT(said(), testing::Contains("resolved ServiceDown nova-api normal"));
}

TEST_F(RuleStates, AQuorumOfHostsWithoutTheLabelIsNamedInWords) {
  use_list(
      {"{id: db, kind: binary, event: DatabaseDown, severity: critical, summary: s, check: {series: db_up}, "
       "by: [host], quorum: {group_by: [cell, role], need: 1}}\n"});
  const auto probe = [&](std::int64_t s, const std::string& host, double value) {
    Batch b = batch(s * 1000);
    put(b, {{"__name__", "db_up"}, {"host", host}}, {{at(s * 1000), value}});
    take(s * 1000, b);
  };
  Batch facts = batch(0);
  put(facts, {{"__name__", "host_info"}, {"host", "c1"}, {"role", "database"}}, {{at(0), 1}});
  take(0, facts);
  for (const std::int64_t s : {10, 20, 30}) probe(s, "c1", 0), probe(s, "c2", 0);
  std::vector<std::string> groups;
  for (const Signal& signal : signals)
    if (signal.value == "0 of 1") groups.push_back(signal.resource);
  EXPECT_THAT(groups, ElementsAre("hosts without cell/database", "hosts without cell/hosts without role"));
}

TEST_F(RuleStates, WhatDependsOnSomethingWakesNobodyWhileThatFires) {
  use_list(
      {"{id: broker, kind: gauge, event: BrokerDown, summary: s, expr: m_b, by: [host], levels: {critical: "
       "{set: \"> 0\"}}}\n",
       "{id: api, kind: gauge, event: ApiDown, tier: page, playbook_url: /p, summary: s, expr: m_a, by: "
       "[host], depends_on: [broker], levels: {critical: {set: \"> 0\"}}}\n"});
  sample(0, 1, "m_b");
  sample(1000, 1, "m_a");
  EXPECT_THAT(said(), ElementsAre("firing BrokerDown c1 critical", "firing ApiDown c1 critical"));
  EXPECT_EQ(signals.back().tier, Tier::info);
  sample(2000, 0, "m_b");
  EXPECT_THAT(said(), ElementsAre("resolved BrokerDown c1 normal", "firing ApiDown c1 critical"));
  EXPECT_EQ(signals.back().tier, Tier::page) << "it stands on its own now";
}

TEST_F(RuleStates, AResultThatIsGoneResolvesPrometheusAlertsOnly) {
  use(R"yaml(groups:
- {name: g, rules: [{alert: Down, expr: up == 0, for: 1m, labels: {severity: page}, annotations: {summary: "{{ $labels.instance }} gone"}}]}
sentinella_rules:
- {id: own, kind: gauge, event: Own, summary: s, promql: avg(up), levels: {warning: {set: "< 1"}}}
)yaml");
  const RuleElement down{Labels({{"instance", "n1:9100"}, {"job", "node"}}), 0};
  result(0, "group.g.down", {down});
  result(30'000, "group.g.down", {down});
  EXPECT_THAT(said(), IsEmpty());
  result(60'000, "group.g.down", {down});
  EXPECT_THAT(said(), ElementsAre("firing Down n1:9100 critical"));
  EXPECT_EQ(signals.back().text, "n1:9100 gone");
  EXPECT_EQ(signals.back().extras.labels.get("alertname"), "Down");
  const std::string identity = signals.back().extras.fingerprint;
  result(90'000, "group.g.down", {});
  EXPECT_THAT(said(), ElementsAre("resolved Down n1:9100 normal"));
  EXPECT_EQ(signals.back().extras.fingerprint, identity);
  EXPECT_EQ(signals.back().extras.annotations.get("resolved"), "absent");

  result(100'000, "own", {{Labels(), 0.5}});
  EXPECT_THAT(said(), ElementsAre("firing Own all warning"));
  result(130'000, "own", {});
  EXPECT_THAT(said(), IsEmpty()) << "no value is no recovery";
}

TEST_F(RuleStates, AnExpressionThatFailsIsToldAndChangesNothing) {
  use("sentinella_rules:\n- {id: own, kind: gauge, event: Own, summary: s, promql: up, levels: {warning: "
      "{set: \"< 1\"}}}\n");
  result(0, "own", {{Labels(std::vector<Label>{{"host", "c1"}}), 0}});
  said();
  for (int i = 1; i <= 3; ++i) {
    Batch b = batch(i * 30'000);
    put(b, {{"__name__", std::string(kRuleElements)}, {std::string(kRuleLabel), "own"}},
        {{at(i * 30'000), -1}});
    take(i * 30'000, b);
  }
  EXPECT_THAT(said(), ElementsAre("firing RuleError own warning"));
  result(120'000, "own", {{Labels(std::vector<Label>{{"host", "c1"}}), 1}});
  EXPECT_THAT(said(), ElementsAre("resolved Own c1 normal", "resolved RuleError own normal"));
}

TEST_F(RuleStates, ATemplateNeverSeenBeforeIsToldOnceItsSourceIsKnown) {
  use_list(
      {"{id: fresh, kind: tailable, event: NewError, summary: s, match: {template: new}, quiet: 10m}\n"});
  const auto line = [&](std::int64_t ms, std::uint64_t shape, Severity severity) {
    LogRecord r = record(ms, severity, "text " + std::to_string(shape));
    r.template_id = shape;
    say(ms, {r});
  };
  line(0, 1, Severity::error);
  line(1000, 2, Severity::error);
  EXPECT_THAT(said(), IsEmpty()) << "everything is new on the first day";
  now = at(25LL * 3600 * 1000);
  line(25LL * 3600 * 1000 + 1000, 2, Severity::error);
  line(25LL * 3600 * 1000 + 2000, 3, Severity::info);
  EXPECT_THAT(said(), IsEmpty());
  line(25LL * 3600 * 1000 + 3000, 4, Severity::warning);
  ASSERT_EQ(said().size(), 1u);
  line(25LL * 3600 * 1000 + 4000, 4, Severity::warning);
  EXPECT_THAT(said(), IsEmpty()) << "it is known now";
}

class QueriesTest : public testing::Test {
 protected:
  void SetUp() override { store = *series::open_embedded_series_store({.directory = directory.path()}); }
  void put(const Labels& labels, Time from, Duration step, const std::vector<double>& values) {
    SeriesSamples samples{labels, SeriesKind::gauge, {}};
    for (std::size_t i = 0; i < values.size(); ++i)
      samples.samples.push_back({from + static_cast<std::int64_t>(i) * step, values[i]});
    SampleBlock block;
    ASSERT_TRUE(series::resolve_into(*store, kAccount, samples, block));
    ASSERT_TRUE(store->append(kAccount, block, ++offset));
  }
  TemporaryDirectory directory;
  std::unique_ptr<series::SeriesStore> store;
  std::uint64_t offset = 0;
};

TEST_F(QueriesTest, WhatIsUsualIsTheSameHourOfTheWeeksBefore) {
  constexpr Time kNow{1'772'000'000'000'000'000};
  const Labels labels({{"__name__", "m"}, {"host", "c1"}});
  for (int week = 4; week >= 1; --week)
    put(labels, kNow - std::chrono::hours(168 * week) - 1h, 5min, std::vector<double>(25, 100.0 + week));
  put(labels, kNow - 10min, 5min, {130, 130, 130});
  const ManualClock clock(kNow);
  const auto expr = query::parse_expression("m");
  const auto bands = evaluate_season({.store = *store, .account = kAccount, .clock = clock}, **expr,
                                     {.weeks = 4, .min_spread = 0.05}, kNow.ns / 1'000'000, {});
  ASSERT_TRUE(bands) << describe(bands.error());
  ASSERT_EQ(bands->size(), 1u);
  EXPECT_NEAR(bands->front().usual, 102.5, 0.6);
  EXPECT_NEAR(bands->front().spread, 5.1, 0.2);
  EXPECT_NEAR(bands->front().deviation(), 5.4, 0.4);
}

TEST_F(QueriesTest, AreAskedAtInstantsOfTheirIntervalAndRecordedSeriesEnd) {
  auto file = parse_rule_file(
      "groups:\n- {name: g, interval: 30s, rules: [{record: m:sum, expr: sum(m), labels: {a: b}}, {alert: "
      "High, expr: 'm:sum > 1'}]}\n");
  ASSERT_TRUE(file);
  constexpr Time kStart{1'772'000'010'000'000'000};
  ManualClock clock(kStart);
  put(Labels(std::vector<Label>{{"__name__", "m"}}), kStart, 10s, {1, 2, 3, 3, stale_marker()});
  RuleQueries queries(*store, clock);
  queries.set_rules(kAccount, file->front().rules);
  std::vector<std::string> written;
  const auto submit = [&](Batch batch) -> Result<void> {
    SampleBlock block;
    for (const SeriesSamples& one : batch.series) {
      written.push_back(
          fmt::format("{} {} at {}", one.labels.to_string(),
                      is_stale(one.samples[0].value) ? "stale" : fmt::to_string(one.samples[0].value),
                      (one.samples[0].at - kStart).count() / 1'000'000'000));
      SENT_TRY(series::resolve_into(*store, kAccount, one, block));
    }
    SENT_TRY(store->append(kAccount, block, ++offset));
    return {};
  };
  const Time next = queries.run(kStart, submit);
  EXPECT_THAT(written, IsEmpty());
  EXPECT_EQ(next.ns % 30'000'000'000, 0);
  clock.set(next);
  queries.run(next, submit);
  const auto seconds = (next - kStart).count() / 1'000'000'000;
  EXPECT_THAT(
      written,
      ElementsAre(
          fmt::format("m:sum{{a=\"b\"}} 3 at {}", seconds),
          fmt::format("sentinella_rule_value{{a=\"b\",sentinella_rule=\"group.g.high\"}} 3 at {}", seconds),
          fmt::format("sentinella_rule_elements{{sentinella_rule=\"group.g.high\"}} 1 at {}", seconds)))
      << "the alert sees what was recorded before it";
  written.clear();
  clock.set(next + 30s);
  queries.run(next + 30s, submit);
  ASSERT_FALSE(written.empty());
  EXPECT_EQ(written.front(), fmt::format("m:sum{{a=\"b\"}} stale at {}", seconds + 30));
}

}  // namespace
}  // namespace sentinella::rules
