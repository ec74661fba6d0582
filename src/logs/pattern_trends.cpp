#include "logs/pattern_trends.h"

#include <algorithm>
#include <map>
#include <utility>

#include "codec/log_template.h"
#include "logs/log_groups.h"

namespace sentinella::logs {
namespace {

/// More patterns than these nobody reads.
constexpr std::size_t kMaxPatterns = 500;
constexpr std::size_t kMaxGone = 100;
constexpr std::size_t kMostBuckets = 30;

/// Both counts are taken as those of a steady trickle, whose spread is its root: two of them are chance.
PatternChange change_of(std::uint64_t count, std::uint64_t before) {
  if (before == 0) return PatternChange::fresh;
  if (count == 0) return PatternChange::gone;
  const double difference = static_cast<double>(count) - static_cast<double>(before);
  if (difference * difference <= 4 * static_cast<double>(count + before)) return PatternChange::same;
  return difference > 0 ? PatternChange::more : PatternChange::fewer;
}

PatternTrend trend_of(LogGroup group) {
  PatternTrend trend;
  trend.row.value = std::move(group.value);
  trend.row.count = group.count;
  trend.row.first = group.first;
  trend.row.last = group.last;
  trend.row.example = group.example;
  return trend;
}

/// What the query's range is in fact: it may have no beginning and no end.
TimeRange span_of(const LogQuery& query, const std::vector<LogGroup>& groups, Time now) {
  TimeRange span = query.range;
  Time last = now;
  for (const LogGroup& group : groups) last = std::max(last, group.last);
  span.until = std::min(span.until, last + Duration(1));
  if (span.from <= Time{} && !groups.empty())
    span.from = std::ranges::min(groups, {}, &LogGroup::first).first;
  span.until = std::max(span.until, span.from + Duration(1));
  return span;
}

class Trends {
 public:
  Trends(const LogStore& store, AccountId account, LogQuery query)
      : store_(store), account_(account), query_(std::move(query)) {}

  Result<PatternTrends> make(Time now) && {
    SENT_TRY_ASSIGN(auto groups, count(query_.range, Duration(0)));
    const std::size_t patterns = groups.size();
    const bool endless = query_.range.from <= Time{};
    query_.range = span_of(query_, groups, now);
    for (LogGroup& group : groups) made_.rows.push_back(trend_of(std::move(group)));
    if (!endless) SENT_TRY(compare());
    order();
    if (patterns > 0) SENT_TRY(fill_buckets(patterns));
    return std::move(made_);
  }

 private:
  Result<std::vector<LogGroup>> count(TimeRange range, Duration step) {
    LogQuery query = query_;
    query.range = range;
    SENT_TRY_ASSIGN(auto counts,
                    store_.aggregate(account_, query, {.by = QueryField::template_id, .step = step}));
    made_.unreadable = std::max(made_.unreadable, counts.unreadable);
    return std::move(counts.groups);
  }

  Result<bool> has_records(TimeRange range) {
    LogQuery any;
    any.range = range;
    any.limit = 1;
    any.cancelled = query_.cancelled;
    SENT_TRY_ASSIGN(const auto page, store_.search(account_, any));
    return !page.records.empty();
  }

  Result<void> compare() {
    const Duration length = query_.range.until - query_.range.from;
    const TimeRange before{query_.range.from - length, query_.range.from};
    SENT_TRY_ASSIGN(const bool known, has_records(before));
    if (!known) return {};
    auto groups = count(before, Duration(0));
    // The patterns of the span itself are worth having alone.
    if (!groups && groups.error().code == Errc::kTooLarge) return {};
    SENT_TRY(groups);
    made_.before_from = before.from;
    std::map<std::string, LogGroup> counts;
    for (LogGroup& group : *groups) counts.emplace(group.value, std::move(group));
    for (PatternTrend& trend : made_.rows) {
      if (const auto found = counts.find(trend.row.value); found != counts.end()) {
        trend.before = found->second.count;
        counts.erase(found);
      }
      trend.change = change_of(trend.row.count, trend.before);
    }
    for (auto& [value, group] : counts) {
      PatternTrend gone = trend_of(std::move(group));
      gone.before = std::exchange(gone.row.count, 0);
      gone.change = PatternChange::gone;
      made_.rows.push_back(std::move(gone));
    }
    return {};
  }

  /// Of those there are, and those that are gone, the most frequent.
  void order() {
    auto& rows = made_.rows;
    std::ranges::stable_sort(rows, std::greater(), [](const PatternTrend& trend) {
      return std::pair(trend.row.count, trend.before);
    });
    const auto gone =
        std::ranges::find(rows, std::uint64_t{0}, [](const auto& trend) { return trend.row.count; });
    const auto here = static_cast<std::size_t>(gone - rows.begin());
    const std::size_t all = rows.size();
    if (all - here > kMaxGone) rows.resize(here + kMaxGone);
    if (here > kMaxPatterns)
      rows.erase(rows.begin() + kMaxPatterns, rows.begin() + static_cast<std::ptrdiff_t>(here));
    made_.left_out = all - rows.size();
    for (PatternTrend& trend : rows) name(trend.row);
  }

  /// A template is shown as its text, which is that of any of its records.
  void name(StageRow& row) {
    by_value_.emplace(row.value, by_value_.size());
    const auto example = store_.get(account_, row.example);
    if (!example) return;  // it has just aged away
    row.template_id = example->template_id;
    row.severity = example->severity;
    row.value = codec::log_template(example->message);
  }

  /// In as many buckets as so many patterns may have.
  Result<void> fill_buckets(std::size_t patterns) {
    const std::size_t most = std::clamp<std::size_t>(kMaxGroups / patterns, 2, kMostBuckets + 1) - 1;
    const TimeBuckets buckets = choose_buckets(query_.range, most);
    const auto groups = count(query_.range, std::chrono::seconds(buckets.step));
    if (!groups && groups.error().code == Errc::kTooLarge) return {};
    SENT_TRY(groups);
    made_.time = buckets;
    for (PatternTrend& trend : made_.rows) trend.counts.resize(buckets.count());
    for (const LogGroup& group : *groups)
      if (const auto row = by_value_.find(group.value); row != by_value_.end())
        if (const auto at = buckets.index(group.bucket); at < buckets.count())
          made_.rows[row->second].counts[at] += group.count;
    return {};
  }

  const LogStore& store_;
  AccountId account_;
  LogQuery query_;
  PatternTrends made_;
  std::map<std::string, std::size_t> by_value_;  ///< the groups' names of the rows
};

}  // namespace

std::string_view to_string(PatternChange change) {
  switch (change) {
    case PatternChange::none:
      return "";
    case PatternChange::fresh:
      return "new";
    case PatternChange::more:
      return "more";
    case PatternChange::fewer:
      return "fewer";
    case PatternChange::same:
      return "same";
    case PatternChange::gone:
      return "gone";
  }
  return "";
}

Result<PatternTrends> pattern_trends(const LogStore& store, AccountId account, LogQuery query, Time now) {
  return Trends(store, account, std::move(query)).make(now);
}

}  // namespace sentinella::logs
