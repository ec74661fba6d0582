// Aggregation methods: one value from the samples of one granule.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace sentinella::api::gnocchi {

/// Nine of them and the percentiles 1 to 99; each also over the differences between neighbours ("rate:").
struct Method {
  enum class Kind : std::uint8_t { mean, sum, last, max, min, deviation, median, first, count, percentile };
  Kind kind = Kind::mean;
  int percent = 0;  ///< of a percentile
  bool rate = false;
  friend bool operator==(const Method&, const Method&) = default;
};

std::optional<Method> parse_method(std::string_view name);
/// All 216, those without "rate:" first.
const std::vector<std::string>& all_methods();
/// What a policy without methods of its own has.
const std::vector<std::string>& usual_methods();
/// A policy's list: names; or, when all begin with + or -, changes of `fallback`; "*" is all of them. "-x"
/// takes x away. nullopt: a name that is none.
std::optional<std::vector<std::string>> methods_of(const std::vector<std::string>& given,
                                                   const std::vector<std::string>& fallback);

/// A granule's samples in order of time; not empty. nullopt: one value has no deviation.
/// The deviation ("std") is that of a sample (n - 1); median and percentiles interpolate linearly.
std::optional<double> fold(Method::Kind kind, int percent, std::span<const double> values);

/// Columns of equal length, ascending in time.
struct Points {
  std::vector<Time> times;
  std::vector<double> values;

  std::size_t size() const { return times.size(); }
  void add(Time at, double value) {
    times.push_back(at);
    values.push_back(value);
  }
};

/// Each value less the one before, at its time.
Points differences(const Points& points);

Time granule_of(Time at, Duration granularity);

/// One point for each granule that has a value; `points` are raw samples, or differences for a rate.
Points roll_up(const Points& points, const Method& method, Duration granularity);
/// The same for the groups of a calendar (time_text.h).
Points roll_up_calendar(const Points& points, const Method& method, char group);

}  // namespace sentinella::api::gnocchi
