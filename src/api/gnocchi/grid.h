// Aggregates of many metrics side by side: what /v1/aggregates and /v1/aggregation work on.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "api/gnocchi/operations.h"
#include "api/gnocchi/samples.h"

namespace sentinella::api::gnocchi {

/// One column to be fetched.
struct GridColumn {
  ColumnKey key;
  catalog::MetricPtr metric;
  /// When not empty: only these spans count, in order and apart from each other. A granule that they cover in
  /// part has that share of its value.
  std::vector<TimeRange> spans = {};
};

/// What is done where some columns have no value.
struct Fill {
  enum class Kind : std::uint8_t { drop, keep, number, forward, backward, full_forward, full_backward };
  std::optional<Kind> kind;  ///< absent: drop, or what needed_overlap asks for
  double number = 0;
};

struct GridRequest {
  std::optional<Time> start, stop;
  std::optional<Duration> granularity;
  std::optional<double> needed_overlap;  ///< percent
  Fill fill;
};

/// ?start, stop, granularity, needed_overlap, fill. 400 "Argument value error".
Outcome<GridRequest> read_grid_request(const Call& call, std::optional<double> usual_overlap);

/// One table for each granularity, from the coarsest, after the operation and the fill: cells that are to be
/// dropped are NaN, and `dropped` says whether NaN is to be left out of the answer.
struct Grid {
  std::vector<Table> tables;
  bool drop = true;
};
Outcome<Grid> compute_grid(const Call& call, const GridRequest& request, const Operation& operation,
                           const std::vector<GridColumn>& columns);

/// One column's rows; those to be dropped are left out.
void write_column(JsonText& json, const Table& table, std::size_t column, bool drop);

}  // namespace sentinella::api::gnocchi
