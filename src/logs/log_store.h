// Where log records live, and how they are found again.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "logs/query/expression.h"
#include "model/account.h"
#include "model/log_record.h"

namespace sentinella::logs {

/// All given conditions must hold.
struct LogQuery {
  TimeRange range{{0}, {INT64_MAX}};
  std::vector<std::string> words{};  ///< case-insensitive substrings of the raw text
  std::string host{}, service{}, component{}, request_id{}, instance{},
      source{};  ///< equal; "" = any; request_id: local or global
  Severity min_severity = Severity::unspecified;
  std::uint64_t template_id = 0;                   ///< 0 = any
  std::shared_ptr<const Expression> expression{};  ///< of query/query_parser.h; none = any
  bool newest_first = true;
  std::size_t limit = 100;                       ///< at most 10,000
  std::string cursor{};                          ///< from the previous page; "" = the first
  const std::atomic<bool>* cancelled = nullptr;  ///< set by whoever no longer wants the answer: kUnavailable
};

struct StoredRecord {
  RecordId id;
  LogRecord record;
};

struct LogPage {
  std::vector<StoredRecord> records;
  std::string next_cursor;       ///< "" = no more
  std::uint32_t unreadable = 0;  ///< damaged blocks that were passed over; our log names them
};

/// What to count records by.
struct Aggregation {
  std::optional<QueryField> by{};  ///< none: all together
  Duration step{0};                ///< the width of time buckets, aligned to the epoch; 0 = none
};

/// Records with the same value in the same bucket.
struct LogGroup {
  std::string value;
  Time bucket;  ///< its beginning; 0 when there are no buckets
  std::uint64_t count = 0;
  Time first, last;
  RecordId example;  ///< the earliest
};

struct LogCounts {
  std::vector<LogGroup> groups;  ///< ascending by (value, bucket)
  std::uint32_t unreadable = 0;  ///< as in LogPage
};

/// A cap of an account's, or of some of its streams; what is over it goes a block's worth at a time.
struct LogLimit {
  std::optional<AccountId> account{};  ///< none: of each
  std::string service = "*";           ///< whose records; may have * and ?. All that match share the cap
  Duration max_age{0};                 ///< 0 = no limit
  std::uint64_t max_bytes = 0;         ///< on disk, by the share of the text; 0 = no limit
};

struct Retention {
  Duration max_age = std::chrono::hours(24 * 30);
  std::uint64_t max_bytes = 20ull << 30;  ///< of all accounts together
  std::vector<LogLimit> limits{};         ///< stricter ones
};

/// What an account keeps of a service's logs.
struct LogUsage {
  std::string service;          ///< "*": of blocks with more services than they can list
  std::uint64_t raw_bytes = 0;  ///< of the texts
  std::uint64_t bytes = 0;      ///< on disk, by the share of the text; what is not sealed yet is not on disk
  Time oldest, newest;          ///< of the blocks that have any; up to a block's span too wide
};

struct Statistics {
  std::uint64_t records = 0;
  std::uint64_t raw_bytes = 0;  ///< of the records' texts
  std::uint64_t bytes_on_disk = 0;
  std::optional<Time> oldest;
};

/// Thread-safe. Durability as in series/series_store.h: replay from durable_offset() + 1; a record's id makes
/// appending it twice harmless.
class LogStore {
 public:
  virtual ~LogStore() = default;

  /// The records' ids are {journal_offset, 0}, {journal_offset, 1} ... Searchable once this returns; the
  /// views are not needed afterwards.
  virtual Result<void> append(AccountId account, std::span<const RecordView> batch,
                              std::uint64_t journal_offset) = 0;
  /// `batch[i]` becomes record {journal_offset, i}.
  Result<void> append(AccountId account, std::span<const LogRecord> batch, std::uint64_t journal_offset);
  /// The same for the rows of `columns`.
  Result<void> append(AccountId account, const codec::LogColumns& columns, std::uint64_t journal_offset);
  virtual Result<LogPage> search(AccountId account, const LogQuery& query) const = 0;
  /// Counts what matches; limit, order and cursor mean nothing. kTooLarge: more than 100,000 groups.
  virtual Result<LogCounts> aggregate(AccountId account, const LogQuery& query,
                                      const Aggregation& aggregation) const = 0;
  /// kNotFound when it has aged away (or belongs to another account).
  virtual Result<LogRecord> get(AccountId account, RecordId id) const = 0;
  virtual std::uint64_t durable_offset() const = 0;
  virtual Result<void> flush() = 0;
  virtual Result<void> enforce(const Retention& retention, Time now) = 0;
  virtual Statistics statistics() const = 0;
  /// As of series/series_store.h.
  virtual Result<void> copy_to(const std::filesystem::path& directory) const = 0;
  /// By service.
  virtual std::vector<LogUsage> usage(AccountId account) const = 0;
};

}  // namespace sentinella::logs
