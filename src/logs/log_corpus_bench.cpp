// The log engine over a large corpus, a step at a time, for bench/logs.py. Each step is a process of its own,
// so that its processor time and memory are its own; what it measured is printed as one JSON object.
//
//   log_corpus_bench make DIRECTORY BYTES   expands the capture of src/codec/testdata to log files
//   log_corpus_bench parse DIRECTORY        joins and parses them to columns
//   log_corpus_bench store DIRECTORY STORE  the same into a store, as fast as it goes
//   log_corpus_bench rest STORE             compresses the store's blocks hard
//   log_corpus_bench pack DIRECTORY         how small any logs become, as blocks at rest
//   log_corpus_bench trace STORE            looks for a request, warm and cold, with a cache like the
//   server's log_corpus_bench ask STORE              that and searches of other kinds, with all blocks in
//   memory
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "codec/log_capture.h"
#include "codec/log_corpus.h"
#include "codec/log_reader.h"
#include "logs/backtrace.h"
#include "logs/block/block_encoder.h"
#include "logs/embedded/embedded_log_store.h"
#include "logs/embedded/id_filter.h"
#include "logs/query/query_parser.h"

namespace sentinella::logs {
namespace {

constexpr AccountId kAccount{1};
/// What a shipper or an import hands over at a time.
constexpr std::size_t kChunk = 256u << 10;

/// The share of each log in a corpus, in percent: a cloud's APIs and computes talk most.
constexpr std::pair<std::string_view, unsigned> kShares[] = {
    {"compute1/nova/nova-compute.log", 25}, {"nova/nova-api.log", 20},    {"nova/nova-conductor.log", 10},
    {"neutron/neutron-server.log", 20},     {"keystone/keystone.log", 5}, {"glance/glance-api.log", 5},
    {"placement/placement-api.log", 10},    {"rabbitmq/rabbitmq.log", 3}, {"mariadb/error.log", 2}};

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}
std::int64_t peak_megabytes() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss / 1024;
}

template <typename T>
T need(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "log_corpus_bench: %s\n", describe(result.error()).c_str());
  std::exit(1);
}
void need(Result<void> result) {
  if (result) return;
  std::fprintf(stderr, "log_corpus_bench: %s\n", describe(result.error()).c_str());
  std::exit(1);
}

int make(const std::filesystem::path& directory, std::size_t bytes) {
  std::filesystem::create_directories(directory);
  const auto capture = codec::read_capture("src/codec/testdata");
  for (const auto& [name, share] : kShares) {
    codec::CorpusOptions options;
    const std::size_t wanted = bytes / 100 * share;
    options.bytes = std::min<std::size_t>(wanted, 64u << 20);
    options.seed = share;
    // A service of each kind fills its file in about a day.
    options.step_us = std::max<std::int64_t>(
        2, std::int64_t{172'800'000'000} / static_cast<std::int64_t>(wanted / 200 + 1));
    codec::CorpusMaker maker(codec::records_of(capture.find(name)->second), options);
    std::string file(name);
    std::ranges::replace(file, '/', '_');
    std::ofstream out(directory / file, std::ios::binary);
    for (std::size_t done = 0; done < wanted;) {
      const std::string text = maker.make();
      out << text;
      done += text.size();
    }
  }
  return 0;
}

/// Gives every file's text in turn, a chunk of one after a chunk of another, as services write at one time.
template <typename Take>
std::size_t read_files(const std::filesystem::path& directory, Take&& take) {
  struct File {
    std::string service;
    std::ifstream in;
    std::string text;
    codec::LogReader reader;
    bool ended = false;
  };
  std::vector<std::unique_ptr<File>> files;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  for (const auto& path : paths) {
    files.push_back(std::make_unique<File>());
    const std::string stem = path.stem();
    files.back()->service = stem.substr(stem.rfind('_') + 1);
    files.back()->in.open(path, std::ios::binary);
  }
  std::size_t bytes = 0;
  codec::LogColumns columns;
  for (bool more = true; more;) {
    more = false;
    for (const auto& file : files) {
      if (file->ended) continue;
      const std::size_t had = file->text.size();
      file->text.resize_and_overwrite(had + kChunk, [&](char* text, std::size_t) {
        file->in.read(text + had, kChunk);
        return had + static_cast<std::size_t>(file->in.gcount());
      });
      bytes += file->text.size() - had;
      file->ended = file->text.size() == had;
      columns.clear();
      codec::LogParser::Given given{};
      given.origin = columns.origin_index({"controller", file->service, file->service + ".log"});
      if (file->ended) {
        file->reader.finish(file->text, given, columns);
      } else {
        file->text.erase(0, file->reader.read(file->text, given, columns));
        more = true;
      }
      take(columns);
    }
  }
  return bytes;
}

void tell(JsonWriter& json) {
  json.field("cpu_seconds", processor_seconds()).field("peak_mb", peak_megabytes()).end();
  std::printf("%s\n", json.take().c_str());
}

int parse(const std::filesystem::path& directory) {
  std::uint64_t records = 0, errors = 0, unparsed = 0;
  const std::size_t bytes = read_files(directory, [&](const codec::LogColumns& columns) {
    records += columns.size();
    errors += static_cast<std::uint64_t>(std::ranges::count(columns.severity, Severity::error));
    unparsed += static_cast<std::uint64_t>(std::ranges::count(columns.format, codec::LogFormat::plain));
  });
  JsonWriter json;
  json.object()
      .field("bytes", bytes)
      .field("records", records)
      .field("errors", errors)
      .field("unparsed", unparsed);
  tell(json);
  return 0;
}

int store(const std::filesystem::path& directory, const std::filesystem::path& to) {
  const auto store = need(open_embedded_log_store({.directory = to, .rest_level = 0}));
  std::uint64_t offset = 0;
  const std::size_t bytes = read_files(
      directory, [&](const codec::LogColumns& columns) { need(store->append(kAccount, columns, ++offset)); });
  need(store->flush());
  JsonWriter json;
  json.object().field("bytes", bytes).field("records", store->statistics().records);
  tell(json);
  return 0;
}

std::uint64_t bytes_of_blocks(const LogStore& store) {
  std::uint64_t bytes = 0;
  for (const LogUsage& used : store.usage(kAccount)) bytes += used.bytes;
  return bytes;
}

/// Until the blocks have not changed for a while: the store compresses behind its door.
int rest(const std::filesystem::path& path) {
  const auto store = need(open_embedded_log_store({.directory = path}));
  const std::uint64_t before = bytes_of_blocks(*store);
  std::uint64_t now = before;
  for (int quiet = 0; quiet < 10;) {
    std::this_thread::sleep_for(std::chrono::seconds(2));
    const std::uint64_t next = bytes_of_blocks(*store);
    quiet = next == now ? quiet + 1 : 0;
    now = next;
  }
  std::uint64_t raw = 0;
  for (const LogUsage& used : store->usage(kAccount)) raw += used.raw_bytes;
  JsonWriter json;
  json.object().field("raw_bytes", raw).field("fresh_bytes", before).field("rest_bytes", now);
  tell(json);
  return 0;
}

struct Question {
  std::string_view name, text;
  bool page = false;  ///< the newest 100 instead of a count
};

std::unique_ptr<LogStore> open_to_ask(const std::filesystem::path& path, std::size_t cache_bytes) {
  return need(open_embedded_log_store({.directory = path, .cache_bytes = cache_bytes, .rest_level = 0}));
}

/// Asks six times; `answer` tells how much it found.
template <typename Answer>
void time_question(JsonWriter& json, std::string_view name, Answer&& answer) {
  std::uint64_t found = 0;
  double first = 0, best = 1e9;
  for (int run = 0; run < 6; ++run) {
    const double begin = processor_seconds();
    found = answer();
    const double took = processor_seconds() - begin;
    (run == 0 ? first : best) = run == 0 ? took : std::min(best, took);
  }
  json.object().field("name", name).field("found", found);
  json.field("cold_ms", first * 1e3).field("warm_ms", best * 1e3).end();
}

/// A request somewhere in the middle of what is stored.
std::string some_request(const LogStore& store, Time oldest, Time newest) {
  LogQuery query;
  query.expression = need(parse_query("component:nova.osapi_compute.wsgi.server")).expression;
  query.range.until = oldest + (newest - oldest) / 2;
  for (const auto& found : need(store.search(kAccount, query)).records)
    if (!found.record.request_id.empty()) return found.record.request_id;
  return {};
}

/// With a cache as small as the server's, of which nothing is filled at first.
void ask_for_ids(JsonWriter& json, const std::filesystem::path& path, Time oldest, Time newest) {
  const std::string request = some_request(*open_to_ask(path, 96u << 20), oldest, newest);
  auto store = open_to_ask(path, 96u << 20);
  LogQuery query;
  query.expression = need(parse_query("request_id:" + request)).expression;
  time_question(json, "a request id", [&] { return need(store->search(kAccount, query)).records.size(); });
  store.reset();
  store = open_to_ask(path, 96u << 20);
  time_question(json, "the story of a request", [&] {
    return need(backtrace(*store, kAccount, {.request_id = request}, {{0}, {INT64_MAX}})).steps.size();
  });
}

int trace(const std::filesystem::path& path) {
  const Statistics statistics = open_to_ask(path, 0)->statistics();
  const auto newest = need(open_to_ask(path, 0)->search(kAccount, {.limit = 1})).records.at(0).record.time;
  JsonWriter json;
  json.object().field("records", statistics.records).key("questions").array();
  ask_for_ids(json, path, statistics.oldest.value_or(newest), newest);
  json.end();
  tell(json);
  return 0;
}

int ask(const std::filesystem::path& path) {
  auto store = open_to_ask(path, 12ull << 30);
  const Statistics statistics = store->statistics();
  const auto newest = need(store->search(kAccount, {.limit = 1})).records.at(0).record.time;
  store.reset();
  JsonWriter json;
  json.object()
      .field("raw_bytes", statistics.raw_bytes)
      .field("records", statistics.records)
      .key("questions")
      .array();
  ask_for_ids(json, path, statistics.oldest.value_or(newest), newest);
  const Question questions[] = {{"a word", "spawn"},
                                {"a phrase", "\"Lost connection\""},
                                {"an absent word", "xylophone"},
                                {"a bare number", "404"},
                                {"a phrase with numbers, many hits", "\"HTTP/1.1\\\" status: 200\""},
                                {"a regular expression", "/Lost [a-z]+/"},
                                {"status over 499", "status>=500"},
                                {"service, severity, hour", "service:nova-conductor severity>=error", true},
                                {"the newest 100 of many hits", "\"HTTP/1.1\\\" status: 200\"", true}};
  store = open_to_ask(path, 12ull << 30);
  for (const Question& question : questions) {
    LogQuery query;
    query.expression = need(parse_query(question.text)).expression;
    if (question.name == "service, severity, hour") {
      const auto last = need(store->search(kAccount, query)).records;
      const Time until = last.empty() ? newest : last.front().record.time + Duration(1);
      query.range = {until - std::chrono::hours(1), until};
    }
    time_question(json, question.name, [&]() -> std::uint64_t {
      if (question.page) return need(store->search(kAccount, query)).records.size();
      const LogCounts counts = need(store->aggregate(kAccount, query, {}));
      return counts.groups.empty() ? 0 : counts.groups[0].count;
    });
  }
  json.end();
  tell(json);
  return 0;
}

/// What a block takes at rest, with its filter of ids.
std::size_t rest_bytes(const EncodedBlock& block) {
  constexpr int kRestLevel = 19;
  std::size_t bytes =
      IdFilter::of(block.sections[static_cast<std::size_t>(Section::ids)] + block.hidden_ids).bytes().size();
  for (std::size_t i = 0; i < kSections; ++i)
    bytes += pack_section(block.sections[i], static_cast<Section>(i) == Section::ids ? 0 : kRestLevel).size();
  return bytes;
}

int pack(const std::filesystem::path& directory) {
  constexpr std::size_t kBlockBytes = 16u << 20;
  std::optional<BlockEncoder> encoder;
  std::size_t in_block = 0, packed = 0;
  std::uint64_t offset = 0, records = 0, unparsed = 0;
  const auto end_block = [&] {
    if (encoder) packed += rest_bytes(encoder->finish());
    encoder.reset();
    in_block = 0;
  };
  const std::size_t bytes = read_files(directory, [&](const codec::LogColumns& columns) {
    ++offset;
    unparsed += static_cast<std::uint64_t>(std::ranges::count(columns.format, codec::LogFormat::plain));
    for (std::size_t row = 0; row < columns.size(); ++row, ++records) {
      if (!encoder) encoder.emplace();
      encoder->add(view_of({offset, static_cast<std::uint32_t>(row)}, columns, row));
      in_block += columns.raw[row].length;
      if (in_block >= kBlockBytes) end_block();
    }
  });
  end_block();
  JsonWriter json;
  json.object()
      .field("bytes", bytes)
      .field("packed", packed)
      .field("records", records)
      .field("unparsed", unparsed);
  tell(json);
  return 0;
}

int run(int argc, char** argv) {
  const std::string_view step = argc > 2 ? argv[1] : "";
  if (step == "make" && argc == 4) return make(argv[2], parse_uint(argv[3]).value_or(0));
  if (step == "parse" && argc == 3) return parse(argv[2]);
  if (step == "store" && argc == 4) return store(argv[2], argv[3]);
  if (step == "rest" && argc == 3) return rest(argv[2]);
  if (step == "pack" && argc == 3) return pack(argv[2]);
  if (step == "trace" && argc == 3) return trace(argv[2]);
  if (step == "ask" && argc == 3) return ask(argv[2]);
  std::fprintf(stderr,
               "log_corpus_bench make DIRECTORY BYTES | parse DIRECTORY | store DIRECTORY STORE | rest STORE "
               "| pack DIRECTORY | trace STORE | ask STORE\n");
  return 2;
}

}  // namespace
}  // namespace sentinella::logs

int main(int argc, char** argv) {
  return sentinella::logs::run(argc, argv);
}
