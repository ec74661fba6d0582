#include "api/gnocchi/methods.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "api/gnocchi/time_text.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

constexpr std::array<std::string_view, 9> kNames{"mean", "sum",    "last",  "max",  "min",
                                                 "std",  "median", "first", "count"};
constexpr std::string_view kRate = "rate:";

double percentile(std::span<const double> values, double part) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const double place = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (sorted[below + 1] - sorted[below]) * (place - static_cast<double>(below));
}

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

std::optional<double> deviation(std::span<const double> values) {
  if (values.size() < 2) return std::nullopt;
  const double mean = sum_of(values) / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// Folds runs of points that `floor` puts together.
template <typename Floor>
Points fold_runs(const Points& points, const Method& method, Floor floor) {
  Points out;
  const std::span<const double> values(points.values);
  for (std::size_t first = 0; first < points.size();) {
    const Time at = floor(points.times[first]);
    std::size_t last = first + 1;
    while (last < points.size() && floor(points.times[last]) == at) ++last;
    if (const auto value = fold(method.kind, method.percent, values.subspan(first, last - first)))
      out.add(at, *value);
    first = last;
  }
  return out;
}

}  // namespace

std::optional<Method> parse_method(std::string_view name) {
  Method method;
  method.rate = name.starts_with(kRate);
  if (method.rate) name.remove_prefix(kRate.size());
  const auto found = std::ranges::find(kNames, name);
  if (found != kNames.end()) {
    method.kind = static_cast<Method::Kind>(found - kNames.begin());
    return method;
  }
  if (!name.ends_with("pct") || name.starts_with('0')) return std::nullopt;
  const auto percent = parse_uint(name.substr(0, name.size() - 3));
  if (!percent || *percent < 1 || *percent > 99) return std::nullopt;
  method.kind = Method::Kind::percentile;
  method.percent = static_cast<int>(*percent);
  return method;
}

const std::vector<std::string>& all_methods() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    for (const std::string& prefix : {std::string(), std::string(kRate)}) {
      for (const auto name : kNames) names.push_back(prefix + std::string(name));
      for (int percent = 1; percent <= 99; ++percent)
        names.push_back(prefix + std::to_string(percent) + "pct");
    }
    return names;
  }();
  return all;
}

const std::vector<std::string>& usual_methods() {
  static const std::vector<std::string> usual{"mean", "min", "max", "sum", "std", "count"};
  return usual;
}

std::optional<std::vector<std::string>> methods_of(const std::vector<std::string>& given,
                                                   const std::vector<std::string>& fallback) {
  const auto signed_name = [](const std::string& name) {
    return name.starts_with('+') || name.starts_with('-');
  };
  std::vector<std::string> chosen;
  if (!given.empty() && std::ranges::all_of(given, signed_name)) chosen = fallback;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(chosen, name) == chosen.end()) chosen.push_back(name);
  };
  for (const std::string& name : given) {
    const std::string bare = signed_name(name) ? name.substr(1) : name;
    if (name == "*") {
      for (const auto& one : all_methods()) add(one);
      continue;
    }
    if (!parse_method(bare)) return std::nullopt;
    if (!name.starts_with('-')) add(bare);
  }
  for (const std::string& name : given)
    if (name.starts_with('-')) std::erase(chosen, name.substr(1));
  return chosen;
}

std::optional<double> fold(Method::Kind kind, int percent, std::span<const double> values) {
  using Kind = Method::Kind;
  switch (kind) {
    case Kind::mean:
      return sum_of(values) / static_cast<double>(values.size());
    case Kind::sum:
      return sum_of(values);
    case Kind::last:
      return values.back();
    case Kind::max:
      return *std::ranges::max_element(values);
    case Kind::min:
      return *std::ranges::min_element(values);
    case Kind::deviation:
      return deviation(values);
    case Kind::median:
      return percentile(values, 0.5);
    case Kind::first:
      return values.front();
    case Kind::count:
      return static_cast<double>(values.size());
    case Kind::percentile:
      return percentile(values, percent / 100.0);
  }
  return std::nullopt;
}

Points differences(const Points& points) {
  Points out;
  for (std::size_t i = 1; i < points.size(); ++i)
    out.add(points.times[i], points.values[i] - points.values[i - 1]);
  return out;
}

Time granule_of(Time at, Duration granularity) {
  const std::int64_t size = granularity.count();
  const std::int64_t into = at.ns % size;
  return {at.ns - (into < 0 ? into + size : into)};
}

Points roll_up(const Points& points, const Method& method, Duration granularity) {
  return fold_runs(points, method, [&](Time at) { return granule_of(at, granularity); });
}

Points roll_up_calendar(const Points& points, const Method& method, char group) {
  return fold_runs(points, method, [&](Time at) { return calendar_floor(at, group); });
}

}  // namespace sentinella::api::gnocchi
