#include "rules/rule_queries.h"

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "rules/rule_series.h"

namespace sentinella::rules {
namespace {

constexpr std::string_view kLog = "rules.queries";
constexpr Duration kMaxTime = std::chrono::seconds(10);
/// A new exporter is noticed so soon.
constexpr Duration kNamesLife = std::chrono::minutes(1);
constexpr std::size_t kMaxElements = 20'000;
constexpr std::int64_t kWeekMs = 7LL * 24 * 3600 * 1000;
constexpr std::int64_t kHalfHourMs = 30LL * 60 * 1000;
constexpr std::int64_t kSeasonStepMs = 10LL * 60 * 1000;
constexpr std::size_t kLeastPoints = 4;

const std::string& promql_of(const Rule& rule) {
  if (const auto* recording = std::get_if<RecordingRule>(&rule.what)) return recording->promql;
  return rule.gauge()->promql;
}

bool has_query(const Rule& rule) {
  return std::holds_alternative<RecordingRule>(rule.what) ||
         (rule.gauge() != nullptr && !rule.gauge()->promql.empty());
}

Labels nameless(const query::RowLabels& row) {
  std::vector<Label> out;
  row.for_each([&](const Label& label) {
    if (label.name != kMetricName) out.push_back(label);
  });
  return Labels(std::move(out));
}

Labels named(Labels labels, std::string_view name) {
  labels.set(kMetricName, name);
  return labels;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// The first multiple of the interval after `t`.
Time next_instant(Time t, Duration interval) {
  const auto step = interval.count();
  return {(t.ns / step + 1) * step};
}

}  // namespace

Result<std::vector<RuleElement>> evaluate_rule(const query::Source& source, const query::Expr& expr,
                                               std::int64_t at_ms, const query::Limits& limits) {
  SENT_TRY_ASSIGN(const query::Answer answer, query::evaluate_instant(source, expr, at_ms, limits));
  std::vector<RuleElement> out;
  for (std::size_t i = 0; i < answer.matrix.rows(); ++i) {
    const double value = answer.matrix.row(i)[0];
    if (query::is_present(value)) out.push_back({nameless(answer.matrix.labels[i]), value});
  }
  if (out.size() > kMaxElements)
    return fail(Errc::kTooLarge, "the expression gives {} elements, a rule may have {}", out.size(),
                kMaxElements);
  return out;
}

Result<std::vector<Band>> evaluate_season(const query::Source& source, const query::Expr& expr,
                                          const GaugeRule::Season& season, std::int64_t at_ms,
                                          const query::Limits& limits) {
  SENT_TRY_ASSIGN(const auto now, evaluate_rule(source, expr, at_ms, limits));
  std::map<std::string, std::vector<double>> before;  // canonical labels: values of the same hour
  for (std::uint32_t week = 1; week <= season.weeks; ++week) {
    const query::Steps steps{at_ms - week * kWeekMs - kHalfHourMs, kSeasonStepMs,
                             static_cast<std::size_t>(2 * kHalfHourMs / kSeasonStepMs) + 1};
    SENT_TRY_ASSIGN(const query::Answer answer, query::evaluate_range(source, expr, steps, limits));
    for (std::size_t i = 0; i < answer.matrix.rows(); ++i) {
      auto& values = before[nameless(answer.matrix.labels[i]).canonical()];
      for (const double value : answer.matrix.row(i))
        if (query::is_present(value) && !std::isnan(value)) values.push_back(value);
    }
  }
  std::vector<Band> out;
  for (const RuleElement& element : now) {
    const auto known = before.find(element.labels.canonical());
    if (known == before.end() || known->second.size() < kLeastPoints || std::isnan(element.value)) continue;
    Band band{element.labels, element.value, median(known->second), 0};
    std::vector<double> distances;
    for (const double value : known->second) distances.push_back(std::fabs(value - band.usual));
    // The median distance is two thirds of a standard deviation where that makes sense, and robust where not.
    band.spread = std::max({1.4826 * median(distances), season.min_spread * std::fabs(band.usual), 1e-9});
    out.push_back(std::move(band));
  }
  return out;
}

namespace {

void add(Labels labels, std::string_view name, const Rule& rule, double value, Time at, Batch& batch) {
  labels.set(kRuleLabel, rule.id);
  batch.series.push_back({named(std::move(labels), name), SeriesKind::gauge, {{at, value}}});
}

}  // namespace

void add_result(const Rule& rule, const std::vector<RuleElement>& elements, Time at, Batch& batch) {
  for (const RuleElement& element : elements) add(element.labels, kRuleValue, rule, element.value, at, batch);
  add({}, kRuleElements, rule, static_cast<double>(elements.size()), at, batch);
}

void add_failure(const Rule& rule, Time at, Batch& batch) {
  add({}, kRuleElements, rule, -1, at, batch);
}

void add_band(const Rule& rule, const std::vector<Band>& bands, Time at, Batch& batch) {
  std::vector<RuleElement> elements;
  const double width = rule.gauge()->levels.empty() ? 3 : std::fabs(rule.gauge()->levels.front().set);
  for (const Band& band : bands) {
    elements.push_back({band.labels, band.deviation()});
    const auto bound = [&](std::string_view name, double value) {
      Labels labels = band.labels;
      labels.set("bound", name);
      add(std::move(labels), kRuleBand, rule, value, at, batch);
    };
    bound("value", band.value);
    bound("usual", band.usual);
    bound("lower", band.usual - width * band.spread);
    bound("upper", band.usual + width * band.spread);
  }
  add_result(rule, elements, at, batch);
}

void RuleQueries::set_rules(AccountId account, const std::vector<Rule>& rules) {
  std::map<std::string, std::shared_ptr<Group>> fresh;
  for (const Rule& rule : rules) {
    if (!has_query(rule)) continue;
    auto expr = query::parse_expression(promql_of(rule));
    if (!expr) continue;  // the rule file's reader has refused it
    auto& group = fresh[rule.is_prometheus() ? "group/" + rule.group : rule.id];
    if (!group) group = std::make_shared<Group>();
    group->account = account;
    const GaugeRule* gauge = rule.gauge();
    group->interval = gauge != nullptr ? gauge->interval : std::get<RecordingRule>(rule.what).interval;
    if (gauge != nullptr) group->delay = gauge->eval_delay;
    group->queries.push_back({rule, *std::move(expr), {}});
  }
  Lock lock(mutex_);
  auto& groups = groups_[account];
  for (auto& [name, group] : fresh)
    if (const auto old = groups.find(name); old != groups.end() && old->second->interval == group->interval)
      group->next = old->second->next;
  groups = std::move(fresh);
  std::erase_if(status_, [&](const auto& entry) {
    return entry.first.first == account &&
           std::ranges::find(rules, entry.first.second, &Rule::id) == rules.end();
  });
}

Time RuleQueries::run(Time now, const Submit& submit) {
  std::vector<std::shared_ptr<Group>> due;
  Time next = now + std::chrono::hours(1);
  {
    Lock lock(mutex_);
    for (auto& [account, groups] : groups_)
      for (auto& [name, group] : groups) {
        if (group->next == Time{}) group->next = next_instant(now - group->delay, group->interval);
        if (group->next + group->delay <= now) {
          due.push_back(group);
        } else {
          next = std::min(next, group->next + group->delay);
        }
      }
  }
  for (const auto& group : due) {
    // The newest instant that has come: what was missed is not made up for.
    const Time at = std::max(
        group->next, Time{(now - group->delay).ns / group->interval.count() * group->interval.count()});
    for (Query& query : group->queries)
      if (!inert(group->account, query.rule, now)) evaluate(*group, query, at, submit);
    Lock lock(mutex_);
    group->next = next_instant(at, group->interval);
    next = std::min(next, group->next + group->delay);
  }
  return next;
}

bool RuleQueries::inert(AccountId account, const Rule& rule, Time now) {
  if (rule.requires_metrics.empty()) return false;
  Names& names = names_[account];
  if (names.read == Time{} || now - names.read > kNamesLife) {
    names = {now, {}};
    for (series::MetricKind& one : store_.metric_kinds(account)) names.metrics.insert(std::move(one.name));
  }
  return std::ranges::none_of(rule.requires_metrics,
                              [&](const std::string& name) { return names.metrics.contains(name); });
}

void RuleQueries::evaluate(const Group& group, Query& query, Time at, const Submit& submit) {
  const Time begun = clock_.now();
  Batch batch;
  batch.account = group.account;
  auto done = fill(group, query, at, batch);
  if (!done && query.rule.gauge() != nullptr) add_failure(query.rule, at, batch);
  const Time ended = clock_.now();
  batch.received = ended;
  if (!batch.series.empty())
    if (auto taken = submit(std::move(batch)); !taken && done) done = taken;
  if (!done) log::warning(kLog, "rule {}: {}", query.rule.id, describe(done.error()));
  Lock lock(mutex_);
  status_[{group.account, query.rule.id}] = {at, ended - begun, done ? "" : describe(done.error())};
}

Result<void> RuleQueries::fill(const Group& group, Query& query, Time at, Batch& batch) const {
  const query::Source source{.store = store_, .account = group.account, .clock = clock_};
  query::Limits limits;
  limits.max_samples = 10'000'000;
  limits.deadline = clock_.now() + kMaxTime;
  const std::int64_t at_ms = at.ns / 1'000'000;
  if (const GaugeRule* gauge = query.rule.gauge(); gauge != nullptr && gauge->season) {
    SENT_TRY_ASSIGN(const auto bands, evaluate_season(source, *query.expr, *gauge->season, at_ms, limits));
    add_band(query.rule, bands, at, batch);
    return {};
  }
  SENT_TRY_ASSIGN(const auto elements, evaluate_rule(source, *query.expr, at_ms, limits));
  if (const auto* recording = std::get_if<RecordingRule>(&query.rule.what)) {
    record(query, *recording, elements, at, batch);
  } else {
    add_result(query.rule, elements, at, batch);
  }
  return {};
}

/// Under the rule's name and labels; what is gone since the last time ends with a staleness marker.
void RuleQueries::record(Query& query, const RecordingRule& recording,
                         const std::vector<RuleElement>& elements, Time at, Batch& batch) {
  std::set<std::string> fresh;
  for (const RuleElement& element : elements) {
    Labels labels = element.labels;
    for (const Label& label : query.rule.labels) labels.set(label.name, label.value);
    labels = named(std::move(labels), recording.record);
    if (!fresh.insert(labels.canonical()).second) continue;
    batch.series.push_back({std::move(labels), SeriesKind::gauge, {{at, element.value}}});
  }
  for (const std::string& old : query.recorded)
    if (!fresh.contains(old))
      if (auto labels = Labels::from_canonical(old))
        batch.series.push_back({*std::move(labels), SeriesKind::gauge, {{at, stale_marker()}}});
  query.recorded = std::move(fresh);
}

RuleQueries::Status RuleQueries::status(AccountId account, const std::string& rule_id) const {
  Lock lock(mutex_);
  const auto found = status_.find({account, rule_id});
  return found == status_.end() ? Status{} : found->second;
}

}  // namespace sentinella::rules
