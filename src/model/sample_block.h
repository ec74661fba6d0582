// Samples of many series as columns, and what names their series: how numbers travel from a door through the
// journal to the store. No text is carried but for series that are new.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/labels.h"
#include "model/series.h"

namespace sentinella {

/// Stands for one series of one account as long as the series lives; never given to another. 0 is none.
enum class SeriesId : std::uint64_t {};

/// Binds an id to its series. Travels in every batch until one that carries it is durable.
struct SeriesDefinition {
  SeriesId id{};
  SeriesKind kind = SeriesKind::gauge;
  std::string canonical;  ///< Labels::canonical(), with __name__
};

/// Rows in order of arrival; ids, times and values have one element per row.
struct SampleBlock {
  std::vector<SeriesDefinition> defined;
  std::vector<SeriesId> ids;
  std::vector<Time> times;
  std::vector<double> values;  ///< any double; a NaN's payload is kept bit for bit

  std::size_t size() const { return ids.size(); }
  bool empty() const { return ids.empty() && defined.empty(); }
  void add(SeriesId id, Time at, double value) {
    ids.push_back(id);
    times.push_back(at);
    values.push_back(value);
  }
  void reserve(std::size_t rows) {
    ids.reserve(rows);
    times.reserve(rows);
    values.reserve(rows);
  }
};

/// Samples to delete: of the series that all `matchers` select, those with range.from <= at < range.until.
struct SeriesErasure {
  std::vector<LabelMatcher> matchers;  ///< at least one must not match ""
  TimeRange range;
};

}  // namespace sentinella
