// Notifications per second of one core, from bytes to records of the store: the recorded cloud over and over,
// every message with an id of its own, spread over as many tenants as told.
#include <fstream>

#include <benchmark/benchmark.h>

#include "base/text.h"
#include "telemetry/processor.h"
#include "telemetry/store_records.h"

namespace sentinella::telemetry {
namespace {

std::vector<std::string> recorded() {
  std::ifstream file("src/telemetry/testdata/notifications.jsonl");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// Replaces every `from` by as many bytes of `to`.
void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + from.size()))
    text.replace(at, from.size(), to);
}

void notifications(benchmark::State& state) {
  constexpr std::string_view kId = R"(\"message_id\": \")", kProject = "4493d9e0bdb34da6ae05c69cd5d97889";
  auto processor = *Processor::make({});
  std::vector<std::string> bodies = recorded();
  std::int64_t tenant = 0;
  for (std::string& body : bodies)
    replace_all(body, kProject, fmt::format("{:032x}", tenant++ % state.range(0)));
  std::uint64_t number = 0;
  std::size_t bytes = 0, records = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<std::string> fresh = bodies;
    for (std::string& body : fresh)
      if (const std::size_t at = body.find(kId); at != std::string::npos)
        body.replace(at + kId.size(), 16, fmt::format("{:016x}", ++number));
    state.ResumeTiming();
    for (const std::string& body : fresh) {
      if (!processor.take(body, {static_cast<std::int64_t>(number)})) state.SkipWithError("refused");
      bytes += body.size();
    }
    for (const Outgoing& outgoing : processor.take_outgoing()) {
      records += outgoing.events.size();
      for (const MeterSample& sample : outgoing.samples) {
        benchmark::DoNotOptimize(series_of(sample));
        ++records;
      }
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(number));
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["records"] = static_cast<double>(records) / static_cast<double>(state.iterations());
  state.counters["duplicates"] = static_cast<double>(processor.counts().duplicates);
}
BENCHMARK(notifications)->Arg(1)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sentinella::telemetry

BENCHMARK_MAIN();
