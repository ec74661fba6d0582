// Counts records by a field and by time.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "logs/log_store.h"

namespace sentinella::logs {

inline constexpr std::size_t kMaxGroups = 100'000;

/// The value that a record is counted under: the field's text; the severity's name; the local request id.
std::string group_value(QueryField field, const RecordView& record);

class GroupCounter {
 public:
  explicit GroupCounter(const Aggregation& aggregation) : aggregation_(aggregation) {}
  /// False when there are too many groups: take() will say so.
  bool add(const RecordView& record);
  /// `count` records of one value between two instants that lie in one bucket.
  bool add(std::string_view value, Time first, Time last, std::uint64_t count, RecordId example);
  Time bucket_of(Time time) const;
  Result<std::vector<LogGroup>> take();

 private:
  Aggregation aggregation_;
  std::map<std::pair<std::string, std::int64_t>, LogGroup> groups_;
  bool full_ = false;
};

}  // namespace sentinella::logs
