// Series times steps: what every node of an expression is evaluated to, for all steps of a query at once.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/labels.h"

namespace sentinella::query {

/// The staleness marker of Prometheus. A selector never returns it, so that in a Matrix it can mean "no
/// sample here". It is one NaN of many: compare bits, not values.
inline constexpr double kAbsent = std::bit_cast<double>(std::uint64_t{0x7ff0000000000002});
inline bool is_absent(double value) {
  return std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(kAbsent);
}
inline bool is_present(double value) {
  return !is_absent(value);
}

/// The instants a query is evaluated at, in milliseconds, first and last included.
struct Steps {
  std::int64_t first_ms = 0;
  std::int64_t step_ms = 1;
  std::size_t count = 1;

  std::int64_t at(std::size_t i) const { return first_ms + static_cast<std::int64_t>(i) * step_ms; }
  std::int64_t last() const { return at(count - 1); }
};

/// A row's labels: those of a stored series, shared with it, perhaps without the metric's name. Most
/// functions drop the name; this makes that free.
class RowLabels {
 public:
  RowLabels() = default;
  explicit RowLabels(std::shared_ptr<const Labels> labels, bool nameless = false)
      : labels_(std::move(labels)), nameless_(nameless) {}
  explicit RowLabels(Labels labels) : labels_(std::make_shared<const Labels>(std::move(labels))) {}

  void drop_name() { nameless_ = true; }
  std::string_view get(std::string_view name) const {
    if (labels_ == nullptr || (nameless_ && name == kMetricName)) return {};
    return labels_->get(name);
  }
  template <typename Visit>
  void for_each(Visit&& visit) const {
    if (labels_ == nullptr) return;
    for (const Label& label : *labels_)
      if (!nameless_ || label.name != kMetricName) visit(label);
  }
  Labels to_labels() const;
  std::uint64_t hash() const;
  bool operator==(const RowLabels& other) const;
  /// In the order in which answers are sorted: name by name, value by value.
  bool operator<(const RowLabels& other) const;

 private:
  std::shared_ptr<const Labels> labels_;  ///< null: none
  bool nameless_ = false;
};

/// A vector has any number of rows, a scalar one row without labels in which every step is present.
struct Matrix {
  std::size_t steps = 1;
  std::vector<RowLabels> labels = {};
  std::vector<double> cells = {};  ///< labels.size() * steps, row by row; kAbsent where there is no sample
  /// No two rows have equal labels even when their names are left aside.
  bool unique_without_name = false;

  std::size_t rows() const { return labels.size(); }
  std::span<double> row(std::size_t i) { return {cells.data() + i * steps, steps}; }
  std::span<const double> row(std::size_t i) const { return {cells.data() + i * steps, steps}; }
  /// A new row of absent cells; invalidates spans.
  std::span<double> add_row(RowLabels of);
};

/// Takes out rows that have no sample at all.
void drop_empty_rows(Matrix& matrix);

/// What to do with rows that have equal labels but take turns: never a sample at the same step.
enum class Turns : std::uint8_t {
  join,    ///< they are one row
  refuse,  ///< kInvalid, as for those that meet
};
/// Leaves no two rows with equal labels. kInvalid, `message`: two of them have a sample at the same step.
Result<void> join_equal_rows(
    Matrix& matrix, Turns turns = Turns::join,
    std::string_view message = "vector cannot contain metrics with the same labelset");
/// Drops every row's name, then as join_equal_rows().
Result<void> drop_names(Matrix& matrix, Turns turns = Turns::join);

}  // namespace sentinella::query
