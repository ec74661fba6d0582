// What a query's stage makes of the records found: counts and rates (patterns: pattern_trends.h).
#pragma once

#include <string>
#include <vector>

#include "logs/log_store.h"
#include "logs/query/query_parser.h"

namespace sentinella::logs {

struct StageRow {
  std::string value;  ///< of the field; of a pattern the template's text
  Time bucket;        ///< rate: the beginning of the step
  std::uint64_t count = 0;
  double per_second = 0;  ///< rate
  Time first, last;
  RecordId example;
  std::uint64_t template_id = 0;              ///< of a pattern
  Severity severity = Severity::unspecified;  ///< of a pattern: of the example
};

struct StageAnswer {
  std::vector<StageRow> rows;    ///< most frequent first; of `rate` in order of time, without empty steps
  std::uint32_t unreadable = 0;  ///< damaged blocks that were passed over
};

/// Of any stage but patterns. kTooLarge as aggregate().
Result<StageAnswer> run_stage(const LogStore& store, AccountId account, const LogQuery& query,
                              const Stage& stage);

/// Records just before and after one, of the same host and source, in order of time: at most `before` and
/// `after` of them, the record itself between. kNotFound as get().
Result<std::vector<StoredRecord>> surrounding(const LogStore& store, AccountId account, RecordId id,
                                              std::size_t before, std::size_t after);

}  // namespace sentinella::logs
