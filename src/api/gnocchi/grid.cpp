#include "api/gnocchi/grid.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "api/gnocchi/rows.h"
#include "api/gnocchi/things.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostCells = 10'000'000;
constexpr std::string_view kCause = "Metrics can't being aggregated";

struct FillWord {
  std::string_view word;
  Fill::Kind kind;
};
constexpr std::array<FillWord, 6> kFillWords{{{"dropna", Fill::Kind::drop},
                                              {"null", Fill::Kind::keep},
                                              {"ffill", Fill::Kind::forward},
                                              {"bfill", Fill::Kind::backward},
                                              {"full_ffill", Fill::Kind::full_forward},
                                              {"full_bfill", Fill::Kind::full_backward}}};

Outcome<Fill> read_fill(const std::string& text) {
  for (const auto& [word, kind] : kFillWords)
    if (word == text) return Fill{kind, 0};
  const auto number = parse_double(text);
  if (!number) return bad_argument("fill", "Must be a float, 'dropna' or 'null'");
  return Fill{Fill::Kind::number, *number};
}

boost::json::array named(const GridColumn& column) {
  boost::json::array pair;
  pair.emplace_back(to_text(column.metric->metric.id));
  pair.emplace_back(column.key.method);
  return pair;
}

bool has_roll_up(const catalog::ArchivePolicy& policy, Duration granularity) {
  return std::ranges::find(policy.roll_ups, granularity, &catalog::RollUp::granularity) !=
         policy.roll_ups.end();
}

/// Those that all the metrics have, from the coarsest.
Outcome<std::vector<Duration>> common_granularities(
    const GridRequest& request, const std::vector<GridColumn>& columns,
    const std::vector<const catalog::ArchivePolicy*>& policies) {
  boost::json::array missing;
  if (request.granularity) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (has_roll_up(*policies[i], *request.granularity)) continue;
      auto entry = named(columns[i]);
      entry.emplace_back(static_cast<double>(request.granularity->count()) / 1e9);
      missing.push_back(std::move(entry));
    }
    if (!missing.empty()) return refuse_because(400, kCause, "Granularities are missing", std::move(missing));
    return std::vector{*request.granularity};
  }
  std::vector<Duration> common;
  for (const auto& roll_up : chosen_roll_ups(*policies.front(), std::nullopt))
    if (std::ranges::all_of(policies,
                            [&](const auto* one) { return has_roll_up(*one, roll_up.granularity); }))
      common.push_back(roll_up.granularity);
  if (!common.empty()) return common;
  for (const auto& column : columns) missing.push_back(named(column));
  return refuse_because(400, kCause, "No granularity match", std::move(missing));
}

/// The share of each granule that the spans cover; granules outside of them go.
void keep_spans(Points& points, Duration granularity, const std::vector<TimeRange>& spans) {
  if (spans.empty()) return;
  Points kept;
  std::size_t first = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const TimeRange granule{points.times[i], points.times[i] + granularity};
    while (first < spans.size() && spans[first].until <= granule.from) ++first;
    Duration covered{};
    for (std::size_t s = first; s < spans.size() && spans[s].from < granule.until; ++s)
      covered += std::min(spans[s].until, granule.until) - std::max(spans[s].from, granule.from);
    if (covered <= Duration::zero()) continue;
    const double share = static_cast<double>(covered.count()) / static_cast<double>(granularity.count());
    kept.add(points.times[i], points.values[i] * share);
  }
  points = std::move(kept);
}

Table align(Duration granularity, const std::vector<GridColumn>& columns,
            const std::vector<const Points*>& points) {
  Table table{.granularity = granularity};
  for (const Points* one : points) {
    std::vector<Time> both;
    both.reserve(table.times.size() + one->times.size());
    std::ranges::set_union(table.times, one->times, std::back_inserter(both));
    table.times = std::move(both);
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::vector<double> column(table.times.size(), kGap);
    for (std::size_t i = 0, row = 0; i < points[c]->size(); ++i, ++row) {
      while (table.times[row] < points[c]->times[i]) ++row;
      column[row] = points[c]->values[i];
    }
    table.values.push_back(std::move(column));
    table.keys.push_back(columns[c].key);
  }
  return table;
}

void fill_forward(std::vector<double>& column) {
  for (std::size_t r = 1; r < column.size(); ++r)
    if (std::isnan(column[r])) column[r] = column[r - 1];
}
void fill_backward(std::vector<double>& column) {
  for (std::size_t r = column.size(); r-- > 1;)
    if (std::isnan(column[r - 1])) column[r - 1] = column[r];
}

void apply_fill(Table& table, const Fill& fill) {
  using K = Fill::Kind;
  for (auto& column : table.values) {
    const K kind = fill.kind.value_or(K::drop);
    if (kind == K::number)
      std::ranges::replace_if(column, [](double value) { return std::isnan(value); }, fill.number);
    if (kind == K::forward || kind == K::full_forward) fill_forward(column);
    if (kind == K::backward || kind == K::full_backward) fill_backward(column);
    if (kind == K::full_forward) fill_backward(column);
    if (kind == K::full_backward) fill_forward(column);
  }
}

void keep_rows(Table& table, std::size_t first, std::size_t count) {
  const auto cut = [&](auto& column) {
    column.erase(column.begin() + static_cast<std::ptrdiff_t>(first + count), column.end());
    column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(first));
  };
  cut(table.times);
  for (auto& column : table.values) cut(column);
}

/// Rows in which every column has a value count as overlap; ends that were not asked for are cut to such
/// rows.
Outcome<void> require_overlap(Table& table, const GridRequest& request) {
  const double needed = *request.needed_overlap;
  if (table.values.size() < 2) return {};
  std::vector<std::size_t> whole;
  for (std::size_t r = 0; r < table.times.size(); ++r)
    if (std::ranges::none_of(table.values, [&](const auto& column) { return std::isnan(column[r]); }))
      whole.push_back(r);
  const auto refuse_overlap = [&](const std::string& reason) {
    boost::json::array detail;
    for (const auto& key : table.keys) {
      boost::json::array pair;
      pair.emplace_back(key.metric);
      pair.emplace_back(key.method);
      detail.push_back(std::move(pair));
    }
    return refuse_because(400, kCause, reason, std::move(detail));
  };
  if (whole.empty()) {
    if (needed > 0 && !table.times.empty()) return refuse_overlap("No overlap");
    return {};
  }
  std::size_t first = 0, last = table.times.size() - 1;
  if (!request.start) first = whole.front();
  if (!request.stop) last = whole.back();
  if (needed > 0) keep_rows(table, first, last - first + 1);
  const double percent = 100.0 * static_cast<double>(whole.size()) / static_cast<double>(last - first + 1);
  if (percent < needed)
    return refuse_overlap(
        fmt::format("Less than {}% of datapoints overlap in this timespan ({:.2f}%)", needed, percent));
  return {};
}

}  // namespace

Outcome<GridRequest> read_grid_request(const Call& call, std::optional<double> usual_overlap) {
  GridRequest request;
  SENT_TRY_ASSIGN(const auto interval, read_interval(call));
  request.start = interval.start;
  request.stop = interval.stop;
  SENT_TRY_ASSIGN(request.granularity, span_parameter(call, "granularity"));
  request.needed_overlap = usual_overlap;
  if (const auto text = call.query.first("needed_overlap")) {
    request.needed_overlap = parse_double(*text);
    if (!request.needed_overlap) return bad_argument("needed_overlap", "Must be a number");
  }
  if (const auto text = call.query.first("fill")) {
    SENT_TRY_ASSIGN(request.fill, read_fill(*text));
  }
  return request;
}

Outcome<Grid> compute_grid(const Call& call, const GridRequest& request, const Operation& operation,
                           const std::vector<GridColumn>& columns) {
  Grid grid;
  grid.drop = request.fill.kind != Fill::Kind::keep;
  const auto rules = call.rules();
  std::vector<const catalog::ArchivePolicy*> policies;
  for (const auto& column : columns) {
    policies.push_back(rules->policy(column.metric->metric.policy));
    if (policies.back() == nullptr) return no_metric(to_text(column.metric->metric.id));
  }
  SENT_TRY_ASSIGN(const auto granularities, common_granularities(request, columns, policies));
  // aggregates[c][g]
  std::vector<std::vector<Aggregates>> aggregates;
  std::size_t cells = 0;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::vector<catalog::RollUp> roll_ups;
    for (const Duration granularity : granularities)
      roll_ups.push_back(
          *std::ranges::find(policies[c]->roll_ups, granularity, &catalog::RollUp::granularity));
    SENT_TRY_ASSIGN(auto one, read_aggregates(call, *columns[c].metric, *parse_method(columns[c].key.method),
                                              roll_ups, request.start, request.stop));
    for (auto& [granularity, points] : one) {
      keep_spans(points, granularity, columns[c].spans);
      cells += points.size();
    }
    if (cells > kMostCells) return refuse(400, "over {} values are too many for one request", kMostCells);
    aggregates.push_back(std::move(one));
  }
  for (std::size_t g = 0; g < granularities.size(); ++g) {
    std::vector<const Points*> points;
    for (const auto& one : aggregates) points.push_back(&one[g].points);
    Table table = align(granularities[g], columns, points);
    if (request.needed_overlap && !request.fill.kind) SENT_TRY(require_overlap(table, request));
    apply_fill(table, request.fill);
    SENT_TRY_ASSIGN(auto computed, evaluate(operation, table));
    grid.tables.push_back(std::move(computed));
  }
  return grid;
}

void write_column(JsonText& json, const Table& table, std::size_t column, bool drop) {
  Points points;
  for (std::size_t r = 0; r < table.times.size(); ++r)
    if (const double value = table.values[column][r]; !drop || std::isfinite(value))
      points.add(table.times[r], value);
  write_rows(json, points, table.granularity);
}

}  // namespace sentinella::api::gnocchi
