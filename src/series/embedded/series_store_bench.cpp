// The store as its callers use it: resolving, appending, instants and folds; 10 thousand against a million
// series. Labels are those of a node's telemetry: 6 to a series, about 110 bytes.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <random>

#include "base/temporary_directory.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::series {
namespace {

constexpr AccountId kAccount{1};
constexpr std::int64_t kStep = 10'000'000'000;
constexpr std::int64_t kStart = 1'772'000'000'000'000'000;

std::string canonical(std::size_t series) {
  const std::size_t host = series / 100, metric = series % 100;
  return Labels({{"__name__", fmt::format("node_metric_{}_value", metric)},
                 {"datacenter", fmt::format("eu-central-{}", host % 3)},
                 {"host", fmt::format("host_{}", host)},
                 {"os", "Debian12"},
                 {"rack", fmt::format("{}", host % 40)},
                 {"role", host % 2 ? "compute" : "storage"}})
      .canonical();
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

/// A store with so many series, kept for all benchmarks of that size.
struct Loaded {
  explicit Loaded(std::size_t series) {
    store = *open_embedded_series_store({.directory = directory.path()});
    ids.resize(series);
    std::vector<std::string> names(1000);
    for (std::size_t first = 0; first < series; first += names.size()) {
      for (std::size_t i = 0; i < names.size(); ++i) names[i] = canonical(first + i);
      SampleBlock block;
      for (std::size_t i = 0; i < names.size(); ++i) {
        ids[first + i] = store->resolve(kAccount, names[i], SeriesKind::gauge)->id;
        block.defined.push_back({ids[first + i], SeriesKind::gauge, names[i]});
      }
      (void)store->append(kAccount, block, ++offset);
    }
  }
  /// A tick of all series, in bodies of 2,500 samples.
  std::size_t tick() {
    now += kStep;
    std::mt19937 random(static_cast<unsigned>(now / kStep));
    for (std::size_t first = 0; first < ids.size(); first += 2500) {
      SampleBlock block;
      for (std::size_t i = first; i < std::min(first + 2500, ids.size()); ++i)
        block.add(ids[i], {now}, static_cast<double>(i % 4 ? i % 1000 : random() % 10'000) / 100);
      (void)store->append(kAccount, block, ++offset);
    }
    return ids.size();
  }
  TemporaryDirectory directory;
  std::unique_ptr<SeriesStore> store;
  std::vector<SeriesId> ids;
  std::uint64_t offset = 0;
  std::int64_t now = kStart;
};

Loaded& loaded(std::size_t series) {
  static std::map<std::size_t, std::unique_ptr<Loaded>> all;
  auto& one = all[series];
  if (!one) one = std::make_unique<Loaded>(series);
  return *one;
}

void BM_NewSeries(benchmark::State& state) {
  const auto series = static_cast<std::size_t>(state.range(0));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < series; ++i) names.push_back(canonical(i));
  for (auto _ : state) {
    state.PauseTiming();
    TemporaryDirectory directory;
    auto store = *open_embedded_series_store({.directory = directory.path()});
    const std::size_t before = resident_bytes();
    state.ResumeTiming();
    std::uint64_t offset = 0;
    for (std::size_t first = 0; first < series; first += 1000) {
      SampleBlock block;
      for (std::size_t i = first; i < first + 1000; ++i) {
        const Resolved resolved = *store->resolve(kAccount, names[i], SeriesKind::gauge);
        block.defined.push_back({resolved.id, SeriesKind::gauge, names[i]});
        block.add(resolved.id, {kStart}, 1);
      }
      (void)store->append(kAccount, block, ++offset);
    }
    state.PauseTiming();
    for (std::int64_t tick = 1; tick < 6; ++tick) {
      SampleBlock block;
      for (std::size_t i = 0; i < series; ++i)
        block.add(SeriesId{i + 1}, {kStart + tick * kStep},
                  static_cast<double>(i % 1000 + static_cast<std::size_t>(tick)));
      (void)store->append(kAccount, block, ++offset);
    }
    state.counters["rss_per_series"] =
        static_cast<double>(resident_bytes() - before) / static_cast<double>(series);
    state.ResumeTiming();
    if (!store->flush()) state.SkipWithError("flush");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(series) * state.iterations());
}
BENCHMARK(BM_NewSeries)->Arg(1'000'000)->Iterations(1)->Unit(benchmark::kMillisecond);

void BM_ResolveHit(benchmark::State& state) {
  Loaded& all = loaded(static_cast<std::size_t>(state.range(0)));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 10'000; ++i) names.push_back(canonical(i * (all.ids.size() / 10'000)));
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(all.store->resolve(kAccount, names[i++ % names.size()], SeriesKind::gauge));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ResolveHit)->Arg(10'000)->Arg(1'000'000);

void BM_Append(benchmark::State& state) {
  Loaded& all = loaded(static_cast<std::size_t>(state.range(0)));
  std::int64_t samples = 0;
  for (auto _ : state) samples += static_cast<std::int64_t>(all.tick());
  state.SetItemsProcessed(samples);
  state.counters["head_bytes_per_sample"] =
      static_cast<double>(all.store->statistics().head_bytes) /
      static_cast<double>(std::max<std::uint64_t>(1, all.store->statistics().samples_in_head));
}
BENCHMARK(BM_Append)->Arg(10'000)->Iterations(700)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Append)->Arg(1'000'000)->Iterations(7)->Unit(benchmark::kMillisecond);

void BM_CountByName(benchmark::State& state) {
  Loaded& all = loaded(static_cast<std::size_t>(state.range(0)));
  all.tick();
  const Selector every{{{LabelMatcher::Op::regex, "__name__", ".+"}}};
  for (auto _ : state) {
    const auto groups = all.store->fold_instants(kAccount, every, {all.now}, 5min, {false, {"__name__"}},
                                                 {.max_series = SIZE_MAX});
    if (!groups || groups->size() != 100) state.SkipWithError("wrong answer");
  }
}
BENCHMARK(BM_CountByName)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void BM_LastValue(benchmark::State& state) {
  Loaded& all = loaded(static_cast<std::size_t>(state.range(0)));
  all.tick();
  const Selector one{{{LabelMatcher::Op::equal, "__name__", "node_metric_7_value"},
                      {LabelMatcher::Op::equal, "host", "host_42"}}};
  for (auto _ : state) {
    const auto found = all.store->instants(kAccount, one, {all.now}, 5min);
    if (!found || found->size() != 1) state.SkipWithError("wrong answer");
  }
}
BENCHMARK(BM_LastValue)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void BM_HourOfOneSeries(benchmark::State& state) {
  Loaded& all = loaded(10'000);
  while (all.now < kStart + 700 * kStep) all.tick();
  const Selector one{{{LabelMatcher::Op::equal, "__name__", "node_metric_7_value"},
                      {LabelMatcher::Op::equal, "host", "host_42"}}};
  const TimeRange range{{all.now - 3600'000'000'000}, {all.now}};
  for (auto _ : state) {
    const auto found = all.store->select(kAccount, one, range);
    if (!found || found->size() != 1) state.SkipWithError("wrong answer");
  }
}
BENCHMARK(BM_HourOfOneSeries)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace sentinella::series

BENCHMARK_MAIN();
