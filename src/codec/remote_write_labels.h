// The labels of one series of remote write, read with care: for series that are new.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/labels.h"
#include "model/series.h"

namespace sentinella::codec {

class RemoteLabels {
 public:
  /// `raw`: Label messages with their tags, in any order. kInvalid, naming the series: no metric name, a name
  /// twice, bytes that are not UTF-8, over the bounds of metric_name.h. Labels without a value are no labels.
  static Result<RemoteLabels> read(std::string_view raw);

  std::string canonical() const { return labels_.canonical(); }
  SeriesKind kind() const;
  std::string to_string() const { return labels_.to_string(); }
  /// Another metric of the same labels, with `le` unless that is "".
  RemoteLabels with(std::string_view name_suffix, std::string_view le) const;

 private:
  Labels labels_;
};

}  // namespace sentinella::codec
