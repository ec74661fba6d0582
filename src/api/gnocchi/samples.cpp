#include "api/gnocchi/samples.h"

#include <algorithm>
#include <limits>

#include "api/gnocchi/door.h"
#include "codec/metric_name.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr Time kEnd{std::numeric_limits<std::int64_t>::max()};
constexpr std::size_t kMostSamples = 20'000'000;
constexpr std::size_t kMostWindows = 100'000;

std::string canonical_labels(const catalog::Metric& metric) {
  std::string name;
  codec::append_metric_name(metric.name.value_or("gnocchi_metric"), name);
  std::vector<Label> labels{{std::string(kMetricName), std::move(name)}, {kMetricLabel, to_text(metric.id)}};
  if (metric.name) labels.push_back({"gnocchi_name", *metric.name});
  if (metric.resource) labels.push_back({"resource_id", to_text(*metric.resource)});
  return Labels(std::move(labels)).canonical();
}

series::Selector selector_of(const catalog::Metric& metric) {
  return {{{LabelMatcher::Op::equal, kMetricLabel, to_text(metric.id)}}};
}

/// Of several series of one metric, in order of time.
Points merged(std::vector<series::SeriesColumns> columns) {
  Points points;
  if (columns.size() == 1) return {std::move(columns.front().times), std::move(columns.front().values)};
  std::vector<std::pair<Time, double>> rows;
  for (const auto& one : columns)
    for (std::size_t i = 0; i < one.times.size(); ++i) rows.emplace_back(one.times[i], one.values[i]);
  std::ranges::stable_sort(rows, {}, [](const auto& row) { return row.first; });
  for (const auto& [at, value] : rows)
    if (points.times.empty() || points.times.back() != at) points.add(at, value);
  return points;
}

/// The newest sample before `end`.
Result<std::optional<Sample>> sample_before(Context& server, AccountId account, const catalog::Metric& metric,
                                            Time end) {
  SENT_TRY_ASSIGN(const auto found, server.series.instants(account, selector_of(metric), end - Duration(1),
                                                           Duration(end.ns - 1)));
  std::optional<Sample> last;
  for (const auto& one : found)
    if (!last || one.at > last->at) last = Sample{one.at, one.value};
  return last;
}

class MetricReader {
 public:
  MetricReader(const Call& call, catalog::LiveMetric& metric) : call_(call), metric_(metric) {}

  /// One value of each granule, which the store makes without naming samples, of old days that are rolled up
  /// too. nullopt: the granules are too many, or the metric has several series.
  Result<std::optional<Points>> folded(TimeRange range, Duration granularity,
                                       series::WindowFunction function) {
    if (range.until <= range.from) return Points{};
    const auto count = static_cast<std::size_t>((range.until - range.from - Duration(1)) / granularity + 1);
    if (count > kMostWindows) return std::nullopt;
    // Windows are closed where granules are open, at their ends.
    const Duration to_end = granularity - Duration(1);
    SENT_TRY_ASSIGN(auto columns,
                    call_.server.series.windows(call_.account(), selector_of(metric_.metric),
                                                {range.from + to_end, granularity, count, granularity},
                                                function, {.max_samples = kMostSamples}));
    if (columns.empty()) return Points{};
    if (columns.size() > 1) return std::nullopt;
    Points points{std::move(columns.front().times), std::move(columns.front().values)};
    for (Time& at : points.times) at = at - to_end;
    return points;
  }

  Result<Points> raw(TimeRange range) {
    if (range.until <= range.from) return Points{};
    SENT_TRY_ASSIGN(auto columns, call_.server.series.select(call_.account(), selector_of(metric_.metric),
                                                             range, {.max_samples = kMostSamples}));
    return merged(std::move(columns));
  }

 private:
  const Call& call_;
  catalog::LiveMetric& metric_;
};

/// nullopt: one that needs every sample.
std::optional<series::WindowFunction> window_function(const Method& method) {
  using Kind = Method::Kind;
  using series::WindowFunction;
  if (method.rate) return std::nullopt;
  switch (method.kind) {
    case Kind::mean:
      return WindowFunction::avg;
    case Kind::sum:
      return WindowFunction::sum;
    case Kind::min:
      return WindowFunction::min;
    case Kind::max:
      return WindowFunction::max;
    case Kind::first:
      return WindowFunction::first;
    case Kind::last:
      return WindowFunction::last;
    case Kind::count:
      return WindowFunction::count;
    default:
      return std::nullopt;
  }
}

/// The raw samples that the granules of one roll-up are made of.
TimeRange range_of(const catalog::RollUp& roll_up, Time newest, std::optional<Time> start,
                   std::optional<Time> stop) {
  const Duration granularity = roll_up.granularity;
  const Time last = granule_of(newest, granularity);
  TimeRange range{Time{0}, Time{newest.ns + 1}};
  if (const auto span = roll_up.span(); span && span->count() < last.ns)
    range.from = last - *span + granularity;
  if (start) range.from = std::max(range.from, granule_of(*start, granularity));
  if (stop && stop->ns <= newest.ns) {
    const Time group = granule_of(*stop, granularity);
    range.until = std::min(range.until, group == *stop ? group : group + granularity);
  }
  return range;
}

Points part_of(const Points& points, TimeRange range) {
  const auto first = std::ranges::lower_bound(points.times, range.from) - points.times.begin();
  const auto last = std::ranges::lower_bound(points.times, range.until) - points.times.begin();
  if (last <= first) return {};
  return {{points.times.begin() + first, points.times.begin() + last},
          {points.values.begin() + first, points.values.begin() + last}};
}

}  // namespace

SampleWriter::SampleWriter(const Call& call)
    : rules_(call.rules()),
      epoch_(call.server.series.epoch()),
      store_(&call.server.series),
      batch_(std::make_unique<ResolvedBatch>(call.server, call.account())),
      resolve_(batch_->resolver()) {}

bool SampleWriter::kept(const catalog::ArchivePolicy* policy, Time newest, Time at) const {
  if (at >= newest || policy == nullptr) return true;
  return std::ranges::any_of(policy->roll_ups, [&](const catalog::RollUp& roll_up) {
    const auto span = roll_up.span();
    return !span || granule_of(at, roll_up.granularity) > granule_of(newest, roll_up.granularity) - *span;
  });
}

Result<void> SampleWriter::add(const catalog::MetricPtr& metric, std::span<const Time> times,
                               std::span<const double> values) {
  if (times.empty()) return {};
  auto series = metric->series(epoch_);
  if (!series) {
    SENT_TRY_ASSIGN(const auto resolved, resolve_(canonical_labels(metric->metric), SeriesKind::gauge));
    series = resolved.id;
    if (resolved.lasting) metric->remember_series(resolved.id, epoch_);
  }
  SampleBlock& block = batch_->samples();
  Time newest = times.front();
  // As long as the newest sample is not known, everything is kept.
  const Time before = metric->newest().value_or(catalog::LiveMetric::kNone);
  const catalog::ArchivePolicy* policy = nullptr;
  for (std::size_t i = 0; i < times.size(); ++i) {
    newest = std::max(newest, times[i]);
    if (policy == nullptr && times[i] < before) policy = rules_->policy(metric->metric.policy);
    if (kept(policy, before, times[i]))
      block.add(*series, times[i], values[i]);
    else
      ++left_out_;
  }
  newest_.emplace_back(metric, newest);
  return {};
}

void SampleWriter::submit(Finish finish, int status) && {
  std::move(*batch_).submit(
      [finish = std::move(finish), newest = std::move(newest_), status,
       left_out = left_out_](Result<bus::Offset> taken) mutable {
        if (!taken) return finish(Failure(Problem(taken.error())));
        for (const auto& [metric, at] : newest) metric->saw_sample(at);
        Reply reply = empty_answer(status);
        if (left_out > 0) reply.headers.set("X-Measures-Left-Out", std::to_string(left_out));
        finish(std::move(reply));
      },
      ingest::Until::applied);
}

Result<Time> newest_sample(Context& server, AccountId account, catalog::LiveMetric& metric) {
  if (const auto known = metric.newest()) return *known;
  SENT_TRY_ASSIGN(const auto last, sample_before(server, account, metric.metric, kEnd));
  metric.learn_newest(last ? last->at : catalog::LiveMetric::kNone);
  return last ? last->at : catalog::LiveMetric::kNone;
}

void erase_range(const Call& call, const catalog::MetricPtr& metric, TimeRange range, Finish finish) {
  Batch batch;
  batch.account = call.account();
  batch.received = call.now;
  batch.erasures.push_back({selector_of(metric->metric).matchers, range});
  call.server.intake.submit(std::move(batch), ingest::Until::applied,
                            [finish = std::move(finish)](const Result<bus::Offset>& taken) mutable {
                              if (!taken) return finish(Failure(Problem(taken.error())));
                              finish(empty_answer(204));
                            });
}

void erase_samples(Context& server, AccountId account, const std::vector<catalog::MetricPtr>& metrics) {
  if (metrics.empty()) return;
  Batch batch;
  batch.account = account;
  batch.received = server.clock.now();
  for (const auto& metric : metrics)
    batch.erasures.push_back({selector_of(metric->metric).matchers, {Time{0}, kEnd}});
  // Without its metric no sample can be found; when the erasure is lost, retention takes them.
  server.intake.submit(std::move(batch), ingest::Until::durable, [](const Result<bus::Offset>&) {});
}

Outcome<std::vector<Aggregates>> read_aggregates(const Call& call, catalog::LiveMetric& metric,
                                                 const Method& method,
                                                 const std::vector<catalog::RollUp>& roll_ups,
                                                 std::optional<Time> start, std::optional<Time> stop) {
  std::vector<Aggregates> all;
  MetricReader reader(call, metric);
  SENT_TRY_ASSIGN(const auto newest, newest_sample(call.server, call.account(), metric));
  for (const auto& roll_up : roll_ups) all.push_back({roll_up.granularity, {}});
  if (newest == catalog::LiveMetric::kNone || roll_ups.empty()) return all;

  const auto function = window_function(method);
  TimeRange widest{kEnd, Time{0}};
  std::vector<TimeRange> ranges;
  std::vector<std::size_t> from_raw;
  for (std::size_t i = 0; i < roll_ups.size(); ++i) {
    ranges.push_back(range_of(roll_ups[i], newest, start, stop));
    if (function) {
      SENT_TRY_ASSIGN(auto folded, reader.folded(ranges[i], roll_ups[i].granularity, *function));
      if (folded) {
        all[i].points = *std::move(folded);
        continue;
      }
    }
    from_raw.push_back(i);
    widest.from = std::min(widest.from, ranges[i].from);
    widest.until = std::max(widest.until, ranges[i].until);
  }
  if (from_raw.empty()) return all;
  SENT_TRY_ASSIGN(auto points, reader.raw(widest));
  if (method.rate && points.size() > 0) {
    SENT_TRY_ASSIGN(const auto previous,
                    sample_before(call.server, call.account(), metric.metric, points.times.front()));
    if (previous) {
      points.times.insert(points.times.begin(), previous->at);
      points.values.insert(points.values.begin(), previous->value);
    }
    points = differences(points);
  }
  for (const std::size_t i : from_raw) {
    const bool whole = ranges[i].from == widest.from && ranges[i].until == widest.until;
    all[i].points = whole ? roll_up(points, method, all[i].granularity)
                          : roll_up(part_of(points, ranges[i]), method, all[i].granularity);
  }
  return all;
}

}  // namespace sentinella::api::gnocchi
