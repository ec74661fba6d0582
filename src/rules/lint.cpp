// Lints by the text of a rule.
#include "rules/lint.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "query/engine.h"
#include "query/function_table.h"
#include "rules/gauge_expression.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kLeastPlaybook = 200;
constexpr Duration kLongInterval = std::chrono::minutes(5);

/// Adds findings about one rule.
class RuleLint {
 public:
  RuleLint(const Rule& rule, const LintFacts& facts, std::vector<Finding>& out)
      : rule_(rule), facts_(facts), out_(out) {}

  void run() {
    if (std::holds_alternative<RecordingRule>(rule_.what))
      return expression(std::get<RecordingRule>(rule_.what).promql);
    purpose();
    playbook();
    if (const GaugeRule* gauge = rule_.gauge()) numbers(*gauge);
    if (const auto* binary = std::get_if<BinaryRule>(&rule_.what); binary && rule_.tier == Tier::page)
      redundancy(*binary);
    if (const auto* tail = std::get_if<TailableRule>(&rule_.what)) log_lines(*tail);
  }

 private:
  Finding& add(std::string code, std::string name, LintLevel level, std::string text,
               std::string action = "") {
    Finding& finding = out_.emplace_back();
    finding.code = std::move(code);
    finding.name = std::move(name);
    finding.level = level;
    finding.rule_id = rule_.id;
    finding.text = std::move(text);
    finding.action = std::move(action);
    return finding;
  }

  /// H1, H2.
  void purpose() {
    if (rule_.impact.empty() && !rule_.is_prometheus())
      add("H1", "obsolete", LintLevel::warning, "impact: does not say why this rule exists");
    if (facts_.now != Time{} && !rule_.review_by.empty())
      if (const auto due = parse_rfc3339(rule_.review_by + "T00:00:00Z"); due && *due < facts_.now)
        add("H1", "obsolete", LintLevel::warning, fmt::format("review_by: {} has passed", rule_.review_by),
            "review:180d");
    if (rule_.owner.empty())
      add("H2", "unactionable", rule_.tier == Tier::page ? LintLevel::error : LintLevel::warning,
          "owner: nobody is named who could act");
  }

  /// H12.
  void playbook() {
    if (rule_.tier != Tier::page) return;
    if (rule_.playbook.empty() && rule_.playbook_url.empty()) {
      add("H12", "undocumented", LintLevel::error, "a rule that pages has neither playbook nor playbook_url");
    } else if (!rule_.playbook.empty() && rule_.playbook.size() < kLeastPlaybook) {
      add("H12", "undocumented", LintLevel::error,
          fmt::format("the playbook has {} characters, at least {} are needed to be of use",
                      rule_.playbook.size(), kLeastPlaybook));
    }
    if (rule_.playbook.empty()) return;
    std::vector<std::string> missing;
    const std::string text = to_lower(rule_.playbook);
    for (const std::string_view section : {"meaning", "check", "fix", "escalate", "false"})
      if (text.find(section) == std::string::npos) missing.emplace_back(section);
    if (!missing.empty())
      add("H12", "undocumented", LintLevel::warning,
          fmt::format("the playbook says nothing of: {}", fmt::join(missing, ", ")));
  }

  /// H3, H4, H6, H19.
  void numbers(const GaugeRule& gauge) {
    if (!gauge.promql.empty()) {
      expression(gauge.promql);
      if (gauge.interval > kLongInterval)
        add("H19", "expression", LintLevel::hint,
            fmt::format("evaluated every {} only; what is shorter is not seen",
                        sentinella::to_text(gauge.interval)));
    } else {
      known_metric(gauge.metric);
      if (!gauge.divisor_metric.empty()) known_metric(gauge.divisor_metric);
      for (const LabelMatcher& matcher : gauge.matchers) known_label(matcher.name);
      if (gauge.metric.ends_with("_total") && gauge.aggregate != GaugeRule::Aggregate::rate)
        add("H19", "expression", LintLevel::error,
            fmt::format("{} is a counter: it only grows, and begins again with its program; use rate()",
                        gauge.metric));
    }
    for (const std::string& label : gauge.by) known_label(label);
    raw_threshold(gauge);
    for (const GaugeRule::Level& level : gauge.levels) hair_trigger(gauge, level);
    objective(gauge);
    drift();
  }

  /// H3: an objective that is over for the month wakes nobody who could do anything about it.
  void objective(const GaugeRule& gauge) {
    if (rule_.tier != Tier::page || !speaks_of_objective()) return;
    if (gauge.window > Duration::zero()) windows_.insert(gauge.window / 1ms);
    if (windows_.size() < 2)
      add("H3", "symptom-without-lever", LintLevel::warning,
          "pages for an objective without looking at how fast its budget burns: compare a long and a short "
          "window",
          "tier:ticket");
  }
  bool speaks_of_objective() const {
    const std::string all =
        to_lower(fmt::format(" {} {} {} {} ", rule_.id, rule_.event, rule_.summary, rule_.impact));
    std::string words;
    for (const char c : all) words.push_back((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : ' ');
    return std::ranges::any_of(
        std::array{" slo ", " sla ", " objective ", " error budget ", " availability target "},
        [&](const char* word) { return words.contains(word); });
  }

  /// H5.
  void drift() {
    const auto found = facts_.drifts.find(rule_.id);
    if (found == facts_.drifts.end()) return;
    const Drift& d = found->second;
    if (std::abs(d.now - d.then) <= 2 * d.spread || d.now == d.then) return;
    Finding& finding = add(
        "H5", "stale-threshold", LintLevel::warning,
        "the threshold is more than a year old, and what it is compared with has moved since", "review:180d");
    finding.evidence.push_back(
        fmt::format("median of {} series: {:.6g} a year ago, {:.6g} now; spread then {:.6g}", d.series,
                    d.then, d.now, d.spread));
  }

  void raw_threshold(const GaugeRule& gauge) {
    const bool load = gauge.metric.starts_with("host_load");
    const bool absolute = gauge.divisor_metric.empty() && gauge.promql.empty();
    if (load && absolute)
      add("H4", "raw-threshold", LintLevel::error,
          "a load means nothing without the number of processors: divide by host_cpus");
    if (absolute && (gauge.metric == "host_memory_available_bytes" || gauge.metric == "host_swap_used_bytes"))
      add("H4", "raw-threshold", LintLevel::warning,
          fmt::format("{} is compared as it is; divide by host_memory_total_bytes", gauge.metric));
    if (!absolute || unit_of_metric(gauge.metric) != Unit::ratio) return;
    for (const GaugeRule::Level& level : gauge.levels)
      if (level.set > 1 || level.set < 0)
        add("H4", "raw-threshold", LintLevel::error,
            fmt::format("{} lies between 0 and 1; {} {} is never or always true", gauge.metric,
                        to_string(gauge.compare), level.set));
  }

  void hair_trigger(const GaugeRule& gauge, const GaugeRule::Level& level) {
    const bool instant =
        level.hold <= Duration::zero() && gauge.window <= Duration::zero() && gauge.fail_count <= 1;
    const bool watched = rule_.kind() == "gauge" && !rule_.is_prometheus();
    if (instant && rule_.tier == Tier::page && rule_.kind() == "gauge" &&
        level.severity <= AlertSeverity::critical)
      add("H6", "hair-trigger", rule_.is_prometheus() ? LintLevel::warning : LintLevel::error,
          "one sample is enough to wake somebody: give it for:, or a window", "for:5m");
    const bool ordered =
        gauge.compare != GaugeRule::Compare::equal && gauge.compare != GaugeRule::Compare::not_equal;
    // Nothing is a share of zero: what is over it is counted, and does not hover.
    if (watched && ordered && level.set != 0 && !level.own_clear && level.clear == level.set &&
        gauge.keep_firing_for <= Duration::zero())
      add("H6", "hair-trigger", LintLevel::hint,
          fmt::format(
              "{}: set and clear are the same value: it will open and close when the value hovers there",
              to_string(level.severity)),
          "clear:90%");
  }

  /// H7.
  void redundancy(const BinaryRule& binary) {
    const bool many = binary.check == BinaryRule::Check::process && binary.service.find_first_of("*?") == 0;
    if (!many && binary.check == BinaryRule::Check::process && !rule_.quorum)
      add("H7", "redundant-member", LintLevel::hint,
          "pages for one member: where several stand in for each other, a quorum pages for the group");
  }

  void log_lines(const TailableRule& tail) {
    if (rule_.tier == Tier::page && tail.pattern.empty() && tail.count <= 1 &&
        tail.min_severity < Severity::critical)
      add("H6", "hair-trigger", LintLevel::error,
          "any one line of this level wakes somebody: name a pattern, or count");
  }

  void known_metric(const std::string& name) {
    if (!facts_.metrics || facts_.metrics->contains(name) || name.starts_with("sentinella_rule")) return;
    // A rule for an exporter that is not here waits for it: its `requires` says so.
    if (std::ranges::find(rule_.requires_metrics, name) != rule_.requires_metrics.end()) return;
    std::vector<std::string_view> known(facts_.metrics->begin(), facts_.metrics->end());
    const auto near = suggest(name, known);
    add("H19", "expression", LintLevel::warning,
        fmt::format("no series is called {}{}", name, near ? fmt::format("; did you mean {}?", *near) : ""));
  }
  void known_label(const std::string& name) {
    if (!facts_.labels || facts_.labels->contains(name) || !rule_.requires_metrics.empty()) return;
    std::vector<std::string_view> known(facts_.labels->begin(), facts_.labels->end());
    const auto near = suggest(name, known);
    add("H19", "expression", LintLevel::warning,
        fmt::format("no series has the label {}{}", name,
                    near ? fmt::format("; did you mean {}?", *near) : ""));
  }

  void expression(const std::string& text) {
    const auto expr = query::parse_expression(text);
    if (!expr) {
      add("H19", "expression", LintLevel::error, expr.error().message);
      return;
    }
    walk(**expr, nullptr);
    if (rule_.is_prometheus() && !std::holds_alternative<RecordingRule>(rule_.what) && !compares(**expr))
      add("H19", "expression", LintLevel::warning,
          "the alert's expression compares nothing: it fires whenever it gives a value");
    const GaugeRule* gauge = rule_.gauge();
    if (gauge != nullptr && !rule_.is_prometheus() && top_filters(**expr))
      add("H19", "expression", LintLevel::error,
          "promql compares: what does not hold vanishes, and a level can never be left; compare in levels");
  }

  static bool top_filters(const query::Expr& expr) {
    const auto* binary = query::without_parens(expr).as<query::Binary>();
    return binary != nullptr && query::is_comparison(binary->op) && !binary->return_bool;
  }
  static bool compares(const query::Expr& expr) {
    bool found = false;
    if (const auto* binary = expr.as<query::Binary>())
      found = query::is_comparison(binary->op) || query::is_set_operator(binary->op);
    if (const auto* call = expr.as<query::Call>()) found = call->function->name.starts_with("absent");
    query::for_each_child(expr, [&](const query::Expr& child) { found = found || compares(child); });
    return found;
  }

  void walk(const query::Expr& expr, const query::Call* parent) {
    if (const auto* selector = expr.as<query::VectorSelector>()) selected(*selector, parent);
    if (const auto* range = expr.as<query::MatrixSelector>()) {
      selected(range->vector, parent);
      windows_.insert(range->range_ms);
      const bool rate =
          parent != nullptr && (parent->function->name == "rate" || parent->function->name == "irate" ||
                                parent->function->name == "increase");
      if (rate && range->range_ms < 20'000)
        add("H19", "expression", LintLevel::error,
            fmt::format("{}() over {} ms sees fewer than two samples", parent->function->name,
                        range->range_ms));
    }
    if (const auto* aggregate = expr.as<query::Aggregate>();
        aggregate &&
        (aggregate->op == query::Aggregation::topk || aggregate->op == query::Aggregation::bottomk))
      add("H19", "expression", LintLevel::warning,
          fmt::format("{} in a rule: who is among them changes all the time",
                      query::to_string(aggregate->op)));
    const auto* call = expr.as<query::Call>();
    if (call != nullptr && call->function->name.starts_with("absent")) absence();
    query::for_each_child(expr, [&](const query::Expr& child) { walk(child, call); });
  }

  void absence() {
    const GaugeRule* gauge = rule_.gauge();
    if (gauge == nullptr || gauge->levels.empty() || gauge->levels.front().hold >= 2 * gauge->interval)
      return;
    add("H19", "expression", LintLevel::warning,
        "absent() without for: of two intervals: one late sample makes it fire",
        fmt::format("for:{}", sentinella::to_text(2 * gauge->interval)));
  }

  void selected(const query::VectorSelector& selector, const query::Call* parent) {
    std::string name = selector.name;
    for (const LabelMatcher& matcher : selector.matchers) {
      if (matcher.name == kMetricName && matcher.op == LabelMatcher::Op::equal) name = matcher.value;
      if (matcher.name != kMetricName) known_label(matcher.name);
    }
    if (name.empty()) return;
    known_metric(name);
    static constexpr std::array<std::string_view, 9> kForCounters{
        "rate",      "irate",  "increase", "resets", "absent", "absent_over_time", "count_over_time",
        "timestamp", "changes"};
    const bool counted =
        parent != nullptr && std::ranges::find(kForCounters, parent->function->name) != kForCounters.end();
    if (name.ends_with("_total") && !counted && rule_.kind() != "recording")
      add("H19", "expression", LintLevel::warning,
          fmt::format("the counter {} is looked at without rate()", name));
  }

  const Rule& rule_;
  const LintFacts& facts_;
  std::vector<Finding>& out_;
  std::set<std::int64_t> windows_;  ///< of the expression, ms
};

}  // namespace

std::string_view to_string(LintLevel level) {
  static constexpr std::array<std::string_view, 3> kNames{"hint", "warning", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

std::vector<Finding> lint(const std::vector<Rule>& rules, const LintFacts& facts) {
  std::vector<Finding> out;
  std::map<std::string, const Rule*> events;
  for (const Rule& rule : rules) {
    RuleLint(rule, facts, out).run();
    for (const std::string& id : rule.depends_on)
      if (std::ranges::find(rules, id, &Rule::id) == rules.end() && rules.size() > 1)
        out.push_back({"H19",
                       "expression",
                       LintLevel::warning,
                       rule.id,
                       fmt::format("depends_on: there is no rule {}", id),
                       {},
                       0,
                       ""});
    if (rule.is_prometheus()) continue;
    const auto [same, fresh] = events.try_emplace(rule.event, &rule);
    if (!fresh)
      out.push_back({"H18",
                     "duplicates",
                     LintLevel::error,
                     rule.id,
                     fmt::format("event: {} is the event of rule {}, too: they would share alerts",
                                 rule.event, same->second->id),
                     {},
                     0,
                     ""});
  }
  return out;
}

}  // namespace sentinella::rules
