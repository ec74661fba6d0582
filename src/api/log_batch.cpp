#include "api/log_batch.h"

#include <atomic>

#include "base/log.h"
#include "base/mutex.h"
#include "codec/log_parser.h"

namespace sentinella::api {
namespace {

constexpr std::size_t kMaxPart = 4u << 20;    ///< of text in one batch
constexpr std::size_t kMaxSourceName = 1024;  ///< of a host, service or source
constexpr std::size_t kMaxReasons = 10;
constexpr std::size_t kMaxOpenFiles = 256;

/// The answer to several batches: good when all are.
struct Outcome {
  Mutex mutex;
  std::size_t left SENT_GUARDED_BY(mutex) = 0;
  std::optional<Error> failed SENT_GUARDED_BY(mutex);
  LogBatch::Done done;
  std::function<void()> count;
};

void settle(const std::shared_ptr<Outcome>& outcome, const Result<bus::Offset>& kept) {
  std::optional<Error> failed;
  {
    Lock lock(outcome->mutex);
    if (!kept) outcome->failed = kept.error();
    if (--outcome->left > 0) return;
    failed = std::move(outcome->failed);
  }
  if (failed) return outcome->done(std::unexpected(*std::move(failed)));
  outcome->count();
  outcome->done({});
}

void shorten(std::string& name) {
  if (name.size() > kMaxSourceName) name.resize(kMaxSourceName);
}

}  // namespace

std::string_view to_string(LogDoor door) {
  constexpr std::string_view kNames[] = {"syslog_udp", "syslog_tcp", "syslog_tls",    "forward",
                                         "lumberjack", "loki",       "elasticsearch", "lines"};
  return kNames[static_cast<std::size_t>(door)];
}

struct LogBatch::OpenFile {
  codec::RecordJoiner joiner{kMaxRecord};
  std::vector<LogRecord> heads;  ///< of each line, without its text; by its offset
};

LogBatch::LogBatch(Context& server, Options options)
    : server_(server), options_(std::move(options)), received_(server.clock.now()) {}
LogBatch::~LogBatch() = default;
LogBatch::LogBatch(LogBatch&&) noexcept = default;

void LogBatch::add(LogRecord record) {
  if (record.raw.empty()) return refuse(1, "a record without a text");
  ++added_;
  parse(std::move(record));
}

void LogBatch::add_parsed(LogRecord record) {
  ++added_;
  keep(std::move(record));
}

void LogBatch::parse(LogRecord record) {
  if (record.raw.size() > kMaxRecord) {
    record.raw.resize(kMaxRecord);
    record.flags |= LogRecord::kTruncated;
    ++server_.log_doors->of(options_.door).cut;
  }
  shorten(record.host);
  shorten(record.service);
  shorten(record.source);
  if (record.time.ns <= 0) record.time = received_;
  const Time said = record.time;
  codec::parse_log(record, options_.zone);
  constexpr std::int64_t kQuarter = 15 * 60 * 1'000'000'000ll;
  if ((record.flags & LogRecord::kTimeAssumed) != 0 && (record.time - said).count() % kQuarter == 0)
    record.time = said;
  keep(std::move(record));
}

void LogBatch::keep(LogRecord record) {
  const bool full = part_bytes_ + record.raw.size() > kMaxPart && !options_.id;
  if (parts_.empty() || full) {
    Batch& part = parts_.emplace_back();
    part.account = options_.account;
    part.received = received_;
    part.id = options_.id;
    part_bytes_ = 0;
  }
  part_bytes_ += record.raw.size();
  bytes_ += record.raw.size();
  ++records_;
  if (!record.host.empty() && !hosts_.contains(record.host)) hosts_.insert(record.host);
  parts_.back().logs.push_back(std::move(record));
}

void LogBatch::add_line(LogRecord line) {
  const bool whole = line.source.empty() || line.raw.find('\n') != std::string::npos;
  if (whole || line.raw.empty()) return add(std::move(line));
  std::string key = line.host + '\0' + line.service + '\0' + line.source;
  if (files_.size() >= kMaxOpenFiles && !files_.contains(key)) close_files();
  ++added_;
  auto& file = files_[std::move(key)];
  if (!file) file = std::make_unique<OpenFile>();
  const std::uint64_t offset = file->heads.size();
  std::string text = std::exchange(line.raw, {});
  file->heads.push_back(std::move(line));
  OpenFile& open = *file;
  open.joiner.line(text, offset, offset + 1, Time{0}, [&](const codec::JoinedRecord& joined) {
    LogRecord record = std::move(open.heads[joined.begin_offset]);
    record.raw = joined.text;
    if (joined.truncated) record.flags |= LogRecord::kTruncated;
    parse(std::move(record));
  });
}

void LogBatch::close_files() {
  for (auto& [key, file] : files_) {
    OpenFile& open = *file;
    open.joiner.flush(Time{1}, [&](const codec::JoinedRecord& joined) {
      LogRecord record = std::move(open.heads[joined.begin_offset]);
      record.raw = joined.text;
      if (joined.truncated) record.flags |= LogRecord::kTruncated;
      parse(std::move(record));
    });
  }
  files_.clear();
}

void LogBatch::refuse(std::size_t count, std::string_view reason) {
  refused_ += count;
  if (reasons_.size() < kMaxReasons) reasons_.push_back(fmt::format("{}: {}", count, reason));
}

void LogBatch::submit(Done done) && {
  close_files();
  LogDoorCounts& counts = server_.log_doors->of(options_.door);
  auto outcome = std::make_shared<Outcome>();
  outcome->done = std::move(done);
  outcome->count = [&counts, records = records_, bytes = bytes_, refused = refused_] {
    counts.records += records;
    counts.bytes += bytes;
    counts.refused += refused;
  };
  if (parts_.empty()) {
    outcome->count();
    return outcome->done({});
  }
  {
    Lock lock(outcome->mutex);
    outcome->left = parts_.size();
  }
  const auto submit_all = [intake = &server_.intake, outcome](std::vector<Batch> parts) {
    for (Batch& part : parts)
      intake->submit(std::move(part), ingest::Until::durable,
                     [outcome](const Result<bus::Offset>& kept) { settle(outcome, kept); });
  };
  server_.hosts.introduce(
      options_.account, {hosts_.begin(), hosts_.end()}, received_,
      [submit_all, parts = std::move(parts_)]() mutable { submit_all(std::move(parts)); });
}

}  // namespace sentinella::api
