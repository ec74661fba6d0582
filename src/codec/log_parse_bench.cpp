// How fast a core turns a log's text into columns: lines found, records joined, times, ids, requests and
// templates read. Corpora are expanded from the real logs of testdata/capture; bytes per CPU-second.
//   build/release/bin/log_parse_bench [--benchmark_filter=...]
#include <filesystem>
#include <map>

#include <benchmark/benchmark.h>

#include "base/file.h"
#include "codec/log_corpus.h"
#include "codec/log_reader.h"
#include "codec/log_uuid.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kBytes = 32u << 20;
constexpr std::string_view kNames[] = {"nova-api",      "nova-compute",   "nova-conductor",
                                       "placement-api", "keystone",       "neutron-server",
                                       "rabbitmq",      "keystone-uwsgi", "gnocchi-api"};

const std::string& corpus(std::string_view name) {
  static std::map<std::string, std::string, std::less<>> made;
  auto found = made.find(name);
  if (found == made.end()) {
    const std::filesystem::path file =
        std::filesystem::path(SENTINELLA_TESTDATA) / "capture" / (std::string(name) + ".log");
    const auto text = read_file(file);
    CorpusOptions options;
    options.bytes = kBytes;
    found = made.emplace(name, text ? CorpusMaker(records_of(*text), options).make() : std::string()).first;
  }
  return found->second;
}

void parse(benchmark::State& state, std::string_view name) {
  const std::string& text = corpus(name);
  if (text.empty()) return state.SkipWithError("no such log in testdata/capture");
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
  const std::string& text = corpus("nova-compute");
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
  const std::string& text = corpus("nova-compute");
  for (auto _ : state) {
    std::string_view rest = text;
    while (!rest.empty()) benchmark::DoNotOptimize(classify_line(take_line(rest)));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}
BENCHMARK(classify_lines);

void join_records(benchmark::State& state) {
  const std::string& text = corpus("nova-compute");
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
  const std::string& text = corpus("nova-compute");
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
  const std::string& text = corpus("nova-compute");
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
  const std::string& text = corpus("nova-compute");
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
