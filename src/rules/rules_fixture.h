// A rule engine fed by hand, for the tests of this folder: time is in milliseconds from a fixed instant,
// signals and events come back as short lines.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/rule_engine.h"
#include "rules/rule_file.h"

namespace sentinella::rules {

inline constexpr AccountId kAccount{7};

/// Gives series their ids, as the store does.
class SeriesNames {
 public:
  SeriesId id(const Labels& labels) {
    const auto at = std::ranges::find(*names_, labels);
    if (at == names_->end()) names_->push_back(labels);
    return SeriesId{static_cast<std::uint64_t>(std::ranges::find(*names_, labels) - names_->begin()) + 1};
  }
  LabelsOf lookup() const {
    return [names = names_](AccountId, SeriesId id) {
      const auto index = static_cast<std::size_t>(id) - 1;
      return index < names->size() ? std::make_shared<const Labels>((*names)[index]) : nullptr;
    };
  }

 private:
  std::shared_ptr<std::vector<Labels>> names_ = std::make_shared<std::vector<Labels>>();
};

class RulesTest : public testing::Test {
 protected:
  static Time at(std::int64_t ms) { return {1'772'000'000'000'000'000 + ms * 1'000'000}; }

  void use(const std::string& yaml) {
    auto file = parse_rule_file(yaml);
    ASSERT_TRUE(file) << file.error().message;
    rules.clear();
    for (RuleText& text : *file)
      for (Rule& rule : text.rules) rules.push_back(std::move(rule));
    note(engine->set_rules(kAccount, rules, now));
  }

  StateReport report(StateReport::Kind kind, const std::string& host, const std::string& service = "") {
    StateReport out;
    out.kind = kind;
    out.host = host;
    out.service = service;
    return out;
  }
  Batch batch(std::int64_t ms) {
    Batch out;
    out.account = kAccount;
    out.received = at(ms);
    return out;
  }
  /// Ticks once a second up to `ms`, as the server does, then takes the batch.
  void take(std::int64_t ms, Batch b) {
    tick_until(ms);
    consume(b);
  }
  void tick_until(std::int64_t ms) {
    while (now < at(ms) && now != Time{}) {
      Batch tick = batch(0);
      tick.tick = true;
      tick.received = std::min({now + 1s, at(ms), engine->next_deadline().value_or(at(ms))});
      tick.received = std::max(tick.received, now + 1ns);
      consume(tick);
    }
  }
  void consume(const Batch& b) {
    log.push_back(b);
    now = b.received;
    const Outcome outcome = engine->consume(b, ++offset);
    note(outcome.signals);
    for (const auto& [account, event] : outcome.events) {
      lines.push_back("event " + event.type + " " + event.host + "/" + event.service);
      events.push_back(event);
    }
  }
  void note(const std::vector<Signal>& fresh) {
    static constexpr std::string_view kStates[]{"firing", "repeated", "resolved"};
    for (const Signal& signal : fresh) {
      lines.push_back(fmt::format("{} {} {} {}", kStates[static_cast<int>(signal.state)], signal.event,
                                  signal.resource, to_string(signal.severity)));
      signals.push_back(signal);
    }
  }
  void send(std::int64_t ms, StateReport r) {
    r.at = at(ms);
    Batch b = batch(ms);
    b.reports.push_back(std::move(r));
    take(ms, b);
  }
  void heartbeat(std::int64_t ms, const std::string& host = "c1") {
    send(ms, report(StateReport::Kind::heartbeat, host));
  }
  void snapshot(std::int64_t ms, std::uint32_t processes, std::uint32_t pid, bool ever_seen = true,
                const std::string& service = "nova-compute") {
    StateReport r = report(StateReport::Kind::snapshot, "c1", service);
    r.processes = processes;
    r.pid = pid;
    r.ever_seen = ever_seen;
    send(ms, r);
  }
  void started(std::int64_t ms, std::uint32_t pid, const std::string& service = "nova-compute") {
    StateReport r = report(StateReport::Kind::started, "c1", service);
    r.pid = pid;
    send(ms, r);
  }
  void crashed(std::int64_t ms, std::uint32_t pid, const std::string& service = "nova-compute") {
    StateReport r = report(StateReport::Kind::exited, "c1", service);
    r.pid = pid;
    r.exit = StateReport::Exit::crash;
    r.signal = 9;
    send(ms, r);
  }
  void stopped(std::int64_t ms, std::uint32_t pid, const std::string& service = "nova-compute") {
    StateReport r = report(StateReport::Kind::exited, "c1", service);
    r.pid = pid;
    r.exit = StateReport::Exit::orderly;
    send(ms, r);
  }
  LogRecord record(std::int64_t ms, Severity severity, const std::string& message,
                   const std::string& request = "") {
    LogRecord out;
    out.time = at(ms);
    out.host = "c1";
    out.service = "nova-conductor";
    out.component = "nova.conductor.manager";
    out.severity = severity;
    out.message = message;
    out.raw = "raw " + message;
    out.request_id = request;
    return out;
  }
  void say(std::int64_t ms, std::vector<LogRecord> records) {
    Batch b = batch(ms);
    b.logs = std::move(records);
    take(ms, b);
  }
  void sample(std::int64_t ms, double value, const std::string& metric = "host_load1") {
    Batch b = batch(ms);
    put(b, {{std::string(kMetricName), metric}, {"host", "c1"}}, {{at(ms), value}});
    take(ms, b);
  }
  CheckStatus status(const std::string& service = "nova-compute") {
    for (const ServiceState& state : engine->services(kAccount))
      if (state.service == service) return state.status;
    ADD_FAILURE() << "no state of " << service;
    return CheckStatus::unknown;
  }
  /// The lines since the last call.
  std::vector<std::string> said() { return std::exchange(lines, {}); }

  void put(Batch& b, const std::vector<Label>& series, const std::vector<Sample>& samples) {
    const SeriesId id = names.id(Labels(series));
    for (const Sample& one : samples) b.samples.add(id, one.at, one.value);
  }

  SeriesNames names;
  std::unique_ptr<RuleEngine> engine = make_rule_engine(names.lookup());
  std::vector<Rule> rules;
  Time now;
  std::uint64_t offset = 0;
  std::vector<Batch> log;
  std::vector<std::string> lines;
  std::vector<Signal> signals;
  std::vector<Event> events;
};

}  // namespace sentinella::rules
