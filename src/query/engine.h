// PromQL over the series of an account: the door of this folder.
//
//   const auto expr = parse_expression("sum by (host) (rate(cpu_seconds_total[5m]))");
//   const auto answer = evaluate(source, **expr, Steps{...}, limits);
//
// Time in PromQL is whole milliseconds: steps, ranges and offsets are. Samples keep their nanoseconds and are
// compared in them; an answer's raw samples are cut to milliseconds. As in Prometheus 2.42 a range selector
// covers [t - range, t] and a sample is looked for in [t - lookback, t], both ends included.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/account.h"
#include "query/expression.h"
#include "query/matrix.h"
#include "query/parser.h"
#include "series/series_store.h"

namespace sentinella::query {

/// What one query may cost. Over a limit the query fails with kTooLarge, or kUnavailable for its time.
struct Limits {
  std::size_t max_samples = 50'000'000;  ///< samples read plus cells in memory at one moment
  std::size_t max_series = 2'000'000;    ///< of one selector
  std::size_t max_steps = 11'000;
  std::optional<Time> deadline = {};  ///< by `Source::clock`
  bool in_memory = false;             ///< fail with kTooLarge rather than read the disk
};

/// Where a query reads. All must outlive the evaluation.
struct Source {
  const series::SeriesStore& store;
  AccountId account{};
  const Clock& clock;
  const std::atomic<bool>* cancelled = nullptr;  ///< set by whoever no longer wants the answer
  Duration lookback = std::chrono::minutes(5);
  Duration subquery_step = std::chrono::minutes(1);  ///< of a subquery that names none
};

/// Raw samples of one series, as an instant query for a range vector answers them.
struct RawSeries {
  RowLabels labels;
  std::vector<std::int64_t> times_ms;
  std::vector<double> values;
};

struct Answer {
  ValueType type = ValueType::vector;
  Steps steps;
  Matrix matrix;               ///< of a vector or scalar
  std::vector<RawSeries> raw;  ///< of a range vector
  std::string text;            ///< of a string
};

/// One instant, in ms. Rows are in no order but that of sort(), topk() and the like.
Result<Answer> evaluate_instant(const Source& source, const Expr& expr, std::int64_t at_ms,
                                const Limits& limits = {});
/// `steps.count` instants. Rows are sorted by labels. kInvalid for a range vector or a string.
Result<Answer> evaluate_range(const Source& source, const Expr& expr, const Steps& steps,
                              const Limits& limits = {});

}  // namespace sentinella::query
