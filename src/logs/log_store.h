// Where log records live, and how they are found again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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
  std::size_t limit = 100;  ///< at most 10,000
  std::string cursor{};     ///< from the previous page; "" = the first
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

struct Retention {
  Duration max_age = std::chrono::hours(24 * 30);
  std::uint64_t max_bytes = 20ull << 30;
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

  /// `batch[i]` becomes record {journal_offset, i}. Searchable once this returns.
  virtual Result<void> append(AccountId account, std::span<const LogRecord> batch,
                              std::uint64_t journal_offset) = 0;
  virtual Result<LogPage> search(AccountId account, const LogQuery& query) const = 0;
  /// Every record that matches, in no order, until `visit` returns false. `query`'s limit, order and cursor
  /// mean nothing. The views end with the call.
  virtual Result<void> visit(AccountId account, const LogQuery& query,
                             const std::function<bool(const RecordView&)>& visit) const;
  /// Counts what matches; limit, order and cursor mean nothing. Ascending by (value, bucket). kTooLarge: more
  /// than 100,000 groups.
  virtual Result<std::vector<LogGroup>> aggregate(AccountId account, const LogQuery& query,
                                                  const Aggregation& aggregation) const;
  /// kNotFound when it has aged away (or belongs to another account).
  virtual Result<LogRecord> get(AccountId account, RecordId id) const = 0;
  virtual std::uint64_t durable_offset() const = 0;
  virtual Result<void> flush() = 0;
  virtual Result<void> enforce(const Retention& retention, Time now) = 0;
  virtual Statistics statistics() const = 0;
  /// As of series/series_store.h.
  virtual Result<void> copy_to(const std::filesystem::path& directory) const = 0;
};

}  // namespace sentinella::logs
