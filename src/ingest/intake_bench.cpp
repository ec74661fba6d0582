// From a resolved batch to readable samples and chunks on disk: journal (synced), stores, no HTTP, no
// parsing. `cpu` is that of the whole process: the submitting thread, the journal's, the applying one and the
// sealer's.
#include <benchmark/benchmark.h>

#include <chrono>
#include <random>
#include <thread>

#include <sys/resource.h>

#include "base/temporary_directory.h"
#include "bus/embedded/segment_journal.h"
#include "codec/batch_codec.h"
#include "events/embedded/embedded_event_store.h"
#include "ingest/intake.h"
#include "logs/embedded/embedded_log_store.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::ingest {
namespace {

constexpr AccountId kAccount{1};
constexpr std::int64_t kStep = 10'000'000'000;

double process_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Stack {
  explicit Stack(const std::filesystem::path& root) {
    journal = *bus::open_segment_journal({.directory = root / "journal"});
    series = *series::open_embedded_series_store({.directory = root / "series"});
    logs = *logs::open_embedded_log_store({.directory = root / "logs"});
    events = *events::open_embedded_event_store({.directory = root / "events"});
    intake = *Intake::open(
        *journal, {*series, *logs, *events}, [](const Batch&, bus::Offset) {}, 0, root / "watermarks");
  }
  std::unique_ptr<bus::Journal> journal;
  std::unique_ptr<series::SeriesStore> series;
  std::unique_ptr<logs::LogStore> logs;
  std::unique_ptr<events::EventStore> events;
  std::unique_ptr<Intake> intake;
};

/// All series defined, by batches of their own.
std::vector<SeriesId> define(Stack& stack, std::size_t count) {
  std::vector<SeriesId> ids;
  for (std::size_t first = 0; first < count; first += 1000) {
    Batch batch;
    batch.account = kAccount;
    for (std::size_t i = first; i < first + 1000; ++i) {
      const std::string canonical = Labels({{"__name__", fmt::format("metric_{}", i % 100)},
                                            {"host", fmt::format("host_{}", i / 100)},
                                            {"role", "compute"}})
                                        .canonical();
      ids.push_back(stack.series->resolve(kAccount, canonical, SeriesKind::gauge)->id);
      batch.samples.defined.push_back({ids.back(), SeriesKind::gauge, canonical});
    }
    stack.intake->submit(std::move(batch), Until::durable, [](Result<bus::Offset>) {});
  }
  return ids;
}

/// Sends a tick of all series in batches of `rows`, holding back while the stores are behind.
void send_tick(Stack& stack, const std::vector<SeriesId>& ids, std::size_t rows, Time at,
               std::mt19937& random) {
  for (std::size_t first = 0; first < ids.size(); first += rows) {
    Batch batch;
    batch.account = kAccount;
    batch.received = at;
    batch.samples.reserve(rows);
    const auto noise = static_cast<std::uint32_t>(random());
    for (std::size_t i = first; i < std::min(first + rows, ids.size()); ++i)
      batch.samples.add(ids[i], at,
                        i % 4 ? static_cast<double>(i % 1000)
                              : static_cast<double>((noise ^ i * 2'654'435'761u) % 10'000) / 100);
    for (;;) {
      const auto counts = stack.intake->statistics();
      if (counts.last_offset - counts.applied_offset < 200) {
        stack.intake->submit(std::move(batch), Until::durable, [](Result<bus::Offset>) {});
        break;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
}

void BM_Intake(benchmark::State& state) {
  const auto series = static_cast<std::size_t>(state.range(0)),
             rows = static_cast<std::size_t>(state.range(1));
  const auto ticks = static_cast<std::int64_t>(state.range(2));
  TemporaryDirectory directory;
  Stack stack(directory.path());
  const std::vector<SeriesId> ids = define(stack, series);
  std::mt19937 random(1);
  Time at{1'772'000'000'000'000'000};
  double cpu = 0;
  for (auto _ : state) {
    const double before = process_cpu_seconds();
    for (std::int64_t tick = 0; tick < ticks; ++tick)
      send_tick(stack, ids, rows, at = at + Duration(kStep), random);
    while (stack.intake->statistics().samples < series * static_cast<std::size_t>(ticks))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const auto start = std::chrono::steady_clock::now();
    if (!stack.intake->checkpoint(stack.intake->statistics().applied_offset))
      state.SkipWithError("checkpoint");
    state.counters["checkpoint_s"] =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    cpu += process_cpu_seconds() - before;
  }
  const double samples =
      static_cast<double>(series) * static_cast<double>(ticks) * static_cast<double>(state.iterations());
  state.counters["samples_per_cpu_s"] = samples / cpu;
  state.counters["journal_bytes_per_sample"] = static_cast<double>(stack.journal->size_bytes()) / samples;
  state.counters["disk_bytes_per_sample"] =
      static_cast<double>(stack.series->statistics().bytes_on_disk) / samples;
}
BENCHMARK(BM_Intake)
    ->Args({10'000, 2500, 720})
    ->Args({10'000, 100, 100})
    ->Args({1'000'000, 2500, 7})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// A start after kill -9 with ten million samples that only the journal has.
void BM_StartAfterACrash(benchmark::State& state) {
  TemporaryDirectory directory;
  {
    auto journal = *bus::open_segment_journal({.directory = directory.path() / "journal"});
    std::mt19937 random(1);
    for (std::int64_t tick = 0; tick < 1000; ++tick) {
      Batch batch;
      batch.account = kAccount;
      for (std::uint64_t i = 1; i <= 10'000; ++i) {
        if (tick == 0) {
          const std::string canonical =
              Labels({{"__name__", "metric"}, {"host", std::to_string(i)}}).canonical();
          batch.samples.defined.push_back({SeriesId{i}, SeriesKind::gauge, canonical});
        }
        batch.samples.add(SeriesId{i}, {tick * kStep}, static_cast<double>(random() % 1000));
      }
      journal->append(*codec::encode_batch(batch), [](Result<bus::Offset>) {});
    }
    while (journal->last() < 1000) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (auto _ : state) {
    Stack stack(directory.path());
    if (stack.intake->statistics().applied_offset != 1000) state.SkipWithError("not replayed");
  }
}
BENCHMARK(BM_StartAfterACrash)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sentinella::ingest

BENCHMARK_MAIN();
