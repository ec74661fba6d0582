// Which rows belong together: by some labels, or by all but some.
#pragma once

#include <string>
#include <vector>

#include "query/matrix.h"

namespace sentinella::query {

/// What counts of a row's labels. Without `names` it never counts the metric's name.
struct LabelChoice {
  std::vector<std::string> names;  ///< sorted
  bool without = false;

  static LabelChoice by(std::vector<std::string> names);
  static LabelChoice all_but(std::vector<std::string> names);
  std::uint64_t hash(const RowLabels& row) const;
  bool equal(const RowLabels& a, const RowLabels& b) const;
  /// The labels of `row` that count.
  Labels pick(const RowLabels& row) const;
};

/// Rows in groups, groups in order of their first row.
struct Groups {
  std::vector<std::uint32_t> of_row;
  std::vector<std::size_t> first_row;

  std::size_t count() const { return first_row.size(); }
  /// The rows of each group, ascending.
  std::vector<std::vector<std::size_t>> members() const;
};
Groups make_groups(const LabelChoice& choice, const std::vector<RowLabels>& rows);

/// Two sets of rows in common groups; a group may have rows on one side only.
struct SharedGroups {
  Groups left;  ///< `first_row` covers the groups that have a left row
  std::vector<std::uint32_t> right_of_row;
  std::size_t count = 0;
};
SharedGroups make_shared_groups(const LabelChoice& choice, const std::vector<RowLabels>& left,
                                const std::vector<RowLabels>& right);

}  // namespace sentinella::query
