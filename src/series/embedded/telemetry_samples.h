// Series as nodes have them, for benchmarks: made up (seeded, the same everywhere), or what one machine's
// /proc said, replayed. A series gives one value for each tick of 10 s.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <numbers>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

namespace sentinella::series {

/// Eight bytes of state: there may be a million of them. (Steele, Lea, Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014.)
class SmallRandom {
 public:
  explicit SmallRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  double uniform(double from, double to) {
    return from + (to - from) * static_cast<double>(next() >> 11) * 0x1p-53;
  }
  double normal(double deviation) {
    const double radius = std::sqrt(-2 * std::log(uniform(0x1p-53, 1)));
    return deviation * radius * std::cos(uniform(0, 2 * std::numbers::pi));
  }
  bool one_in(std::uint64_t n) { return next() % n == 0; }

 private:
  std::uint64_t state_;
};

enum class Telemetry : std::uint8_t {
  percentage,    ///< random walk with two decimals
  busy_counter,  ///< gains a noisy amount each tick, at a rate that drifts
  idle_counter,  ///< stands still, now and then gains a little
  uptime,
  byte_gauge,  ///< random walk in pages
  constant,
  few_valued,  ///< jumps among 3 to 8 values
  up_down,
  full_mantissa,  ///< a random walk that is no decimal; not part of a node's share
};
inline constexpr struct {
  Telemetry kind;
  const char* name;
  unsigned share;  ///< of a hundred series of a node
} kTelemetry[] = {
    {Telemetry::percentage, "percentage", 17},     {Telemetry::busy_counter, "busy_counter", 23},
    {Telemetry::idle_counter, "idle_counter", 5},  {Telemetry::uptime, "uptime", 1},
    {Telemetry::byte_gauge, "byte_gauge", 13},     {Telemetry::constant, "constant", 10},
    {Telemetry::few_valued, "few_valued", 19},     {Telemetry::up_down, "up_down", 12},
    {Telemetry::full_mantissa, "full_mantissa", 0}};

/// What the n-th of a hundred series of a node is.
inline Telemetry telemetry_of(unsigned n) {
  for (const auto& [kind, name, share] : kTelemetry) {
    if (n < share) return kind;
    n -= share;
  }
  return Telemetry::constant;
}

class TelemetrySeries {
 public:
  TelemetrySeries(Telemetry kind, std::uint64_t seed) : random_(seed), kind_(kind) {
    switch (kind) {
      case Telemetry::percentage:
      case Telemetry::full_mantissa:
        level_ = random_.uniform(5, 95);
        rate_ = random_.uniform(0.2, 2);
        break;
      case Telemetry::busy_counter:
        level_ = std::floor(random_.uniform(0, 1e12));
        rate_ = std::exp(random_.uniform(3, 14));
        spread_ = random_.uniform(0.02, 0.3);
        break;
      case Telemetry::byte_gauge:
        level_ = std::floor(random_.uniform(1e4, 4e6));
        rate_ = std::exp(random_.uniform(2, 7));
        break;
      case Telemetry::few_valued:
        rate_ = static_cast<double>(3 + random_.next() % 6);
        break;
      case Telemetry::up_down:
        level_ = 1;
        break;
      default:
        level_ = std::floor(random_.uniform(0, 1e7));
    }
  }

  double next() {
    switch (kind_) {
      case Telemetry::percentage:
        level_ = std::clamp(level_ + random_.normal(rate_), 0.0, 100.0);
        return std::round(level_ * 100) / 100;
      case Telemetry::busy_counter:
        rate_ *= std::exp(random_.normal(0.01));
        return level_ += std::max(0.0, std::floor(rate_ * (1 + random_.normal(spread_))));
      case Telemetry::idle_counter:
        return level_ += random_.one_in(25) ? 1 + static_cast<double>(random_.next() % 3) : 0;
      case Telemetry::uptime:
        return level_ += 10;
      case Telemetry::byte_gauge:
        if (!random_.one_in(3)) level_ = std::max(0.0, level_ + std::round(random_.normal(rate_)));
        return level_ * 4096;
      case Telemetry::few_valued:
        if (random_.one_in(20)) level_ = static_cast<double>(random_.next() % static_cast<unsigned>(rate_));
        return level_;
      case Telemetry::up_down:
        if (random_.one_in(level_ == 1 ? 400 : 10)) level_ = 1 - level_;
        return level_;
      case Telemetry::full_mantissa:
        return level_ += random_.normal(rate_);
      default:
        return level_;
    }
  }

 private:
  SmallRandom random_;
  Telemetry kind_;
  double level_ = 0, rate_ = 0, spread_ = 0;
};

/// What one series of a machine was, second by second. One tick of the replay is one second of it.
struct RecordedSeries {
  std::string name;
  std::vector<double> values;
  double grain = 1;     ///< all values are multiples of it
  bool counts = false;  ///< never falls
};

/// Lines of a name and at least two values. What cannot be read is left out.
inline std::vector<RecordedSeries> read_recording(const std::string& path) {
  std::vector<RecordedSeries> recording;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    RecordedSeries series;
    words >> series.name;
    std::int64_t hundredths = 0;
    for (double value; words >> value;) {
      series.values.push_back(value);
      hundredths = std::gcd(hundredths, std::llround(value * 100));
    }
    if (series.values.size() < 2) continue;
    series.grain = static_cast<double>(std::max<std::int64_t>(hundredths, 1)) / 100;
    series.counts = std::ranges::is_sorted(series.values) && series.values.front() != series.values.back();
    recording.push_back(std::move(series));
  }
  return recording;
}

/// The recording as another host might have made it: from another moment on, over and over, what moves a
/// little louder or quieter (levels by up to 0.2 %, what counters gain by up to 5 %), in the same grain.
class ReplayedSeries {
 public:
  ReplayedSeries(const RecordedSeries& recorded, std::uint64_t seed)
      : recorded_(&recorded),
        random_(seed),
        at_(random_.next() % recorded.values.size()),
        level_(recorded.values[at_]) {}

  double next() {
    const auto& values = recorded_->values;
    const double before = values[at_], grain = recorded_->grain;
    at_ = at_ + 1 < values.size() ? at_ + 1 : 0;
    const double now = values[at_];
    if (now == before || (recorded_->counts && at_ == 0)) return level_;
    level_ = recorded_->counts ? level_ + (now - before) * random_.uniform(0.95, 1.05)
                               : now * random_.uniform(0.998, 1.002);
    // Divided, not multiplied: hundredths are not exact, and a machine prints the nearest.
    return level_ = grain < 1 ? std::round(level_ / grain) / std::round(1 / grain)
                              : std::round(level_ / grain) * grain;
  }

 private:
  const RecordedSeries* recorded_;
  SmallRandom random_;
  std::size_t at_;
  double level_;
};

}  // namespace sentinella::series
