#include "rules/rule_test_file.h"

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/temporary_directory.h"
#include "query/engine.h"
#include "rules/rule_file.h"
#include "rules/rule_queries.h"
#include "rules/rule_test_case.h"
#include "rules/simulation.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::rules {
namespace {

/// Time 0 of a test: away from the epoch, whole weeks and minutes.
constexpr Time kZero{1'728'000'000'000'000'000};
constexpr Duration kTolerance = std::chrono::seconds(1);
constexpr std::size_t kMaxTestFile = 1 << 22;

Time real(Time from_zero) {
  return kZero + (from_zero - Time{});
}

std::string describe(const Transition& transition) {
  const Signal& signal = transition.signal;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(transition.at - kZero);
  return fmt::format("at {} {} of {} {}{}", to_text(std::max<Duration>(seconds, Duration{})), signal.event,
                     signal.resource, signal.state == Signal::State::resolved ? "resolved" : "firing",
                     signal.state == Signal::State::resolved
                         ? std::string()
                         : fmt::format(", {}, {}", to_string(signal.severity), to_string(signal.tier)));
}

/// A test while it runs.
class Run {
 public:
  Run(const TestCase& test, std::vector<Rule> rules, RuleTestReport& report)
      : test_(test), rules_(std::move(rules)), report_(report) {}

  Result<void> run() {
    const std::size_t failed = report_.failures.size();
    SENT_TRY_ASSIGN(store_, series::open_embedded_series_store({.directory = directory_.path()}));
    SENT_TRY(keep_series());
    simulation_ = std::make_unique<Simulation>(rules_, kZero - std::chrono::seconds(1));
    queries_ = std::make_unique<RuleQueries>(*store_, clock_);
    queries_->set_rules(Simulation::kAccount, rules_);
    collect_batches();
    play();
    SENT_TRY(check_samples());
    if (test_.transitions) check_transitions(*test_.transitions);
    if (report_.failures.size() == failed) ++report_.passed;
    return {};
  }

 private:
  template <typename... Args>
  void complain(fmt::format_string<Args...> text, Args&&... args) {
    report_.failures.push_back(
        fmt::format("{}: {}", test_.name, fmt::format(text, std::forward<Args>(args)...)));
  }

  Result<void> keep(const std::vector<SeriesSamples>& list) {
    SampleBlock block;
    for (const SeriesSamples& series : list)
      SENT_TRY(series::resolve_into(*store_, Simulation::kAccount, series, block));
    if (block.empty()) return {};
    SENT_TRY(store_->append(Simulation::kAccount, block, ++offset_));
    return {};
  }

  /// All of it at once: a query at an instant sees nothing that comes later.
  Result<void> keep_series() {
    std::vector<SeriesSamples> list = test_.series;
    for (SeriesSamples& series : list)
      for (Sample& sample : series.samples) sample.at = real(sample.at);
    return keep(list);
  }

  void collect_batches() {
    for (const SeriesSamples& series : test_.series)
      for (const Sample& sample : series.samples)
        if (!is_stale(sample.value))
          batches_[real(sample.at)].series.push_back(
              {series.labels, series.kind, {{real(sample.at), sample.value}}});
    for (LogRecord record : test_.logs) {
      record.time = real(record.time);
      batches_[record.time].logs.push_back(std::move(record));
    }
    for (const auto& [arrives, sent] : test_.reports) {
      StateReport& report = batches_[real(arrives)].reports.emplace_back(sent);
      report.at = real(sent.at);
    }
    for (const ExpectedAlerts& expected : test_.alerts) checks_.emplace(kZero + expected.at, &expected);
    end_ = batches_.empty() ? kZero : batches_.rbegin()->first;
    if (!checks_.empty()) end_ = std::max(end_, checks_.rbegin()->first);
    if (test_.transitions)
      for (const ExpectedTransition& one : *test_.transitions)
        end_ = std::max(end_, kZero + one.at + kTolerance);
  }

  /// What came at an instant, then the queries at it, then what is expected of it.
  void play() {
    for (Time at = kZero; at <= end_;) {
      if (const auto found = batches_.find(at); found != batches_.end())
        simulation_->take(at, std::move(found->second));
      simulation_->pass(at);
      if (next_query_ <= at) query(at);
      for (auto [check, last] = checks_.equal_range(at); check != last; ++check) check_alerts(*check->second);
      Time next = std::max(next_query_, at + Duration(1));
      if (const auto batch = batches_.upper_bound(at); batch != batches_.end())
        next = std::min(next, batch->first);
      if (const auto check = checks_.upper_bound(at); check != checks_.end())
        next = std::min(next, check->first);
      at = next;
      if (at > end_) simulation_->pass(end_);
    }
  }

  void query(Time at) {
    clock_.set(at);
    const auto submit = [&](Batch batch) -> Result<void> {
      const auto kept = keep(batch.series);
      simulation_->take(at, std::move(batch));
      return kept;
    };
    // The first call learns of the rules' intervals: a test's first evaluation is at its beginning.
    if (at == kZero) queries_->run(at - Duration(1), submit);
    next_query_ = queries_->run(at, submit);
  }

  void check_alerts(const ExpectedAlerts& expected);
  Result<void> check_samples();
  void check_transitions(const std::vector<ExpectedTransition>& expected);

  const TestCase& test_;
  std::vector<Rule> rules_;
  RuleTestReport& report_;
  TemporaryDirectory directory_;
  ManualClock clock_{kZero};
  std::unique_ptr<series::SeriesStore> store_;
  std::unique_ptr<Simulation> simulation_;
  std::unique_ptr<RuleQueries> queries_;
  std::map<Time, Batch> batches_;
  std::multimap<Time, const ExpectedAlerts*> checks_;
  Time end_ = kZero;
  Time next_query_ = kZero;
  std::uint64_t offset_ = 0;
};

using Texts = std::map<std::string, std::string>;

Texts texts_of(const Labels& labels) {
  Texts out;
  for (const Label& label : labels) out.emplace(label.name, label.value);
  return out;
}

bool contains_all(const Texts& all, const Texts& some) {
  return std::ranges::all_of(some, [&](const auto& one) {
    const auto found = all.find(one.first);
    return found != all.end() && found->second == one.second;
  });
}

/// Of Prometheus' rules all labels must agree, as in promtool; of ours those that are named.
void Run::check_alerts(const ExpectedAlerts& expected) {
  std::vector<std::pair<Texts, Texts>> got;
  bool exact = false;
  for (const Rule& rule : rules_) {
    if (rule.event != expected.name) continue;
    exact = rule.is_prometheus();
    for (const RuleInstance& one : simulation_->instances(rule.id)) {
      if (one.state != RuleInstance::State::firing && one.state != RuleInstance::State::recovering) continue;
      Texts labels = texts_of(one.labels);
      if (!exact) {
        labels.insert({{"host", one.host}, {"service", one.service}, {"resource", one.resource}});
        labels.emplace("severity", to_string(one.severity));
      }
      labels.erase("alertname");
      got.emplace_back(std::move(labels), texts_of(one.annotations));
    }
  }
  auto missing = expected.alerts;
  for (ExpectedAlerts::Alert& alert : missing) alert.labels.erase("alertname");
  for (auto it = got.begin(); it != got.end();) {
    const auto match = std::ranges::find_if(missing, [&](const ExpectedAlerts::Alert& alert) {
      return exact ? alert.labels == it->first && alert.annotations == it->second
                   : contains_all(it->first, alert.labels) && contains_all(it->second, alert.annotations);
    });
    if (match == missing.end()) {
      ++it;
      continue;
    }
    missing.erase(match);
    it = got.erase(it);
  }
  const auto text = [](const Texts& texts) {
    std::string out;
    for (const auto& [name, value] : texts)
      out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ", ", name, value);
    return out;
  };
  for (const auto& alert : missing)
    complain("at {} {} with {{{}}} {{{}}} does not fire", to_text(expected.at), expected.name,
             text(alert.labels), text(alert.annotations));
  for (const auto& [labels, annotations] : got)
    complain("at {} {} with {{{}}} {{{}}} fires and is not expected", to_text(expected.at), expected.name,
             text(labels), text(annotations));
}

Result<void> Run::check_samples() {
  for (const ExpectedSamples& expected : test_.samples) {
    SENT_TRY_ASSIGN(const auto expr, query::parse_expression(expected.expression));
    const query::Source source{.store = *store_, .account = Simulation::kAccount, .clock = clock_};
    SENT_TRY_ASSIGN(const auto answer,
                    query::evaluate_instant(source, *expr, (kZero + expected.at).ns / 1'000'000));
    std::map<Labels, double> got;
    for (std::size_t i = 0; i < answer.matrix.rows(); ++i)
      if (query::is_present(answer.matrix.row(i)[0]))
        got[answer.matrix.labels[i].to_labels()] = answer.matrix.row(i)[0];
    for (const auto& [labels, value] : expected.samples) {
      const auto found = got.find(labels);
      const bool equal = found != got.end() && (std::fabs(found->second - value) <= 1e-6 * std::fabs(value) ||
                                                (std::isnan(value) && std::isnan(found->second)));
      if (!equal)
        complain("{} at {}: {} expected as {}, got {}", expected.expression, to_text(expected.at),
                 labels.to_string(), value, found == got.end() ? "nothing" : fmt::to_string(found->second));
      if (found != got.end()) got.erase(found);
    }
    for (const auto& [labels, value] : got)
      complain("{} at {}: {} is {} and is not expected", expected.expression, to_text(expected.at),
               labels.to_string(), value);
  }
  return {};
}

void Run::check_transitions(const std::vector<ExpectedTransition>& expected) {
  const auto& got = simulation_->transitions();
  for (std::size_t i = 0; i < std::max(expected.size(), got.size()); ++i) {
    if (i >= expected.size()) {
      complain("{} is not expected", describe(got[i]));
      continue;
    }
    const ExpectedTransition& one = expected[i];
    const std::string wanted =
        fmt::format("at {} {} of {} {} {} {}", to_text(one.at), one.event, one.resource,
                    one.firing ? "firing" : "resolved", one.severity, one.tier);
    if (i >= got.size()) {
      complain("{} expected, nothing came", wanted);
      continue;
    }
    const Signal& signal = got[i].signal;
    const Duration off = got[i].at - (kZero + one.at);
    const bool same =
        signal.event == one.event && (one.resource.empty() || one.resource == signal.resource) &&
        one.firing == (signal.state == Signal::State::firing) && off <= kTolerance && off >= -kTolerance &&
        (!one.firing || one.severity.empty() || one.severity == to_string(signal.severity)) &&
        (!one.firing || one.tier.empty() || one.tier == to_string(signal.tier));
    if (!same) return complain("{} expected, got {}", wanted, describe(got[i]));
  }
}

struct TestFile {
  std::vector<std::string> rule_files;
  Duration evaluation_interval = std::chrono::minutes(1);
  std::vector<TestCase> tests;
};

Result<TestFile> read_test_file(std::string_view yaml) {
  return without_exceptions([&]() -> Result<TestFile> {
    if (yaml.size() > kMaxTestFile)
      return fail(Errc::kTooLarge, "a test file may have {} bytes", kMaxTestFile);
    const YAML::Node root = YAML::Load(std::string(yaml));
    SENT_TRY_ASSIGN(const Section in, Section::open(root, "file",
                                                    {"rule_files", "evaluation_interval", "group_eval_order",
                                                     "tests", "fuzzy_compare"}));
    TestFile file;
    SENT_TRY_ASSIGN(file.rule_files, in.list("rule_files", {}));
    SENT_TRY(in.duration_into("evaluation_interval", file.evaluation_interval));
    const YAML::Node tests = in.child("tests");
    if (!tests.IsDefined() || !tests.IsSequence()) return bad(root, "tests", "a list of tests expected");
    for (const auto& node : tests) {
      SENT_TRY_ASSIGN(TestCase test, read_test_case(node, file.tests.size() + 1));
      file.tests.push_back(std::move(test));
    }
    return file;
  });
}

/// promtool evaluates every group at one interval.
void use_interval(Rule& rule, Duration interval) {
  if (!rule.is_prometheus()) return;
  if (auto* gauge = std::get_if<GaugeRule>(&rule.what)) gauge->interval = interval;
  if (auto* recording = std::get_if<RecordingRule>(&rule.what)) recording->interval = interval;
}

}  // namespace

Result<RuleTestReport> run_rule_tests(std::string_view yaml,
                                      const std::function<Result<std::string>(const std::string&)>& read) {
  SENT_TRY_ASSIGN(const TestFile file, read_test_file(yaml));
  std::vector<Rule> rules;
  for (const std::string& name : file.rule_files) {
    SENT_TRY_ASSIGN(const std::string text, read(name));
    auto items = parse_rule_file(text);
    if (!items) return fail(items.error().code, "{}: {}", name, describe(items.error()));
    for (RuleText& item : *items)
      for (Rule& rule : item.rules) {
        use_interval(rule, file.evaluation_interval);
        rules.push_back(std::move(rule));
      }
  }
  RuleTestReport report;
  for (const TestCase& test : file.tests) {
    std::vector<Rule> wanted;
    for (const Rule& rule : rules)
      if (test.rules.empty() || std::ranges::find(test.rules, rule.id) != test.rules.end())
        wanted.push_back(rule);
    for (const std::string& id : test.rules)
      if (std::ranges::find(wanted, id, &Rule::id) == wanted.end())
        return fail_field(Errc::kInvalid, "rules", "{}: there is no rule {}", test.name, id);
    SENT_TRY(Run(test, std::move(wanted), report).run());
  }
  return report;
}

Result<RuleTestReport> run_rule_tests(const std::filesystem::path& file) {
  SENT_TRY_ASSIGN(const std::string yaml, read_file(file, kMaxTestFile));
  return run_rule_tests(
      yaml, [&](const std::string& name) { return read_file(file.parent_path() / name, 1 << 20); });
}

}  // namespace sentinella::rules
