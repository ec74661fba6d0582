// Line protocol to columns of ids, times and values: items are samples of one core. The bodies are node
// telemetry: ten fields a line, and one.
#include <benchmark/benchmark.h>

#include <map>
#include <random>

#include "codec/influx_line.h"

namespace sentinella::codec {
namespace {

std::string body(std::size_t hosts, std::size_t fields, std::size_t lines_per_host) {
  std::mt19937 random(7);
  std::string text;
  for (std::size_t host = 0; host < hosts; ++host)
    for (std::size_t line = 0; line < lines_per_host; ++line) {
      text += fmt::format("cpu{},host=host-{:04},role=compute,zone=az{}", line, host, host % 3);
      for (std::size_t field = 0; field < fields; ++field) {
        const auto value = random() % 10'000;
        text += fmt::format("{}field_{}=", field == 0 ? ' ' : ',', field);
        text += field % 2 == 0 ? fmt::format("{}.{:02}", value / 100, value % 100)
                               : fmt::format("{}", value * 12'345ull);
      }
      text += " 1772446272000000000\n";
    }
  return text;
}

void decode(benchmark::State& state) {
  const auto fields = static_cast<std::size_t>(state.range(0));
  const auto text = body(100, fields, 100 / fields);
  std::map<std::string, SeriesId, std::less<>> known;
  const ResolveSeries resolve = [&](std::string_view labels, SeriesKind) -> Result<ResolvedSeries> {
    return ResolvedSeries{
        known.try_emplace(std::string(labels), static_cast<SeriesId>(known.size() + 1)).first->second, true};
  };
  LineSeriesCache cache;
  std::size_t samples = 0;
  for (auto _ : state) {
    SampleBlock block;
    samples += decode_lines(text, {}, cache, resolve, {}, block).samples;
    benchmark::DoNotOptimize(block.values.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(samples));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(decode)->Arg(10)->Arg(1);

}  // namespace
}  // namespace sentinella::codec

BENCHMARK_MAIN();
