// Queries over a store in a temporary directory: 10 thousand counters, one hour at 15 s.
#include <benchmark/benchmark.h>

#include "base/temporary_directory.h"
#include "query/engine.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::query {
namespace {

constexpr AccountId kAccount{1};
constexpr std::int64_t kStepMs = 15'000;
constexpr std::int64_t kSamples = 240;
constexpr int kSeries = 10'000;

struct Data {
  TemporaryDirectory directory;
  std::unique_ptr<series::SeriesStore> store;

  Data() {
    store = std::move(*series::open_embedded_series_store({.directory = directory.path()}));
    for (int i = 0; i < kSeries; ++i) {
      SeriesSamples samples{Labels({{"__name__", "requests_total"},
                                    {"host", "host" + std::to_string(i % 100)},
                                    {"handler", "/api/" + std::to_string(i / 100)}}),
                            SeriesKind::counter,
                            {}};
      for (std::int64_t at = 0; at < kSamples; ++at)
        samples.samples.push_back({Time{at * kStepMs * 1'000'000}, static_cast<double>(at * (i % 7 + 1))});
      SampleBlock block;
      static_cast<void>(series::resolve_into(*store, kAccount, samples, block));
      static_cast<void>(store->append(kAccount, block, static_cast<std::uint64_t>(i) + 1));
    }
  }
};

Data& data() {
  static Data data;
  return data;
}

void range(benchmark::State& state, const char* text, std::size_t steps) {
  const Source source{.store = *data().store, .account = kAccount, .clock = system_clock()};
  const auto expr = parse_expression(text);
  const std::int64_t span = kStepMs * kSamples / 2;
  const Steps at{span, steps > 1 ? span / static_cast<std::int64_t>(steps - 1) : 1, steps};
  for (auto _ : state) {
    auto answer = steps == 1 ? evaluate_instant(source, **expr, 2 * span - kStepMs)
                             : evaluate_range(source, **expr, at);
    if (!answer) state.SkipWithError(answer.error().message.c_str());
    benchmark::DoNotOptimize(answer);
  }
}

BENCHMARK_CAPTURE(range, rate_of_all_at_120_steps, "rate(requests_total[5m])", 120)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(range, sum_of_rate_by_host_at_120_steps, "sum by (host) (rate(requests_total[5m]))", 120)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(range, rate_at_an_instant, "rate(requests_total[5m])", 1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(range, last_value_of_all, "requests_total", 1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(range, count_by_name, "count by (__name__) ({__name__=~\".+\"})", 1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(range, quotient_of_vectors, "requests_total / requests_total", 120)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(range, topk, "topk(5, requests_total)", 120)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(range, one_series, "requests_total{host=\"host7\",handler=\"/api/9\"}", 1)
    ->Unit(benchmark::kMicrosecond);

void parse(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(
        parse_expression("sum by (host) (rate(requests_total{code=~\"5..\"}[5m])) / sum by (host) "
                         "(rate(requests_total[5m])) > 0.01"));
}
BENCHMARK(parse);

}  // namespace
}  // namespace sentinella::query

BENCHMARK_MAIN();
