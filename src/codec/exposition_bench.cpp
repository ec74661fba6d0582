// What an exposition costs: the same body again (the usual scrape), with other numbers, and for the first
// time.
#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include "codec/exposition_reader.h"

namespace sentinella::codec {
namespace {

/// As node_exporter writes: families with HELP and TYPE, 8 series each; `seed` moves the numbers.
std::string body_of(int families, int seed) {
  std::string out;
  for (int family = 0; family < families; ++family) {
    const std::string name = fmt::format("node_filesystem_family{}_bytes_total", family);
    out += fmt::format("# HELP {} Bytes of the filesystem that somebody counted.\n# TYPE {} counter\n", name,
                       name);
    for (int i = 0; i < 8; ++i)
      out += fmt::format(
          "{}{{device=\"/dev/mapper/vg0-lv{}\",fstype=\"ext4\",mountpoint=\"/srv/data{}\"}} {}\n", name, i, i,
          i % 2 == 0 ? fmt::format("{}", 123456 * i + seed) : fmt::format("{:.6e}", 1.2345e9 * i + seed));
  }
  return out;
}

void run(benchmark::State& state, bool known) {
  const std::string bodies[] = {body_of(250, 1), body_of(250, 77)};
  Exposition out;
  ExpositionReader kept;
  std::size_t bytes = 0, samples = 0, turn = 0;
  for (auto _ : state) {
    ExpositionReader fresh;
    const std::string& body = bodies[turn++ % 2];
    if (!(known ? kept : fresh).read(body, ExpositionFormat::text, out)) state.SkipWithError("not read");
    bytes += body.size();
    samples += out.values.size();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.SetItemsProcessed(static_cast<std::int64_t>(samples));
}

void BM_KnownSeries(benchmark::State& state) {
  run(state, true);
}
BENCHMARK(BM_KnownSeries);
void BM_FirstSight(benchmark::State& state) {
  run(state, false);
}
BENCHMARK(BM_FirstSight);

}  // namespace
}  // namespace sentinella::codec

BENCHMARK_MAIN();
