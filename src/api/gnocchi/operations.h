// The operations of /v1/aggregates: a nested list, or the same as an S-expression,
//   ["/", ["aggregate", "rate:mean", ["metric", "cpu", "mean"]], 300]
//   (/ (aggregate rate:mean (metric cpu mean)) 300)
// and what they make of columns of aggregates.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/gnocchi/methods.h"
#include "api/gnocchi/problem.h"

namespace sentinella::api::gnocchi {

/// A metric by id, or a glob of names, and one of its aggregation methods.
struct MetricRef {
  std::string metric;
  std::string method;
  friend auto operator<=>(const MetricRef&, const MetricRef&) = default;
};

struct Operation {
  enum class Kind : std::uint8_t { number, metric, aggregate, rolling, resample, binary, unary, clip } kind;
  std::string name = {};                               ///< of a binary or unary one: add, mul, le, neg ...
  double number = 0;                                   ///< the number; the window of rolling
  Method method = {};                                  ///< of aggregate, rolling, resample
  bool variance = false;                               ///< the method is var, which metrics do not have
  Duration span{};                                     ///< of resample
  std::optional<double> clip_min = {}, clip_max = {};  ///< of clip
  std::vector<MetricRef> refs = {};                    ///< of metric
  std::vector<Operation> operands = {};
};

/// 400 as Gnocchi words it. `json` is a nested list or the text. At most 32 levels, 1,000 nodes.
Outcome<Operation> read_operations(const boost::json::value& json);
/// Every metric mentioned, once, in order.
std::vector<MetricRef> references_of(const Operation& operation);

/// What a column is of.
struct ColumnKey {
  std::string resource;  ///< its id; "" when the metric is named by its own
  std::string metric;    ///< id or name
  MetricRef ref;         ///< that asked for it
  std::string method;
};

/// Columns over common times: values[c][r] is column c at times[r], NaN where there is none.
struct Table {
  Duration granularity{};
  std::vector<Time> times = {};
  std::vector<ColumnKey> keys = {};
  std::vector<std::vector<double>> values = {};
  bool aggregated = false;  ///< the one column is of no metric any more
};

/// The operation over `input`, whose columns are of all its references.
Outcome<Table> evaluate(const Operation& operation, const Table& input);

/// Whether x `name` y holds, and arithmetic of the same names; nullopt: no such name.
std::optional<double> apply_binary(std::string_view name, double x, double y);

}  // namespace sentinella::api::gnocchi
