// The instants of a chunk. A regular series takes a few bytes however long it is; any other is a column of
// distances from the first instant, in the coarsest unit that divides them all. Every instant there is keeps
// its nanoseconds. Format: docs/formats/series.md.
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"
#include "base/time.h"

namespace sentinella::series {

/// What is known without reading the column.
struct TimeHead {
  Time first, last;
  std::uint64_t unit = 1;  ///< nanoseconds
  bool regular = false;    ///< all steps are equal, and no column follows
};

/// `times` ascend and are at least one. Head and column are written apart, other things may stand between.
TimeHead write_time_head(std::span<const Time> times, std::string& out);
void write_time_column(const TimeHead& head, std::span<const Time> times, std::string& out);

/// `count` is at least 1. False: damaged.
bool read_time_head(ByteReader& in, std::size_t count, TimeHead& head);
/// Fills `times`, strictly ascending. False: damaged.
bool read_time_column(ByteReader& in, const TimeHead& head, std::span<Time> times);

}  // namespace sentinella::series
