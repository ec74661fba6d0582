#include "series/embedded/rollup.h"

#include <algorithm>
#include <cmath>

#include "model/staleness.h"

namespace sentinella::series {
namespace {

/// Rounded towards the past.
std::int64_t span_of(Time at, Duration span) {
  return at.ns / span.count() - (at.ns % span.count() < 0 ? 1 : 0);
}

/// Of two values, NaN only when both are.
double lower(double a, double b) {
  return std::isnan(a) || b < a ? b : a;
}
double higher(double a, double b) {
  return std::isnan(a) || b > a ? b : a;
}

RollUps none_like(const RollUps& rolled) {
  RollUps none;
  none.cumulative = rolled.cumulative;
  return none;
}
void copy(const RollUps& from, std::size_t i, RollUps& to) {
  to.times.push_back(from.times[i]);
  to.counts.push_back(from.counts[i]);
  to.lowest.push_back(from.lowest[i]);
  to.highest.push_back(from.highest[i]);
  if (!from.cumulative) to.sums.push_back(from.sums[i]);
}

/// Takes spans in order of time, and joins those that belong together.
class Roller {
 public:
  Roller(bool cumulative, Duration span) : span_(span) { rolled_.cumulative = cumulative; }

  void sample(Time at, double value) {
    if (is_stale(value)) {
      mark_stale(at);
    } else if (!joins(at) || (rolled_.cumulative && !(value >= rolled_.highest.back()))) {
      begin(at, 1, value, value, value);
    } else {
      rolled_.times.back() = at;
      ++rolled_.counts.back();
      if (rolled_.cumulative) {
        rolled_.highest.back() = value;
      } else {
        widen(value, value, value);
      }
    }
  }

  void span(const RollUps& from, std::size_t i) {
    if (from.counts[i] == 0) {
      mark_stale(from.times[i]);
    } else if (rolled_.cumulative || !joins(from.times[i])) {
      begin(from.times[i], from.counts[i], from.lowest[i], from.highest[i],
            rolled_.cumulative ? 0 : from.sums[i]);
    } else {
      rolled_.times.back() = from.times[i];
      rolled_.counts.back() += from.counts[i];
      widen(from.lowest[i], from.highest[i], from.sums[i]);
    }
  }

  RollUps take() { return std::move(rolled_); }

 private:
  bool joins(Time at) const {
    return !rolled_.times.empty() && rolled_.counts.back() > 0 &&
           span_of(rolled_.times.back(), span_) == span_of(at, span_);
  }
  void widen(double low, double high, double sum) {
    rolled_.lowest.back() = lower(rolled_.lowest.back(), low);
    rolled_.highest.back() = higher(rolled_.highest.back(), high);
    rolled_.sums.back() += sum;
  }
  void begin(Time at, double count, double low, double high, double sum) {
    rolled_.times.push_back(at);
    rolled_.counts.push_back(count);
    rolled_.lowest.push_back(low);
    rolled_.highest.push_back(high);
    if (!rolled_.cumulative) rolled_.sums.push_back(sum);
  }
  /// One says all that several in a row would.
  void mark_stale(Time at) {
    if (!rolled_.times.empty() && rolled_.counts.back() == 0) return;
    begin(at, 0, 0, 0, 0);
  }

  const Duration span_;
  RollUps rolled_;
};

}  // namespace

ValueSummary RollUps::summary(std::size_t i) const {
  const double low = lowest[i], high = highest[i];
  const double sum = cumulative ? counts[i] * (low + high) / 2 : sums[i];
  if (cumulative) return {.first = low, .last = high, .min = low, .max = high, .sum = sum};
  const double mean = sum / counts[i];
  return {.first = mean, .last = mean, .min = low, .max = high, .sum = sum};
}

RollUps roll_up(const Columns& samples, SeriesKind kind, Duration span) {
  Roller roller(kind != SeriesKind::gauge, span);
  for (std::size_t i = 0; i < samples.size(); ++i) roller.sample(samples.times[i], samples.values[i]);
  return roller.take();
}

RollUps unite(std::span<const RollUps> parts, Duration span) {
  std::vector<std::pair<const RollUps*, std::size_t>> order;
  for (const RollUps& part : parts)
    for (std::size_t i = 0; i < part.size(); ++i) order.emplace_back(&part, i);
  const auto at = [](const auto& place) { return place.first->times[place.second]; };
  std::ranges::stable_sort(order, {}, at);
  Roller roller(!parts.empty() && parts.front().cumulative, span);
  Time last{INT64_MIN};
  for (const auto& place : order) {
    // Two that end at one instant tell of the same sample; the first has been kept.
    if (at(place) == last && last.ns != INT64_MIN) continue;
    last = at(place);
    roller.span(*place.first, place.second);
  }
  return roller.take();
}

Columns samples_of(const RollUps& rolled) {
  Columns samples{rolled.times, {}};
  samples.values.reserve(rolled.size());
  for (std::size_t i = 0; i < rolled.size(); ++i)
    samples.values.push_back(rolled.counts[i] == 0 ? stale_marker()
                             : rolled.cumulative   ? rolled.highest[i]
                                                   : rolled.sums[i] / rolled.counts[i]);
  return samples;
}

RollUps without(const RollUps& rolled, TimeRange range) {
  RollUps kept = none_like(rolled);
  for (std::size_t i = 0; i < rolled.size(); ++i)
    if (!range.contains(rolled.times[i])) copy(rolled, i, kept);
  return kept;
}

std::vector<RollUps> split_by_day(const RollUps& rolled) {
  constexpr Duration kDay = std::chrono::hours(24);
  std::vector<RollUps> days;
  for (std::size_t i = 0; i < rolled.size(); ++i) {
    if (i == 0 || span_of(rolled.times[i], kDay) != span_of(rolled.times[i - 1], kDay))
      days.push_back(none_like(rolled));
    copy(rolled, i, days.back());
  }
  return days;
}

}  // namespace sentinella::series
