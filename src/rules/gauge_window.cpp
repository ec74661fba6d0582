#include "rules/gauge_window.h"

#include <algorithm>
#include <cmath>

namespace sentinella::rules {
namespace {

using Aggregate = GaugeRule::Aggregate;

constexpr std::size_t kMaxSeriesPerInstance = 1000;
constexpr std::size_t kMaxSamplesPerSeries = 4096;

/// Per second; a value below its predecessor is a restart from zero.
std::optional<double> rate_of(const std::vector<Sample>& samples) {
  if (samples.size() < 2) return std::nullopt;
  double increase = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const double step = samples[i].value - samples[i - 1].value;
    increase += step < 0 ? samples[i].value : step;
  }
  const double seconds = std::chrono::duration<double>(samples.back().at - samples.front().at).count();
  return increase / seconds;
}

}  // namespace

/// Drops what has left the window; of `last` each series keeps its newest sample.
void GaugeWindow::prune(const GaugeRule& what, Time newest) {
  for (auto it = series.begin(); it != series.end();) {
    auto& list = it->second;
    const auto keep =
        what.aggregate == Aggregate::last && !list.empty()
            ? list.end() - 1
            : std::ranges::find_if(list, [&](const Sample& s) { return s.at > newest - what.window; });
    list.erase(list.begin(), keep);
    if (list.size() > kMaxSamplesPerSeries) list.erase(list.begin());
    it = list.empty() ? series.erase(it) : std::next(it);
  }
}

/// For one more series: labels come and go, so the one that was not heard for longest makes way. False: all
/// were heard later than `at`.
bool GaugeWindow::make_room(Time at) {
  if (series.size() < kMaxSeriesPerInstance) return true;
  const auto stalest =
      std::ranges::min_element(series, {}, [](const auto& entry) { return entry.second.back().at; });
  if (stalest->second.back().at > at) return false;
  series.erase(stalest);
  return true;
}

bool GaugeWindow::append(const GaugeRule& what, Time evaluated, std::uint64_t id, const Sample& sample) {
  const Time newest = std::max(evaluated, sample.at);
  auto found = series.find(id);
  if (found == series.end()) {
    if (what.aggregate != Aggregate::last && sample.at <= newest - what.window) return false;
    prune(what, newest);
    if (!make_room(sample.at)) return false;
    found = series.try_emplace(id).first;
  }
  auto& samples = found->second;
  if (!samples.empty() && samples.back().at >= sample.at) return false;
  samples.push_back(sample);
  prune(what, newest);
  return true;
}

std::optional<double> GaugeWindow::value(const GaugeRule& what) const {
  double sum = 0, least = INFINITY, most = -INFINITY, rate = 0;
  std::size_t count = 0;
  bool rated = false;
  const Sample* newest = nullptr;
  for (const auto& [id, samples] : series) {
    for (const Sample& sample : samples) {
      sum += sample.value;
      least = std::min(least, sample.value);
      most = std::max(most, sample.value);
      ++count;
      if (!newest || newest->at <= sample.at) newest = &sample;
    }
    if (const auto one = what.aggregate == Aggregate::rate ? rate_of(samples) : std::nullopt)
      rate += *one, rated = true;
  }
  if (!newest) return std::nullopt;
  double result = newest->value;
  switch (what.aggregate) {
    case Aggregate::last:
      break;
    case Aggregate::avg:
      result = sum / static_cast<double>(count);
      break;
    case Aggregate::min:
      result = least;
      break;
    case Aggregate::max:
      result = most;
      break;
    case Aggregate::sum:
      result = sum;
      break;
    case Aggregate::count:
      result = static_cast<double>(count);
      break;
    case Aggregate::rate:
      if (!rated) return std::nullopt;
      result = rate;
  }
  if (what.divisor_metric.empty()) return result;
  if (!divisor || divisor->value == 0) return std::nullopt;
  return result / divisor->value;
}

}  // namespace sentinella::rules
