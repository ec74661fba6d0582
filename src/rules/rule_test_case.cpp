#include "rules/rule_test_case.h"

#include <array>

#include "codec/log_parser.h"
#include "query/conformance/test_script.h"
#include "query/engine.h"
#include "query/lexer.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kMaxRepeats = 100'000;

Result<Duration> read_span(const Section& in, const char* key) {
  SENT_TRY_ASSIGN(const std::string text, in.required(key));
  if (text == "0") return Duration{};
  const auto ms = query::parse_duration_ms(text);
  if (!ms) return bad(in.child(key), key, "\"{}\" is not a duration such as 5m", text);
  return Duration(std::chrono::milliseconds(*ms));
}

Result<Duration> read_span_or(const Section& in, const char* key, Duration fallback) {
  return in.has(key) ? read_span(in, key) : Result<Duration>(fallback);
}

/// Calls `read` for every map of a list that may be absent.
template <typename Read>
Result<void> for_each(const Section& in, const char* key, const Keys& known, Read read) {
  const YAML::Node list = in.child(key);
  if (!list.IsDefined() || list.IsNull()) return {};
  if (!list.IsSequence()) return bad(list, key, "a list expected");
  for (const auto& item : list) {
    SENT_TRY_ASSIGN(const Section section, Section::open(item, key, known));
    SENT_TRY(read(section));
  }
  return {};
}

Result<std::map<std::string, std::string>> read_map(const Section& in, const char* key) {
  std::map<std::string, std::string> out;
  const YAML::Node node = in.child(key);
  if (!node.IsDefined() || node.IsNull()) return out;
  if (!node.IsMap()) return bad(node, key, "a map of name: text expected");
  for (const auto& item : node) {
    if (!item.first.IsScalar() || !item.second.IsScalar())
      return bad(node, key, "a map of name: text expected");
    out[item.first.Scalar()] = item.second.Scalar();
  }
  return out;
}

/// promtool's notation is that of Prometheus' own query tests, but for `stale`.
Result<void> read_series(const Section& in, TestCase& test) {
  SENT_TRY_ASSIGN(const std::string name, in.required("series"));
  SENT_TRY_ASSIGN(const std::string values, in.required("values"));
  const auto script = query::conformance::parse_script(fmt::format("load 1s\n  {} {}\n", name, values));
  if (!script) return bad(in.node(), "values", "{}", script.error().message);
  const auto* load = script->empty() ? nullptr : std::get_if<query::conformance::Load>(&script->front());
  if (load == nullptr || load->series.size() != 1) return bad(in.node(), "series", "one series expected");
  SeriesSamples series{load->series[0].labels, SeriesKind::gauge, {}};
  const auto& list = load->series[0].values;
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list[i]) series.samples.push_back({Time{} + static_cast<std::int64_t>(i) * test.interval, *list[i]});
  test.series.push_back(std::move(series));
  return {};
}

Result<void> read_log(const Section& in, TestCase& test) {
  LogRecord record;
  SENT_TRY_ASSIGN(const Duration at, read_span(in, "at"));
  SENT_TRY_ASSIGN(const Duration every, read_span_or(in, "every", std::chrono::seconds(1)));
  SENT_TRY_ASSIGN(record.raw, in.required("line"));
  SENT_TRY(in.text_into("host", record.host));
  SENT_TRY(in.text_into("service", record.service));
  const std::string host = record.host;
  std::uint32_t times = 1;
  SENT_TRY(in.count_into("times", times));
  if (test.logs.size() + times > kMaxRepeats)
    return bad(in.node(), "times", "at most {} lines in a test", kMaxRepeats);
  codec::parse_log(record);
  if (!host.empty()) record.host = host;
  record.template_id = codec::log_template_id(record.message);
  for (std::uint32_t i = 0; i < times; ++i) {
    record.time = Time{} + at + static_cast<std::int64_t>(i) * every;
    test.logs.push_back(record);
  }
  return {};
}

Result<void> read_report(const Section& in, TestCase& test) {
  StateReport report;
  SENT_TRY_ASSIGN(const Duration at, read_span(in, "at"));
  SENT_TRY_ASSIGN(const Duration every, read_span_or(in, "every", std::chrono::seconds(10)));
  SENT_TRY_ASSIGN(report.host, in.required("host"));
  SENT_TRY(in.text_into("service", report.service));
  SENT_TRY_ASSIGN(const std::string kind, in.required("kind"));
  static constexpr std::array kKinds{StateReport::Kind::heartbeat, StateReport::Kind::snapshot,
                                     StateReport::Kind::started, StateReport::Kind::exited};
  const auto known = std::ranges::find(kKinds, kind, [](StateReport::Kind one) { return to_string(one); });
  if (known == kKinds.end())
    return bad(in.child("kind"), "kind", "heartbeat, snapshot, started or exited expected");
  report.kind = *known;
  std::uint32_t processes = 1, pid = 100, times = 1, signal = 0;
  SENT_TRY_ASSIGN(const auto count, in.text("processes"));
  if (count) processes = static_cast<std::uint32_t>(parse_uint(*count).value_or(0));
  SENT_TRY_ASSIGN(const Duration ahead, read_span_or(in, "clock_ahead", Duration{}));
  SENT_TRY_ASSIGN(const Duration late, read_span_or(in, "late", Duration{}));
  SENT_TRY(in.count_into("pid", pid));
  SENT_TRY(in.count_into("times", times));
  SENT_TRY(in.count_into("signal", signal));
  SENT_TRY_ASSIGN(const auto exit, in.text("exit"));
  if (exit) report.exit = *exit == "orderly" ? StateReport::Exit::orderly : StateReport::Exit::crash;
  if (signal != 0) report.signal = static_cast<int>(signal);
  report.processes = processes;
  report.pid = processes == 0 ? 0 : pid;
  report.ever_seen = true;
  if (test.reports.size() + times > kMaxRepeats) return bad(in.node(), "times", "at most {}", kMaxRepeats);
  for (std::uint32_t i = 0; i < times; ++i) {
    const Time sent = Time{} + at + static_cast<std::int64_t>(i) * every;
    report.at = sent + ahead;
    test.reports.emplace_back(sent + late, report);
  }
  return {};
}

Result<void> read_expected_alerts(const Section& in, TestCase& test) {
  ExpectedAlerts expected;
  SENT_TRY_ASSIGN(expected.at, read_span(in, "eval_time"));
  SENT_TRY_ASSIGN(expected.name, in.required("alertname"));
  SENT_TRY(for_each(in, "exp_alerts", {"exp_labels", "exp_annotations"},
                    [&](const Section& alert) -> Result<void> {
                      ExpectedAlerts::Alert one;
                      SENT_TRY_ASSIGN(one.labels, read_map(alert, "exp_labels"));
                      SENT_TRY_ASSIGN(one.annotations, read_map(alert, "exp_annotations"));
                      expected.alerts.push_back(std::move(one));
                      return {};
                    }));
  test.alerts.push_back(std::move(expected));
  return {};
}

Result<void> read_expected_samples(const Section& in, TestCase& test) {
  ExpectedSamples expected;
  SENT_TRY_ASSIGN(expected.at, read_span(in, "eval_time"));
  SENT_TRY_ASSIGN(expected.expression, in.required("expr"));
  SENT_TRY(for_each(in, "exp_samples", {"labels", "value"}, [&](const Section& sample) -> Result<void> {
    SENT_TRY_ASSIGN(const auto labels, sample.text("labels"));
    SENT_TRY_ASSIGN(const std::string value, sample.required("value"));
    const auto number = query::parse_number(value);
    if (!number) return bad(sample.child("value"), "value", "not a number");
    std::vector<Label> out;
    if (labels && *labels != "{}") {
      const auto matchers = query::parse_selector(*labels);
      if (!matchers) return bad(sample.child("labels"), "labels", "{}", matchers.error().message);
      for (const LabelMatcher& matcher : *matchers) out.push_back({matcher.name, matcher.value});
    }
    expected.samples.emplace_back(Labels(std::move(out)), *number);
    return {};
  }));
  test.samples.push_back(std::move(expected));
  return {};
}

Result<void> read_transitions(const Section& in, TestCase& test) {
  if (!in.has("transitions")) return {};
  test.transitions.emplace();
  return for_each(in, "transitions", {"at", "event", "resource", "state", "severity", "tier"},
                  [&](const Section& item) -> Result<void> {
                    ExpectedTransition expected;
                    SENT_TRY_ASSIGN(expected.at, read_span(item, "at"));
                    SENT_TRY_ASSIGN(expected.event, item.required("event"));
                    SENT_TRY(item.text_into("resource", expected.resource));
                    SENT_TRY(item.text_into("severity", expected.severity));
                    SENT_TRY(item.text_into("tier", expected.tier));
                    SENT_TRY_ASSIGN(const std::string state, item.required("state"));
                    if (state != "firing" && state != "resolved")
                      return bad(item.child("state"), "state", "firing or resolved expected");
                    expected.firing = state == "firing";
                    test.transitions->push_back(std::move(expected));
                    return {};
                  });
}

}  // namespace

Result<TestCase> read_test_case(const YAML::Node& node, std::size_t number) {
  TestCase test;
  test.name = fmt::format("test {}", number);
  SENT_TRY_ASSIGN(const Section in, Section::open(node, "test",
                                                  {"name", "interval", "rules", "input_series", "input_logs",
                                                   "input_reports", "alert_rule_test", "promql_expr_test",
                                                   "transitions", "external_labels", "external_url"}));
  SENT_TRY(in.text_into("name", test.name));
  SENT_TRY_ASSIGN(test.interval, read_span_or(in, "interval", test.interval));
  if (test.interval <= Duration::zero())
    return bad(in.child("interval"), "interval", "must be more than nothing");
  SENT_TRY_ASSIGN(test.rules, in.list("rules", {}));
  SENT_TRY(for_each(in, "input_series", {"series", "values"},
                    [&](const Section& s) { return read_series(s, test); }));
  SENT_TRY(for_each(in, "input_logs", {"at", "host", "service", "line", "times", "every"},
                    [&](const Section& s) { return read_log(s, test); }));
  SENT_TRY(for_each(in, "input_reports",
                    {"at", "host", "service", "kind", "exit", "signal", "processes", "pid", "times", "every",
                     "clock_ahead", "late"},
                    [&](const Section& s) { return read_report(s, test); }));
  SENT_TRY(for_each(in, "alert_rule_test", {"eval_time", "alertname", "exp_alerts"},
                    [&](const Section& s) { return read_expected_alerts(s, test); }));
  SENT_TRY(for_each(in, "promql_expr_test", {"expr", "eval_time", "exp_samples"},
                    [&](const Section& s) { return read_expected_samples(s, test); }));
  SENT_TRY(read_transitions(in, test));
  return test;
}

}  // namespace sentinella::rules
