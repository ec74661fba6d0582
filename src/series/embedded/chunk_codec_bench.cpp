// Bytes a sample and samples a second of the chunk codec, on two hours of a node's series at 10 s, by kind
// and for the whole node (the shares of kinds are those of a node's telemetry), and on samples of /proc if
// SENTINELLA_PROC_SAMPLES names a file of them: lines of a name and the values of successive seconds.
#include <cstdlib>
#include <functional>
#include <iterator>

#include <benchmark/benchmark.h>

#include "series/embedded/chunk_codec.h"
#include "series/embedded/telemetry_samples.h"

namespace sentinella::series {
namespace {

constexpr std::size_t kSamples = 720;
using Values = std::vector<double>;

std::vector<Time> instants(std::size_t count) {
  std::vector<Time> times(count);
  for (std::size_t i = 0; i < count; ++i)
    times[i].ns = 1'700'000'000'000'000'000 + static_cast<std::int64_t>(i) * 10'000'000'000;
  return times;
}

template <typename Series>
Values take(Series series) {
  Values values(kSamples);
  std::ranges::generate(values, [&] { return series.next(); });
  return values;
}

std::vector<Values> series_of(Telemetry kind, unsigned count) {
  std::vector<Values> series;
  for (unsigned i = 0; i < count; ++i)
    series.push_back(take(TelemetrySeries(kind, static_cast<std::uint64_t>(kind) * 1'000 + i)));
  return series;
}

std::vector<Values> node() {
  std::vector<Values> series;
  for (const auto& kind : kTelemetry)
    std::ranges::move(series_of(kind.kind, kind.share * 4), std::back_inserter(series));
  return series;
}

/// Twenty hosts.
std::vector<Values> replay() {
  std::vector<Values> series;
  for (const RecordedSeries& recorded : read_recording(std::getenv("SENTINELLA_PROC_SAMPLES")))
    for (std::uint64_t host = 0; host < 20; ++host) series.push_back(take(ReplayedSeries(recorded, host)));
  return series;
}

struct Load {
  std::string name;
  std::function<std::vector<Values>()> make;
};

void encode(benchmark::State& state, const Load& load) {
  const auto times = instants(kSamples);
  const auto series = load.make();
  std::size_t bytes = 0;
  for (const Values& values : series) bytes += encode_chunk(times, values).size();
  for (auto _ : state)
    for (const Values& values : series) benchmark::DoNotOptimize(encode_chunk(times, values).data());
  const auto samples = static_cast<double>(series.size() * kSamples);
  state.counters["B/sample"] = static_cast<double>(bytes) / samples;
  state.SetItemsProcessed(static_cast<std::int64_t>(samples) * static_cast<std::int64_t>(state.iterations()));
}

void decode(benchmark::State& state, const Load& load) {
  const auto times = instants(kSamples);
  std::vector<std::string> chunks;
  for (const Values& values : load.make()) chunks.push_back(encode_chunk(times, values));
  std::vector<Time> got_times;
  std::vector<double> got_values;
  for (auto _ : state)
    for (const std::string& chunk : chunks) {
      got_times.clear();
      got_values.clear();
      if (!decode_chunk(chunk, got_times, got_values)) std::abort();
      benchmark::DoNotOptimize(got_values.data());
    }
  state.SetItemsProcessed(static_cast<std::int64_t>(chunks.size() * kSamples) *
                          static_cast<std::int64_t>(state.iterations()));
}

void peek(benchmark::State& state) {
  const auto times = instants(kSamples);
  std::vector<std::string> chunks;
  for (const Values& values : node()) chunks.push_back(encode_chunk(times, values));
  for (auto _ : state)
    for (const std::string& chunk : chunks) benchmark::DoNotOptimize(peek_chunk(chunk)->values.max);
  state.SetItemsProcessed(static_cast<std::int64_t>(chunks.size()) *
                          static_cast<std::int64_t>(state.iterations()));
}

int add_all() {
  std::vector<Load> loads = {{"node", node}};
  for (const auto& kind : kTelemetry)
    loads.push_back({kind.name, [&kind] { return series_of(kind.kind, 50); }});
  if (std::getenv("SENTINELLA_PROC_SAMPLES") != nullptr) loads.push_back({"proc_replay", replay});
  for (const Load& load : loads) {
    benchmark::RegisterBenchmark(("encode/" + load.name).c_str(), encode, load);
    benchmark::RegisterBenchmark(("decode/" + load.name).c_str(), decode, load);
  }
  benchmark::RegisterBenchmark("peek/node (chunks)", peek);
  return 0;
}

}  // namespace
}  // namespace sentinella::series

int main(int argc, char** argv) {
  sentinella::series::add_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
