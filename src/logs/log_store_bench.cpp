// The store over an expanded capture: how small, how fast in, how fast found. Times, ids, addresses and
// numbers of each copy are fresh; ids of users and instances come from pools, those of requests are new every
// time.
//
// Run from the top of the repository. SENTINELLA_BENCH_MB (default 64) is the size of the corpus,
// SENTINELLA_BENCH_LOGS a folder of logs to expand instead of the capture beside src/codec.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>

#include <benchmark/benchmark.h>

#include "base/compress.h"
#include "base/file.h"
#include "base/temporary_directory.h"
#include "base/text.h"
#include "codec/log_framer.h"
#include "codec/log_parser.h"
#include "logs/block/block_encoder.h"
#include "logs/block/id_text.h"
#include "logs/embedded/embedded_log_store.h"
#include "logs/embedded/id_filter.h"
#include "logs/query/query_parser.h"

namespace sentinella::logs {
namespace {

constexpr AccountId kAccount{1};

struct Corpus {
  std::vector<LogRecord> records;
  std::size_t bytes = 0;
};

std::size_t wanted_bytes() {
  const char* megabytes = std::getenv("SENTINELLA_BENCH_MB");
  return (megabytes == nullptr ? 64 : std::strtoull(megabytes, nullptr, 10)) * 1'000'000;
}

Corpus read_capture() {
  const char* folder = std::getenv("SENTINELLA_BENCH_LOGS");
  const std::filesystem::path path = folder != nullptr ? folder : "src/codec/testdata/capture";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
    if (entry.path().extension() == ".log") files.push_back(entry.path());
  std::ranges::sort(files);
  Corpus corpus;
  for (const auto& file : files) {
    const std::string text = read_file(file).value();
    corpus.bytes += text.size();
    codec::LogFramer framer;
    const auto sink = [&](const codec::FramedRecord& framed) {
      LogRecord record;
      record.raw = framed.text;
      record.host = "controller";
      record.service = file.stem();
      record.source = file;
      codec::parse_log(record);
      corpus.records.push_back(std::move(record));
    };
    std::uint64_t offset = 0;
    for (const std::string_view line : split(text, '\n')) {
      framer.line(line, offset, offset + line.size() + 1, Time{0}, sink);
      offset += line.size() + 1;
    }
    framer.flush(Time{1}, sink);
  }
  return corpus;
}

/// Writes the texts of a capture anew, again and again.
class Expander {
 public:
  std::string fresh(const std::string& raw, int copy) {
    if (copy != copy_) requests_.clear();
    copy_ = copy;
    std::string out;
    for (std::size_t at = 0; at < raw.size();) {
      if (const std::size_t id = id_at(raw, at); id > 0) {
        out += new_id(raw.substr(at, id), at >= 4 && raw.compare(at - 4, 4, "req-") == 0);
        at += id;
      } else if (const std::size_t digits = digits_at(raw, at); digits > 0) {
        const bool vary =
            digits >= 3 && digits <= 7 && at > 30 && raw.find('\n') == raw.npos && random_() % 2 == 0;
        for (std::size_t i = 0; i < digits; ++i)
          out += vary ? static_cast<char>('0' + (i == 0 ? 1 + random_() % 9 : random_() % 10)) : raw[at + i];
        at += digits;
      } else {
        out += raw[at++];
      }
    }
    return out;
  }

 private:
  static std::size_t id_at(const std::string& raw, std::size_t at) {
    for (const std::size_t length : {kDashedId, kPlainId})
      if (parse_id(std::string_view(raw).substr(at, length))) return length;
    return 0;
  }
  static std::size_t digits_at(const std::string& raw, std::size_t at) {
    if (at > 0 && std::isalnum(static_cast<unsigned char>(raw[at - 1]))) return 0;
    std::size_t end = at;
    while (end < raw.size() && std::isdigit(static_cast<unsigned char>(raw[end]))) ++end;
    return end < raw.size() && std::isalpha(static_cast<unsigned char>(raw[end])) ? 0 : end - at;
  }
  std::string new_id(const std::string& id, bool request) {
    std::string& known = (request ? requests_ : pools_)[request ? id : id + std::to_string(random_() % 64)];
    if (!known.empty()) return known;
    known = id;
    for (char& c : known)
      if (c != '-') c = "0123456789abcdef"[random_() % 16];
    return known;
  }

  std::mt19937_64 random_{7};
  int copy_ = 0;
  std::map<std::string, std::string> requests_, pools_;
};

const Corpus& corpus() {
  static const Corpus expanded = [] {
    const Corpus capture = read_capture();
    Expander expander;
    Corpus all;
    for (int copy = 0; all.bytes < wanted_bytes(); ++copy) {
      for (const LogRecord& record : capture.records) {
        // The text is as of its own time; fresh times are made by moving all of a copy.
        LogRecord fresh = record;
        fresh.raw = expander.fresh(record.raw, copy);
        if (const std::size_t day = fresh.raw.find("2026-11-21 10:"); day != std::string::npos) {
          const std::string clock = fmt::format("2026-11-{:02} {:02}:", 1 + copy / 24 % 28, copy % 24);
          for (std::size_t at = day; at != std::string::npos; at = fresh.raw.find("2026-11-21 10:", at + 1))
            fresh.raw.replace(at, clock.size(), clock);
        }
        codec::parse_log(fresh);
        all.bytes += fresh.raw.size() + 1;
        all.records.push_back(std::move(fresh));
        if (all.bytes >= wanted_bytes()) break;
      }
    }
    return all;
  }();
  return expanded;
}

constexpr std::size_t kBatch = 500;

void fill(LogStore& store, bool parse) {
  const auto& records = corpus().records;
  std::uint64_t offset = 0;
  std::vector<LogRecord> batch;
  for (std::size_t at = 0; at < records.size(); at += kBatch) {
    const std::span<const LogRecord> part(&records[at], std::min(kBatch, records.size() - at));
    if (!parse) {
      (void)store.append(kAccount, part, ++offset);
      continue;
    }
    batch.assign(part.size(), {});
    for (std::size_t i = 0; i < part.size(); ++i) {
      batch[i].raw = part[i].raw;
      batch[i].host = part[i].host;
      batch[i].service = part[i].service;
      batch[i].source = part[i].source;
      codec::parse_log(batch[i]);
    }
    (void)store.append(kAccount, batch, ++offset);
  }
  (void)store.flush();
}

void parse_and_store(benchmark::State& state) {
  (void)corpus();
  for (auto _ : state) {
    const TemporaryDirectory directory;
    const auto store = open_embedded_log_store({.directory = directory.path(), .rest_level = 0});
    fill(**store, state.range(0) != 0);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(corpus().bytes) * state.iterations());
}
BENCHMARK(parse_and_store)
    ->ArgName("parse")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->MeasureProcessCPUTime();

/// Bytes of blocks at rest, without RocksDB's log of what was just written.
std::uint64_t packed_bytes(const std::vector<LogRecord>& records, int level, std::size_t block_bytes) {
  std::uint64_t bytes = 0;
  std::size_t at = 0;
  while (at < records.size()) {
    BlockEncoder encoder;
    for (std::size_t raw = 0; at < records.size() && raw < block_bytes; ++at) {
      raw += records[at].raw.size();
      encoder.add(view_of({1, static_cast<std::uint32_t>(at)}, records[at]));
    }
    const EncodedBlock block = encoder.finish();
    for (std::size_t i = 0; i < kSections; ++i)
      bytes += pack_section(block.sections[i], static_cast<Section>(i) == Section::ids ? 0 : level).size();
    bytes += IdFilter::of(block.sections[static_cast<std::size_t>(Section::ids)]).bytes().size();
  }
  return bytes;
}

void ratio(benchmark::State& state, const Corpus& what) {
  std::string text;
  for (const LogRecord& record : what.records) (text += record.raw) += '\n';
  for (auto _ : state) {
    state.counters["at_rest"] =
        static_cast<double>(text.size()) / static_cast<double>(packed_bytes(what.records, 19, 16u << 20));
    state.counters["fresh"] =
        static_cast<double>(text.size()) / static_cast<double>(packed_bytes(what.records, 3, 16u << 20));
    state.counters["zstd_19"] =
        static_cast<double>(text.size()) / static_cast<double>(zstd_compress(text, 19).size());
  }
}
void ratio_of_the_capture(benchmark::State& state) {
  ratio(state, read_capture());
}
BENCHMARK(ratio_of_the_capture)->Iterations(1)->Unit(benchmark::kMillisecond);
void ratio_of_the_corpus(benchmark::State& state) {
  ratio(state, corpus());
}
BENCHMARK(ratio_of_the_corpus)->Iterations(1)->Unit(benchmark::kMillisecond);

const LogStore& filled() {
  static const TemporaryDirectory directory;
  static const std::unique_ptr<LogStore> store = [] {
    auto made =
        *open_embedded_log_store({.directory = directory.path(), .cache_bytes = 1u << 30, .rest_level = 0});
    fill(*made, false);
    return made;
  }();
  return *store;
}

LogQuery asked(const std::string& text) {
  LogQuery query;
  query.expression = parse_query(text)->expression;
  return query;
}

/// Counts all that match: no early end.
void count_all(benchmark::State& state, const std::string& text) {
  const LogQuery query = asked(text);
  std::uint64_t found = 0;
  (void)filled().aggregate(kAccount, query, {});
  for (auto _ : state) {
    const auto counts = filled().aggregate(kAccount, query, {});
    found = counts->groups.empty() ? 0 : counts->groups.front().count;
  }
  state.counters["found"] = static_cast<double>(found);
  state.SetBytesProcessed(static_cast<std::int64_t>(corpus().bytes) * state.iterations());
}
BENCHMARK_CAPTURE(count_all, word, "spawn")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(count_all, phrase, "\"Lost connection\"")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(count_all, absent_word, "xylophone")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(count_all, number, "404")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(count_all, address, "127.0.0.1")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(count_all, service_and_severity, "service:nova-conductor severity>=error")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(count_all, regex, "/Lost [a-z]+/")->Unit(benchmark::kMillisecond);

void find_request(benchmark::State& state) {
  LogQuery query;
  query.request_id = "req-0b6c7d1e-55a1-4d0e-9c0f-2f60b3a4c1d2";
  if (state.range(0) != 0)
    for (const LogRecord& record : corpus().records)
      if (!record.request_id.empty()) query.request_id = record.request_id;
  std::size_t found = 0;
  for (auto _ : state) found = filled().search(kAccount, query)->records.size();
  state.counters["found"] = static_cast<double>(found);
}
BENCHMARK(find_request)->ArgName("present")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sentinella::logs

BENCHMARK_MAIN();
