#include "rules/backtest.h"

#include <algorithm>
#include <map>
#include <set>

#include "codec/log_template.h"
#include "query/engine.h"
#include "rules/rule_queries.h"

namespace sentinella::rules {
namespace {

constexpr Duration kMaxRange = std::chrono::hours(24 * 400);
constexpr std::size_t kMaxSteps = 5'000;
constexpr std::size_t kMaxSeasonSteps = 2'000;
constexpr std::size_t kMaxRecords = 200'000;
constexpr std::size_t kMaxNamedHosts = 20;

/// What came within so long is one batch; samples keep their own times.
constexpr std::int64_t kBatchNs = 5'000'000'000;
using Batches = std::map<Time, Batch>;

/// Collects what the rules would have seen, by time.
class Collector {
 public:
  Collector(const BacktestSource& source, TimeRange range, Duration patience, Simulation& simulation,
            BacktestResult& result)
      : source_(source),
        range_(range),
        simulation_(simulation),
        result_(result),
        patience_(patience),
        deadline_(source.clock.now() + patience) {}

  Result<void> check_time() const {
    if (source_.clock.now() <= deadline_) return {};
    return fail(Errc::kUnavailable, "the backtest takes longer than {}", to_text(patience_));
  }

  Result<void> collect(const Rule& rule) {
    if (const GaugeRule* gauge = rule.gauge())
      return gauge->promql.empty() ? written(*gauge) : queried(rule, *gauge);
    if (const auto* tail = std::get_if<TailableRule>(&rule.what)) return logged(*tail);
    if (std::holds_alternative<BinaryRule>(rule.what))
      result_.notes.push_back(
          fmt::format("{}: the reports of agents are not kept; its history is in the alerts", rule.id));
    return {};
  }
  Batches take() { return std::move(batches_); }

 private:
  Result<void> written(const GaugeRule& gauge) {
    series::Selector selector;
    selector.matchers = gauge.matchers;
    selector.matchers.push_back({LabelMatcher::Op::equal, std::string(kMetricName), gauge.metric});
    SENT_TRY(select(selector));
    if (gauge.divisor_metric.empty() || gauge.divisor_metric == gauge.metric) return {};
    return select({{{LabelMatcher::Op::equal, std::string(kMetricName), gauge.divisor_metric}}});
  }

  Result<void> select(const series::Selector& selector) {
    SENT_TRY_ASSIGN(const auto found, source_.series.select(source_.account, selector, range_));
    for (const series::SeriesColumns& columns : found) {
      SENT_TRY(check_time());
      result_.samples += columns.times.size();
      const SeriesId id = simulation_.series_id(columns.labels);
      for (std::size_t i = 0; i < columns.times.size(); ++i)
        if (!is_stale(columns.values[i]))
          batch_at(columns.times[i]).samples.add(id, columns.times[i], columns.values[i]);
    }
    return {};
  }

  Batch& batch_at(Time t) { return batches_[Time{(t.ns + kBatchNs - 1) / kBatchNs * kBatchNs}]; }

  query::Source queries() const {
    return {.store = source_.series, .account = source_.account, .clock = source_.clock};
  }
  query::Limits limits() const {
    query::Limits limits;
    limits.deadline = deadline_;
    return limits;
  }

  Result<void> queried(const Rule& rule, const GaugeRule& gauge) {
    SENT_TRY_ASSIGN(const auto expr, query::parse_expression(gauge.promql));
    const std::int64_t step = step_ms(rule, gauge.interval, gauge.season ? kMaxSeasonSteps : 20 * kMaxSteps);
    const std::int64_t first = (range_.from.ns / 1'000'000 / step + 1) * step,
                       last = range_.until.ns / 1'000'000;
    if (gauge.season) {
      for (std::int64_t at = first; at <= last; at += step) {
        SENT_TRY_ASSIGN(const auto bands, evaluate_season(queries(), *expr, *gauge.season, at, limits()));
        Batch results;
        add_band(rule, bands, Time{at * 1'000'000}, results);
        add(std::move(results), Time{at * 1'000'000});
      }
      return {};
    }
    for (std::int64_t at = first; at <= last; at += step * static_cast<std::int64_t>(kMaxSteps)) {
      const auto count = std::min<std::int64_t>(kMaxSteps, (last - at) / step + 1);
      SENT_TRY(queried_piece(rule, *expr, {at, step, static_cast<std::size_t>(count)}));
    }
    return {};
  }

  Result<void> queried_piece(const Rule& rule, const query::Expr& expr, const query::Steps& steps) {
    SENT_TRY_ASSIGN(const auto answer, query::evaluate_range(queries(), expr, steps, limits()));
    result_.samples += answer.matrix.rows() * steps.count;
    for (std::size_t step = 0; step < steps.count; ++step) {
      std::vector<RuleElement> elements;
      for (std::size_t row = 0; row < answer.matrix.rows(); ++row) {
        const double value = answer.matrix.row(row)[step];
        if (!query::is_present(value)) continue;
        Labels labels = answer.matrix.labels[row].to_labels();
        labels.set(kMetricName, "");
        elements.push_back({Labels(std::vector(labels.begin(), labels.end())), value});
      }
      const Time at{steps.at(step) * 1'000'000};
      Batch results;
      add_result(rule, elements, at, results);
      add(std::move(results), at);
    }
    return {};
  }

  void add(Batch results, Time at) {
    SampleBlock& block = batch_at(at).samples;
    for (const SeriesSamples& series : results.series)
      for (const Sample& sample : series.samples)
        block.add(simulation_.series_id(series.labels), sample.at, sample.value);
  }

  /// The rule's interval, or a multiple of it when that would be too many.
  std::int64_t step_ms(const Rule& rule, Duration interval, std::size_t most) {
    const std::int64_t own = std::max<std::int64_t>(interval.count() / 1'000'000, 1);
    const std::int64_t span = (range_.until - range_.from).count() / 1'000'000;
    const std::int64_t times = span / own / static_cast<std::int64_t>(most) + 1;
    if (times > 1)
      result_.notes.push_back(fmt::format("{}: evaluated every {} instead of every {}", rule.id,
                                          to_text(Duration(own * times * 1'000'000)), to_text(interval)));
    return own * times;
  }

  Result<void> logged(const TailableRule& tail) {
    logs::LogQuery query;
    query.range = range_;
    query.min_severity = tail.clear_pattern.empty() ? tail.min_severity : Severity::unspecified;
    if (tail.service.find_first_of("*?") == std::string::npos) query.service = tail.service;
    query.newest_first = false;
    query.limit = 10'000;
    for (std::size_t taken = 0; taken < kMaxRecords;) {
      SENT_TRY(check_time());
      SENT_TRY_ASSIGN(auto page, source_.logs.search(source_.account, query));
      taken += page.records.size();
      result_.records += page.records.size();
      for (logs::StoredRecord& stored : page.records) {
        if (!seen_.insert(stored.id).second) continue;
        if (stored.record.template_id == 0)
          stored.record.template_id = codec::log_template_id(stored.record.message);
        batch_at(stored.record.time).logs.push_back(std::move(stored.record));
      }
      if (page.next_cursor.empty()) return {};
      query.cursor = page.next_cursor;
    }
    result_.notes.push_back(fmt::format("only the first {} log records were read", kMaxRecords));
    return {};
  }

  const BacktestSource& source_;
  const TimeRange range_;
  Simulation& simulation_;
  BacktestResult& result_;
  const Duration patience_;
  const Time deadline_;
  Batches batches_;
  std::set<RecordId> seen_;
};

}  // namespace

Result<BacktestResult> backtest(const BacktestSource& source, const std::vector<Rule>& rules, TimeRange range,
                                Duration patience) {
  if (range.until <= range.from || range.until - range.from > kMaxRange)
    return fail_field(Errc::kInvalid, "from", "a range of up to {} is needed", to_text(kMaxRange));
  BacktestResult result;
  Simulation simulation(rules, range.from);
  Collector collector(source, range, patience, simulation, result);
  for (const Rule& rule : rules) SENT_TRY(collector.collect(rule));
  for (auto& [at, batch] : collector.take()) {
    SENT_TRY(collector.check_time());
    simulation.take(at, std::move(batch));
  }
  simulation.pass(range.until);
  result.episodes = episodes_of(simulation.transitions());
  std::erase_if(result.episodes, [](const Episode& one) { return one.event == "NoData"; });
  return result;
}

BacktestSummary summarise(const BacktestResult& result, TimeRange range) {
  BacktestSummary out;
  std::map<std::string, std::size_t> hosts;
  for (const Episode& one : result.episodes) {
    const Duration length = (one.end == Time{} ? range.until : one.end) - one.begin;
    ++out.episodes;
    out.pages += one.tier == Tier::page;
    out.still_open += one.end == Time{};
    out.longest = std::max(out.longest, length);
    out.total += length;
    ++hosts[one.host];
  }
  out.by_host.assign(hosts.begin(), hosts.end());
  std::ranges::stable_sort(out.by_host, std::greater<>{}, &std::pair<std::string, std::size_t>::second);
  if (out.by_host.size() > kMaxNamedHosts) out.by_host.resize(kMaxNamedHosts);
  return out;
}

}  // namespace sentinella::rules
