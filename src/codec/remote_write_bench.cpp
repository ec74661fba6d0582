// Remote write to columns of ids, times and values, with and without snappy: items are samples of one core.
// One sample a series with some 130 bytes of labels, as Prometheus sends them.
#include <benchmark/benchmark.h>

#include <map>

#include "codec/remote_write.h"
#include "codec/remote_write_sample.h"
#include "codec/snappy_block.h"

namespace sentinella::codec {
namespace {

std::string message(std::size_t series) {
  std::string out;
  for (std::size_t i = 0; i < series; ++i)
    out += remote_series(remote_labels({{"__name__", fmt::format("node_cpu_seconds_{}_total", i % 100)},
                                        {"cluster", "production"},
                                        {"cpu", std::to_string(i % 8)},
                                        {"instance", fmt::format("host-{:04}:9100", i / 100)},
                                        {"job", "node"},
                                        {"mode", "user"},
                                        {"region", "eu-west"}}) +
                         remote_samples({{static_cast<double>(i) * 1.25, 1'772'446'272'000}}));
  return out;
}

void decode(benchmark::State& state) {
  const bool packed = state.range(0) != 0;
  const auto plain = message(5'000);
  const auto block = snappy_compress(plain);
  std::map<std::string, SeriesId, std::less<>> known;
  const ResolveSeries resolve = [&](std::string_view labels, SeriesKind) -> Result<ResolvedSeries> {
    return ResolvedSeries{
        known.try_emplace(std::string(labels), static_cast<SeriesId>(known.size() + 1)).first->second, true};
  };
  RemoteWriteCache cache;
  for (auto _ : state) {
    SampleBlock out;
    const auto text = packed ? snappy_decompress(block, plain.size()) : Result<std::string>(plain);
    benchmark::DoNotOptimize(decode_remote_write(*text, AccountId{1}, cache, resolve, {}, out));
  }
  state.SetItemsProcessed(state.iterations() * 5'000);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(plain.size()));
}
BENCHMARK(decode)->ArgName("snappy")->Arg(0)->Arg(1);

}  // namespace
}  // namespace sentinella::codec

BENCHMARK_MAIN();
