// What operations make of columns.
#include <algorithm>
#include <cmath>
#include <limits>

#include "api/gnocchi/operations.h"

namespace sentinella::api::gnocchi {
namespace {

using Kind = Operation::Kind;
using Column = std::vector<double>;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double population_variance(std::span<const double> values) {
  double mean = 0, squares = 0;
  for (const double value : values) mean += value;
  mean /= static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(values.size());
}

/// Over what is there of `values`, which is left in disorder.
double fold_present(const Operation& operation, Column& values) {
  using M = Method::Kind;
  std::erase_if(values, [](double value) { return std::isnan(value); });
  const auto kind = operation.method.kind;
  if (values.empty()) return kind == M::sum || kind == M::count ? 0 : kNothing;
  if (operation.variance) return population_variance(values);
  if (kind == M::deviation) return std::sqrt(population_variance(values));
  return fold(kind, operation.method.percent, values).value_or(kNothing);
}

void drop_first_row(Table& table) {
  if (table.times.empty()) return;
  table.times.erase(table.times.begin());
  for (Column& column : table.values) column.erase(column.begin());
}

/// Each value less the one before; the first row stays, without values.
Column steps(const Column& column) {
  Column out(column.size(), kNothing);
  for (std::size_t i = 1; i < column.size(); ++i) out[i] = column[i] - column[i - 1];
  return out;
}

void make_aggregated(Table& table, Column column) {
  table.values.assign(1, std::move(column));
  table.keys.assign(1, {});
  table.aggregated = true;
}

Table aggregate(const Operation& operation, Table table) {
  Column folded(table.times.size());
  Column row;
  for (std::size_t r = 0; r < folded.size(); ++r) {
    row.clear();
    for (const Column& column : table.values) row.push_back(column[r]);
    folded[r] = fold_present(operation, row);
  }
  if (operation.method.rate) folded = steps(folded);
  make_aggregated(table, std::move(folded));
  if (operation.method.rate) drop_first_row(table);
  return table;
}

Outcome<Table> roll(const Operation& operation, Table table) {
  const auto window = static_cast<std::size_t>(operation.number);
  const std::size_t rows = table.times.size();
  if (window > rows)
    return refuse(400, "the window of rolling has {} points, and there are {}", window, rows);
  if (window * rows > 50'000'000)
    return refuse(400, "rolling over {} points of {} is too much", window, rows);
  for (Column& column : table.values) {
    Column out;
    Column values;
    for (std::size_t r = window; r <= rows; ++r) {
      const std::span<const double> seen(column.data() + (r - window), window);
      const bool whole = std::ranges::none_of(seen, [](double value) { return std::isnan(value); });
      values.assign(seen.begin(), seen.end());
      out.push_back(whole ? fold_present(operation, values) : kNothing);
    }
    column = std::move(out);
  }
  table.times.erase(table.times.begin(), table.times.begin() + static_cast<std::ptrdiff_t>(window - 1));
  return table;
}

Table resample(const Operation& operation, const Table& table) {
  Table out{.granularity = operation.span,
            .times = {},
            .keys = table.keys,
            .values = {},
            .aggregated = table.aggregated};
  for (const Time at : table.times)
    if (const Time group = granule_of(at, operation.span); out.times.empty() || out.times.back() != group)
      out.times.push_back(group);
  for (const Column& column : table.values) {
    Points present;
    for (std::size_t r = 0; r < column.size(); ++r)
      if (!std::isnan(column[r])) present.add(table.times[r], column[r]);
    const Points groups = roll_up(present, operation.method, operation.span);
    Column values(out.times.size(), kNothing);
    for (std::size_t g = 0, row = 0; g < groups.size(); ++g) {
      while (out.times[row] < groups.times[g]) ++row;
      values[row] = groups.values[g];
    }
    out.values.push_back(std::move(values));
  }
  return out;
}

double apply_unary(std::string_view name, double x) {
  if (name == "abs") return std::abs(x);
  if (name == "neg") return -x;
  if (name == "cos") return std::cos(x);
  if (name == "sin") return std::sin(x);
  if (name == "tan") return std::tan(x);
  return name == "floor" ? std::floor(x) : std::ceil(x);
}

Table rate_of_change(bool per_second, Table table) {
  for (Column& column : table.values) {
    column = steps(column);
    for (std::size_t r = 1; per_second && r < column.size(); ++r)
      column[r] /= static_cast<double>((table.times[r] - table.times[r - 1]).count()) / 1e9;
  }
  if (!per_second) drop_first_row(table);
  return table;
}

Table unary(const Operation& operation, Table table) {
  if (operation.name.starts_with("rateofchange"))
    return rate_of_change(operation.name.ends_with("sec"), std::move(table));
  for (Column& column : table.values)
    for (double& value : column) value = apply_unary(operation.name, value);
  return table;
}

Table clip(const Operation& operation, Table table) {
  for (Column& column : table.values)
    for (double& value : column) {
      if (operation.clip_min && value < *operation.clip_min) value = *operation.clip_min;
      if (operation.clip_max && value > *operation.clip_max) value = *operation.clip_max;
    }
  return table;
}

Table with_number(const Operation& operation, Table table, double number, bool number_first) {
  for (Column& column : table.values)
    for (double& value : column)
      value = *(number_first ? apply_binary(operation.name, number, value)
                             : apply_binary(operation.name, value, number));
  return table;
}

Outcome<Table> binary(const Operation& operation, const Table& input) {
  const Operation& left = operation.operands[0];
  const Operation& right = operation.operands[1];
  if (left.kind == Kind::number) {
    SENT_TRY_ASSIGN(auto table, evaluate(right, input));
    return with_number(operation, std::move(table), left.number, true);
  }
  SENT_TRY_ASSIGN(auto table, evaluate(left, input));
  if (right.kind == Kind::number) return with_number(operation, std::move(table), right.number, false);
  SENT_TRY_ASSIGN(const auto other, evaluate(right, input));
  if (table.granularity != other.granularity || table.times != other.times)
    return refuse_because(400, "Metrics can't being aggregated", "the two sides have not the same timestamps",
                          boost::json::string(operation.name));
  if (table.values.empty() || other.values.empty()) {
    make_aggregated(table, Column(table.times.size(), kNothing));
    return table;
  }
  Column column = std::move(table.values.front());
  for (std::size_t r = 0; r < column.size(); ++r)
    column[r] = *apply_binary(operation.name, column[r], other.values.front()[r]);
  make_aggregated(table, std::move(column));
  return table;
}

/// Only the columns that the operation asks for.
Table choose(const Operation& operation, const Table& input) {
  Table out{.granularity = input.granularity, .times = input.times, .keys = {}, .values = {}};
  for (std::size_t c = 0; c < input.keys.size(); ++c) {
    if (std::ranges::find(operation.refs, input.keys[c].ref) == operation.refs.end()) continue;
    out.keys.push_back(input.keys[c]);
    out.values.push_back(input.values[c]);
  }
  return out;
}

}  // namespace

std::optional<double> apply_binary(std::string_view name, double x, double y) {
  if (name == "add") return x + y;
  if (name == "sub") return x - y;
  if (name == "mul") return x * y;
  if (name == "div") return x / y;
  if (name == "pow") return std::pow(x, y);
  if (name == "mod") return x - y * std::floor(x / y);
  if (name == "eq") return x == y ? 1 : 0;
  if (name == "ne") return x != y ? 1 : 0;
  if (name == "lt") return x < y ? 1 : 0;
  if (name == "le") return x <= y ? 1 : 0;
  if (name == "gt") return x > y ? 1 : 0;
  if (name == "ge") return x >= y ? 1 : 0;
  if (name == "max") return std::fmax(x, y);
  if (name == "clip_min") return x < y ? y : x;
  if (name == "clip_max") return x > y ? y : x;
  return std::nullopt;
}

Outcome<Table> evaluate(const Operation& operation, const Table& input) {
  switch (operation.kind) {
    case Kind::metric:
      return choose(operation, input);
    case Kind::binary:
      return binary(operation, input);
    case Kind::number:
      return refuse(400, "a number is no series");
    default:
      break;
  }
  SENT_TRY_ASSIGN(auto table, evaluate(operation.operands.front(), input));
  switch (operation.kind) {
    case Kind::aggregate:
      return aggregate(operation, std::move(table));
    case Kind::rolling:
      return roll(operation, std::move(table));
    case Kind::resample:
      return resample(operation, table);
    case Kind::clip:
      return clip(operation, std::move(table));
    default:
      return unary(operation, std::move(table));
  }
}

}  // namespace sentinella::api::gnocchi
