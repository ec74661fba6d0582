// Rows of one statement, whatever database they come from.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sentinella::agent {

using DatabaseRow = std::vector<std::string>;  ///< NULL is ""

/// As many as are kept of a result; what is left out is counted.
struct DatabaseRows {
  static constexpr std::size_t kMost = 5000;
  static constexpr std::size_t kMostColumns = 64;

  std::vector<DatabaseRow> rows;
  std::uint64_t left_out = 0;

  void add(DatabaseRow row) {
    if (rows.size() < kMost)
      rows.push_back(std::move(row));
    else
      ++left_out;
  }
  /// kTooLarge: rows were left out.
  Result<void> complete() const {
    if (left_out == 0) return {};
    return fail(Errc::kTooLarge, "the result has {} rows, of which {} are read", rows.size() + left_out,
                kMost);
  }
};

}  // namespace sentinella::agent
