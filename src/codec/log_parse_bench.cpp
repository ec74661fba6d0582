// How fast a core turns a log's text into columns: lines found, records joined, times, ids, requests and
// templates read. Corpora are expanded from the real logs of testdata; bytes per CPU-second.
//   build/release/bin/log_parse_bench [--benchmark_filter=...]
#include <map>

#include <benchmark/benchmark.h>

#include "codec/log_capture.h"
#include "codec/log_corpus.h"
#include "codec/log_reader.h"
#include "codec/log_uuid.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kBytes = 32u << 20;
constexpr std::string_view kCompute = "compute1/nova/nova-compute.log";
constexpr std::string_view kNames[] = {kCompute,
                                       "nova/nova-api.log",
                                       "nova/nova-conductor.log",
                                       "keystone/keystone.log",
                                       "neutron/neutron-server.log",
                                       "glance/glance-api.log",
                                       "placement/placement-api.log",
                                       "placement/placement-uwsgi.log",
                                       "gnocchi/gnocchi-api.log",
                                       "rabbitmq/rabbitmq.log",
                                       "mariadb/error.log"};

const std::string& corpus(std::string_view name) {
  static const auto logs = read_capture(SENTINELLA_TESTDATA);
  static std::map<std::string, std::string, std::less<>> made;
  auto found = made.find(name);
  if (found == made.end()) {
    CorpusOptions options;
    options.bytes = kBytes;
    found = made.emplace(name, CorpusMaker(records_of(logs.find(name)->second), options).make()).first;
  }
  return found->second;
}

void parse(benchmark::State& state, std::string_view name) {
  const std::string& text = corpus(name);
  LogColumns columns;
  std::size_t records = 0;
  for (auto _ : state) {
    columns.clear();
    LogReader reader;
    const LogParser::Given given{};
    reader.finish(std::string_view(text).substr(reader.read(text, given, columns)), given, columns);
    records = columns.size();
    benchmark::DoNotOptimize(columns.template_id.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(records));
}

/// The parts by themselves, over the same text.
void split_lines(benchmark::State& state) {
  const std::string& text = corpus(kCompute);
  for (auto _ : state) {
    std::string_view rest = text;
    std::size_t lines = 0;
    while (!rest.empty()) lines += take_line(rest).size();
    benchmark::DoNotOptimize(lines);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}
BENCHMARK(split_lines);

void classify_lines(benchmark::State& state) {
  const std::string& text = corpus(kCompute);
  for (auto _ : state) {
    std::string_view rest = text;
    while (!rest.empty()) benchmark::DoNotOptimize(classify_line(take_line(rest)));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}
BENCHMARK(classify_lines);

void join_records(benchmark::State& state) {
  const std::string& text = corpus(kCompute);
  for (auto _ : state) {
    RecordJoiner joiner(1u << 20);
    const RecordJoiner::Sink sink = [](const JoinedRecord& record) {
      benchmark::DoNotOptimize(record.text.data());
    };
    std::string_view rest = text;
    std::uint64_t offset = 0;
    while (!rest.empty()) {
      const std::string_view line = take_line(rest);
      joiner.line(line, offset, offset + line.size() + 1, Time{0}, sink);
      offset += line.size() + 1;
    }
    joiner.flush(Time{1}, sink);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}
BENCHMARK(join_records);

void scan_fields(benchmark::State& state) {
  const std::string& text = corpus(kCompute);
  LogParser parser;
  for (auto _ : state) {
    std::string_view rest = text;
    while (!rest.empty()) benchmark::DoNotOptimize(parser.scan(take_line(rest), {}));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}
BENCHMARK(scan_fields);

void make_templates(benchmark::State& state) {
  const std::string& text = corpus(kCompute);
  LogTemplater templater;
  std::vector<TextSpan> holes;
  for (auto _ : state) {
    std::string_view rest = text;
    while (!rest.empty()) {
      holes.clear();
      benchmark::DoNotOptimize(templater.id(take_line(rest), 0, holes));
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}
BENCHMARK(make_templates);

void find_uuids(benchmark::State& state) {
  const std::string& text = corpus(kCompute);
  std::vector<Uuid> found;
  for (auto _ : state) {
    found.clear();
    std::string_view rest = text;
    while (!rest.empty()) scan_uuids(take_line(rest), found);
    benchmark::DoNotOptimize(found.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}
BENCHMARK(find_uuids);

}  // namespace
}  // namespace sentinella::codec

int main(int argc, char** argv) {
  for (const std::string_view name : sentinella::codec::kNames)
    benchmark::RegisterBenchmark(("parse/" + std::string(name)).c_str(), sentinella::codec::parse, name);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
