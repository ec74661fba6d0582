// A query made ready: whether a record is what it asks for, and whether a block can hold one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "logs/block/block_format.h"
#include "logs/embedded/id_filter.h"
#include "logs/log_store.h"

namespace sentinella::logs {

/// The order of an answer: by time, then by arrival.
struct Position {
  Time time;
  RecordId id;
  friend auto operator<=>(const Position&, const Position&) = default;
};

/// kInvalid: too many or too long words, an over-large limit, a cursor that we did not give.
Result<void> check_query(const LogQuery& query);
std::string to_cursor(const Position& position);
/// nullopt for "".
Result<std::optional<Position>> parse_cursor(std::string_view cursor);

class LogMatcher {
 public:
  explicit LogMatcher(const LogQuery& query);
  bool may_match(const BlockHeader& block, const IdFilter& ids) const;
  bool matches(const RecordView& record) const;
  /// What every match has in its raw text, in lower case; "" = nothing known.
  const std::string& needed_text() const { return text_; }
  const Expression& expression() const { return expression_; }
  TimeRange range() const { return range_; }

 private:
  void require(std::uint32_t node);
  void require(const Condition& condition);

  TimeRange range_;
  Expression expression_;
  // What every match has.
  std::uint64_t min_severity_ = 0;
  std::vector<std::string> hosts_, services_;
  std::vector<std::string> ids_;  ///< bytes of ids
  std::string text_;              ///< the longest
};

}  // namespace sentinella::logs
