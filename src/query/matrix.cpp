#include "query/matrix.h"

#include <algorithm>
#include <unordered_map>

#include "base/hash.h"

namespace sentinella::query {

Labels RowLabels::to_labels() const {
  if (labels_ == nullptr) return {};
  Labels copy = *labels_;
  if (nameless_) copy.set(kMetricName, "");
  return copy;
}

std::uint64_t RowLabels::hash() const {
  std::uint64_t hash = 0;
  for_each([&](const Label& label) { hash = hash64(label.value, hash64(label.name, hash)); });
  return hash;
}

bool RowLabels::operator==(const RowLabels& other) const {
  if (labels_ == other.labels_ && nameless_ == other.nameless_) return true;
  std::size_t other_size = 0;
  other.for_each([&](const Label&) { ++other_size; });
  bool equal = true;
  std::size_t size = 0;
  for_each([&](const Label& label) {
    ++size;
    equal = equal && other.get(label.name) == label.value;
  });
  return equal && size == other_size;
}

bool RowLabels::operator<(const RowLabels& other) const {
  if (labels_ == nullptr || other.labels_ == nullptr) {
    std::size_t others = 0;
    other.for_each([&](const Label&) { ++others; });
    return labels_ == nullptr && others > 0;
  }
  const auto visible = [](const RowLabels& row, auto at) {
    while (at != row.labels_->end() && row.nameless_ && at->name == kMetricName) ++at;
    return at;
  };
  auto a = visible(*this, labels_->begin());
  auto b = visible(other, other.labels_->begin());
  while (a != labels_->end() && b != other.labels_->end()) {
    if (*a != *b) return *a < *b;
    a = visible(*this, a + 1);
    b = visible(other, b + 1);
  }
  return a == labels_->end() && b != other.labels_->end();
}

std::span<double> Matrix::add_row(RowLabels of) {
  labels.push_back(std::move(of));
  cells.resize(cells.size() + steps, kAbsent);
  return row(labels.size() - 1);
}

void drop_empty_rows(Matrix& matrix) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    const auto row = matrix.row(i);
    if (std::ranges::none_of(row, is_present)) continue;
    if (kept != i) {
      matrix.labels[kept] = std::move(matrix.labels[i]);
      std::ranges::copy(row, matrix.row(kept).begin());
    }
    ++kept;
  }
  matrix.labels.resize(kept);
  matrix.cells.resize(kept * matrix.steps);
}

Result<void> join_equal_rows(Matrix& matrix, Turns turns, std::string_view message) {
  std::unordered_multimap<std::uint64_t, std::size_t> seen;
  seen.reserve(matrix.rows());
  bool joined = false;
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    const auto hash = matrix.labels[i].hash();
    const auto [begin, end] = seen.equal_range(hash);
    const auto same = std::find_if(
        begin, end, [&](const auto& entry) { return matrix.labels[entry.second] == matrix.labels[i]; });
    if (same == end) {
      seen.emplace(hash, i);
      continue;
    }
    if (turns == Turns::refuse) return fail(Errc::kInvalid, "{}", message);
    const auto target = matrix.row(same->second);
    const auto source = matrix.row(i);
    for (std::size_t step = 0; step < matrix.steps; ++step) {
      if (is_absent(source[step])) continue;
      if (is_present(target[step])) return fail(Errc::kInvalid, "{}", message);
      target[step] = std::exchange(source[step], kAbsent);
    }
    joined = true;
  }
  if (joined) drop_empty_rows(matrix);
  return {};
}

Result<void> drop_names(Matrix& matrix, Turns turns) {
  for (RowLabels& labels : matrix.labels) labels.drop_name();
  if (matrix.unique_without_name) return {};
  SENT_TRY(join_equal_rows(matrix, turns));
  matrix.unique_without_name = true;
  return {};
}

}  // namespace sentinella::query
