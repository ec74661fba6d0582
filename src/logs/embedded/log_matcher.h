// Whether a record is what a query asks for, and whether a block can hold one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "logs/embedded/log_block.h"
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

/// `query` must outlive it.
class LogMatcher {
 public:
  explicit LogMatcher(const LogQuery& query);
  bool may_match(const BlockHeader& block) const;
  bool matches(const RecordView& record) const;

 private:
  const LogQuery& query_;
  std::vector<std::string> words_;  // lower case
};

/// ASCII only; `lower` must be in lower case.
bool contains_ignoring_case(std::string_view text, std::string_view lower);

}  // namespace sentinella::logs
