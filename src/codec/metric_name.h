// Names from other worlds as names of ours: metrics match [a-zA-Z_:][a-zA-Z0-9_:]*, labels
// [a-zA-Z_][a-zA-Z0-9_]* (Prometheus' data model). Whatever else becomes '_'; a leading digit gets one before
// it.
#pragma once

#include <string>
#include <string_view>

#include "model/series.h"

namespace sentinella::codec {

/// Bounds on one series that every door keeps.
inline constexpr std::size_t kMaxSeriesLabels = 128;
inline constexpr std::size_t kMaxSeriesNameBytes = 1'024;    ///< of the metric or one label's name
inline constexpr std::size_t kMaxSeriesLabelBytes = 16'384;  ///< all names and values

/// Appends to `out`; what stands there already is the beginning of the name.
void append_metric_name(std::string_view name, std::string& out);
void append_label_name(std::string_view name, std::string& out);

/// What a metric is by its name, where the protocol does not say: "_total" counts; "_bucket" is of a
/// histogram.
SeriesKind kind_by_name(std::string_view metric);

}  // namespace sentinella::codec
