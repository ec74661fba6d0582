// How fast a core parses log text (bytes per second) and decodes metrics (items = samples per second).
#include <benchmark/benchmark.h>

#include "codec/log_framer.h"
#include "codec/log_parser.h"
#include "codec/log_template.h"
#include "codec/otlp.h"

namespace sentinella::codec {
namespace {

constexpr std::string_view kLine =
    "2026-03-02 10:11:12.345 2712 INFO nova.compute.claims [None req-0b6c7d1e-55a1-4d0e-9c0f-2f60b3a4c1d2 "
    "9f1c0e4493d9e0bdb34da6ae05c69cd5 5b7d4a4493d9e0bdb34da6ae05c69cd5 - - default default] [instance: "
    "3f0c2a7e-1111-4222-8333-944455556666] Claim successful on node cmp-17";

void count_bytes(benchmark::State& state, std::size_t each) {
  state.SetBytesProcessed(static_cast<std::int64_t>(static_cast<std::size_t>(state.iterations()) * each));
}

void parse_oslo_line(benchmark::State& state) {
  for (auto _ : state) {
    LogRecord record;
    record.raw = kLine;
    parse_log(record);
    benchmark::DoNotOptimize(record.template_id);
  }
  count_bytes(state, kLine.size());
}
BENCHMARK(parse_oslo_line);

void frame_lines(benchmark::State& state) {
  LogFramer framer;
  std::uint64_t offset = 0;
  const LogFramer::Sink sink = [](const FramedRecord& record) {
    benchmark::DoNotOptimize(record.text.data());
  };
  for (auto _ : state) {
    framer.line(kLine, offset, offset + kLine.size() + 1, Time{0}, sink);
    offset += kLine.size() + 1;
  }
  count_bytes(state, kLine.size());
}
BENCHMARK(frame_lines);

void template_id(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(log_template_id(kLine));
  count_bytes(state, kLine.size());
}
BENCHMARK(template_id);

void decode_metrics(benchmark::State& state) {
  Batch batch;
  for (int i = 0; i < 1'000; ++i) {
    SeriesSamples series;
    series.labels = Labels({{std::string(kMetricName), "host_network_receive_bytes_total"},
                            {"host", "compute1"},
                            {"interface", "tap" + std::to_string(i)}});
    series.samples.push_back({Time{1'700'000'000'000'000'000 + i}, static_cast<double>(i)});
    batch.series.push_back(std::move(series));
  }
  const std::string bytes = encode_otlp_metrics(batch);
  for (auto _ : state) {
    Batch got;
    benchmark::DoNotOptimize(decode_otlp_metrics(bytes, got));
  }
  state.SetItemsProcessed(state.iterations() * 1'000);
}
BENCHMARK(decode_metrics);

}  // namespace
}  // namespace sentinella::codec

BENCHMARK_MAIN();
