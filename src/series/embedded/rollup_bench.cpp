// What a day of a node's series at 10 s becomes when it is rolled up to five minutes: bytes and time. The
// shares of kinds are those of a node's telemetry; counters are taken as such.
#include <benchmark/benchmark.h>

#include "series/embedded/rollup_codec.h"
#include "series/embedded/telemetry_samples.h"

namespace sentinella::series {
namespace {

constexpr std::size_t kSamplesADay = 8'640;
constexpr Duration kSpan = std::chrono::minutes(5);

Columns day_of(TelemetrySeries series) {
  Columns day;
  for (std::size_t i = 0; i < kSamplesADay; ++i) {
    day.times.push_back({1'699'920'000'000'000'000 + static_cast<std::int64_t>(i) * 10'000'000'000});
    day.values.push_back(series.next());
  }
  return day;
}

SeriesKind kind_of(Telemetry kind) {
  return kind == Telemetry::busy_counter || kind == Telemetry::idle_counter ? SeriesKind::counter
                                                                            : SeriesKind::gauge;
}

void roll_up_a_day(benchmark::State& state) {
  std::vector<std::pair<SeriesKind, Columns>> days;
  for (const auto& kind : kTelemetry)
    for (unsigned i = 0; i < kind.share; ++i)
      days.emplace_back(
          kind_of(kind.kind),
          day_of(TelemetrySeries(kind.kind, static_cast<std::uint64_t>(kind.kind) * 1'000 + i)));
  std::size_t bytes = 0, raw = 0;
  for (const auto& [kind, day] : days)
    for (std::size_t at = 0; at < day.size(); at += 720)
      raw +=
          encode_chunk(std::span(day.times).subspan(at, 720), std::span(day.values).subspan(at, 720)).size();
  for (auto _ : state) {
    bytes = 0;
    for (const auto& [kind, day] : days) bytes += encode_rollups(roll_up(day, kind, kSpan)).size();
  }
  const auto series = static_cast<double>(days.size());
  state.counters["us_a_series_day"] =
      benchmark::Counter(series * static_cast<double>(state.iterations()) / 1e6,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["bytes_a_series_day"] = static_cast<double>(bytes) / series;
  state.counters["raw_bytes_a_series_day"] = static_cast<double>(raw) / series;
}
BENCHMARK(roll_up_a_day);

}  // namespace
}  // namespace sentinella::series

BENCHMARK_MAIN();
