// From an exposition to a batch's series with their final labels: what a scrape costs beside the network.
#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include "scrape/target_series.h"

namespace sentinella::scrape {
namespace {

std::string body_of(int series, int seed) {
  std::string out = "# TYPE node_cpu_seconds_total counter\n";
  for (int i = 0; i < series; ++i)
    out += fmt::format("node_cpu_seconds_total{{cpu=\"{}\",mode=\"user\"}} {}\n", i, i * 1000 + seed);
  return out;
}

void BM_TakeKnownSeries(benchmark::State& state) {
  const std::string bodies[] = {body_of(2000, 1), body_of(2000, 77)};
  TargetSeries series(ScrapeJob{}, Labels({Label{"instance", "h1:9100"}, Label{"job", "node"}}), {});
  std::size_t turn = 0, bytes = 0, samples = 0;
  for (auto _ : state) {
    std::vector<SeriesSamples> out;
    const std::string& body = bodies[turn++ % 2];
    const auto taken = series.take(body, codec::ExpositionFormat::text,
                                   Time{static_cast<std::int64_t>(turn) * 1'000'000'000}, out);
    if (!taken) state.SkipWithError("not taken");
    bytes += body.size();
    samples += out.size();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.SetItemsProcessed(static_cast<std::int64_t>(samples));
}
BENCHMARK(BM_TakeKnownSeries);

}  // namespace
}  // namespace sentinella::scrape

BENCHMARK_MAIN();
