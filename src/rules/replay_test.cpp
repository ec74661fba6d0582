// The engine is a pure function of the journal: whatever was stored, and wherever it was stopped, the rest of
// the same journal leads to the same signals, events and states.
#include <map>
#include <random>

#include "rules/rules_fixture.h"

namespace sentinella::rules {
namespace {

constexpr std::string_view kRules = R"(sentinella_rules:
- {id: down, kind: binary, event: ServiceDown, summary: s, check: {process: "*"}, stop_grace: 8s, crash_loop: {count: 3, window: 1m}}
- {id: silent, kind: binary, event: AgentSilent, summary: s, check: {heartbeat: true}, stale_after: 7s}
- {id: tail, kind: tailable, event: Tail, summary: s, match: {pattern: boom}, count: {n: 2, window: 5s}, quiet: 6s, clear_match: fine}
- {id: gauge, kind: gauge, event: High, summary: s, expr: "avg(host_load1[10s]) / host_cpus", levels: {warning: {set: "> 1", clear: "< 0.8", for: 2s}, critical: {set: "> 3"}}, keep_firing_for: 2s}
)";

std::string describe(const Outcome& outcome) {
  std::string text;
  for (const Signal& s : outcome.signals)
    text += fmt::format("{} {} {} {} {} {} {} {}\n", static_cast<int>(s.state), s.event, s.resource,
                        to_string(s.severity), s.at.ns, s.value, s.text, s.count, s.evidence.size());
  for (const auto& [account, e] : outcome.events)
    text += fmt::format("{} {} {} {}\n", e.id, e.type, e.time.ns, e.summary);
  return text;
}

class ReplayTest : public RulesTest {
 protected:
  void SetUp() override { use(std::string(kRules)); }

  /// Half a thousand random batches: deaths, stops, silence, errors, load, and a server outage.
  std::vector<Batch> journal() {
    std::mt19937 random(4711);
    const auto roll = [&](unsigned n) { return static_cast<std::uint32_t>(random() % n); };
    std::vector<Batch> out;
    std::int64_t ms = 0;
    for (int i = 0; i < 500; ++i) {
      ms += i == 300 ? 60'000 : 100 + roll(900);
      Batch b = batch(ms);
      const std::string host = "h" + std::to_string(roll(2));
      const auto kind = static_cast<StateReport::Kind>(roll(4));
      switch (roll(5)) {
        case 0:
          b.tick = true;
          b.server_started = i % 25 == 0;
          break;
        case 1:
          b.logs.push_back(
              record(ms, Severity::error, roll(5) == 0 ? "fine" : "boom", "req-" + std::to_string(roll(40))));
          break;
        case 2:
          put(b, {{"__name__", "host_load1"}, {"host", host}}, {{at(ms), roll(20) * 1.0}});
          put(b, {{"__name__", "host_cpus"}, {"host", host}}, {{at(ms), 4}});
          break;
        default: {
          StateReport r = report(
              kind, host, kind == StateReport::Kind::heartbeat ? "" : "nova-" + std::to_string(roll(2)));
          r.at = at(ms);
          r.pid = 100 + roll(3);
          r.processes = roll(3);
          r.ever_seen = true;
          r.exit = static_cast<StateReport::Exit>(roll(3));
          b.reports.push_back(r);
        }
      }
      out.push_back(std::move(b));
    }
    return out;
  }
};

TEST_F(ReplayTest, ARestartAtAnyPlaceChangesNothing) {
  const std::vector<Batch> batches = journal();
  std::vector<std::string> expected;
  std::size_t said_anything = 0;
  std::map<std::pair<std::string, std::string>, catalog::RuleState> stored;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    expected.push_back(describe(engine->consume(batches[i], i + 1)));
    said_anything += !expected.back().empty();
  }
  ASSERT_GT(said_anything, 50u);

  auto running = make_rule_engine(names.lookup());
  running->set_rules(kAccount, rules, {});
  for (std::size_t i = 0; i < batches.size(); ++i) {
    ASSERT_EQ(describe(running->consume(batches[i], i + 1)), expected[i]) << "batch " << i;
    for (catalog::RuleState& state : running->take_dirty_states()) {
      const std::pair key(state.rule_id, state.instance);
      if (state.state.empty()) {
        stored.erase(key);
      } else {
        stored.insert_or_assign(key, std::move(state));
      }
    }
    std::vector<catalog::RuleState> states;
    for (const auto& [key, state] : stored) states.push_back(state);
    running = make_rule_engine(names.lookup());
    // Either order must do.
    if (i % 2 == 0) running->set_rules(kAccount, rules, {});
    running->restore(states);
    if (i % 2 == 1) {
      ASSERT_TRUE(running->set_rules(kAccount, rules, {}).empty());
    }
  }
}

}  // namespace
}  // namespace sentinella::rules
