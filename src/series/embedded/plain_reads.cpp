#include "series/embedded/plain_reads.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace sentinella::series {
namespace {

Labels group_labels(const Labels& labels, const Grouping& grouping) {
  Labels kept;
  for (const Label& label : labels) {
    const bool named = std::ranges::find(grouping.names, label.name) != grouping.names.end();
    if (grouping.without ? !named && label.name != kMetricName : named) kept.set(label.name, label.value);
  }
  return kept;
}

double value_of(WindowFunction function, const std::vector<double>& values) {
  double sum = 0, least = values.front(), most = values.front();
  for (const double value : values) {
    sum += value;
    if (value < least || std::isnan(least)) least = value;
    if (value > most || std::isnan(most)) most = value;
  }
  switch (function) {
    case WindowFunction::count:
      return static_cast<double>(values.size());
    case WindowFunction::sum:
      return sum;
    case WindowFunction::min:
      return least;
    case WindowFunction::max:
      return most;
    case WindowFunction::avg:
      return sum / static_cast<double>(values.size());
    case WindowFunction::first:
      return values.front();
    case WindowFunction::last:
      return values.back();
  }
  return 0;
}

}  // namespace

Result<std::vector<InstantSample>> plain_instants(std::vector<SeriesColumns> columns) {
  std::vector<InstantSample> instants;
  for (SeriesColumns& column : columns)
    if (!is_stale(column.values.back()))
      instants.push_back({{},
                          column.kind,
                          std::make_shared<const Labels>(std::move(column.labels)),
                          column.times.back(),
                          column.values.back()});
  return instants;
}

std::vector<FoldedGroup> fold(const std::vector<InstantSample>& instants, const Grouping& grouping) {
  std::map<Labels, FoldedGroup> groups;
  for (const InstantSample& instant : instants) {
    FoldedGroup& group = groups[group_labels(*instant.labels, grouping)];
    if (group.count++ == 0) {
      group.sum = group.min = group.max = instant.value;
      continue;
    }
    group.sum += instant.value;
    if (instant.value < group.min || std::isnan(group.min)) group.min = instant.value;
    if (instant.value > group.max || std::isnan(group.max)) group.max = instant.value;
  }
  std::vector<FoldedGroup> rows;
  for (auto& [labels, group] : groups) {
    group.labels = labels;
    rows.push_back(std::move(group));
  }
  return rows;
}

Result<TimeRange> range_of(const Windows& windows) {
  if (windows.step <= Duration::zero() || windows.width <= Duration::zero())
    return fail(Errc::kInvalid, "windows need a positive step and width");
  if (windows.count == 0) return TimeRange{};
  const Time last = windows.first_end + windows.step * static_cast<std::int64_t>(windows.count - 1);
  return TimeRange{windows.first_end - windows.width + Duration(1), last + Duration(1)};
}

SeriesColumns plain_windows(const SeriesColumns& columns, const Windows& windows, WindowFunction function) {
  SeriesColumns out{columns.labels, columns.kind, {}, {}};
  std::vector<double> inside;
  for (std::size_t i = 0; i < windows.count; ++i) {
    const Time end = windows.first_end + windows.step * static_cast<std::int64_t>(i);
    const auto from = std::ranges::upper_bound(columns.times, end - windows.width);
    const auto until = std::ranges::upper_bound(columns.times, end);
    inside.clear();
    for (auto at = from; at < until; ++at) {
      const double value = columns.values[static_cast<std::size_t>(at - columns.times.begin())];
      if (!is_stale(value)) inside.push_back(value);
    }
    if (inside.empty()) continue;
    out.times.push_back(end);
    out.values.push_back(value_of(function, inside));
  }
  return out;
}

}  // namespace sentinella::series
