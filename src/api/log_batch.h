// Records of a log door on their way into the journal: parsed, lines of one file joined to records, handed in
// as batches of a bounded size.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/context.h"
#include "api/log_doors.h"
#include "base/time.h"
#include "codec/record_joiner.h"
#include "ingest/intake.h"
#include "model/batch.h"

namespace sentinella::api {

/// For one request, or what was read at once. Not thread-safe.
class LogBatch {
 public:
  using Done = std::move_only_function<void(Result<void>)>;
  static constexpr std::size_t kMaxRecord = 32u << 20;

  struct Options {
    AccountId account{};
    LogDoor door{};
    Duration zone{0};             ///< of times without one
    std::optional<BatchId> id{};  ///< then it is one batch, whatever its size
  };
  LogBatch(Context& server, Options options);
  ~LogBatch();
  LogBatch(LogBatch&&) noexcept;

  /// A record by itself: time, host, service, source, severity, raw. A time without a zone in the text gives
  /// way to `record.time` when the two differ by quarters of an hour exactly: then the sender knew the zone.
  void add(LogRecord record);
  /// A line that may go on in the next one added of the same file (host, service and source; a source is
  /// needed): a traceback whose lines were sent one by one becomes one record.
  void add_line(LogRecord line);
  /// A record whose every field is known already.
  void add_parsed(LogRecord record);
  /// `count` things were no records.
  void refuse(std::size_t count, std::string_view reason);

  /// What was added, lines one by one.
  std::size_t records() const { return added_; }
  std::size_t refused() const { return refused_; }
  /// The first few, each with how many it concerned.
  const std::vector<std::string>& reasons() const { return reasons_; }
  bool empty() const { return added_ == 0; }

  /// Counts, and calls `done` when all of it is durable, or with what kept some of it out.
  void submit(Done done) &&;

 private:
  struct OpenFile;
  void parse(LogRecord record);
  void keep(LogRecord record);
  void close_files();

  Context& server_;
  Options options_;
  Time received_;
  std::vector<Batch> parts_;
  std::size_t part_bytes_ = 0, bytes_ = 0, refused_ = 0;
  std::size_t added_ = 0, records_ = 0;  ///< lines that are joined are one record
  std::vector<std::string> reasons_;
  std::set<std::string, std::less<>> hosts_;
  std::map<std::string, std::unique_ptr<OpenFile>> files_;  ///< with lines that may go on
};

}  // namespace sentinella::api
