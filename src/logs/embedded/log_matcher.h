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
  /// Texts in lower case: every match has one of them in its raw text or as a field. None: nothing is known.
  const std::vector<std::string>& needed_texts() const { return texts_; }
  const Expression& expression() const { return expression_; }
  TimeRange range() const { return range_; }

 private:
  /// What a block must have for one of its records to answer a question.
  struct Need {
    std::uint64_t severity = 0;    ///< at least
    std::string host, service;     ///< "" = any
    std::vector<std::string> ids;  ///< bytes of ids
    bool is_met_by(const BlockHeader& block, const IdFilter& ids) const;
  };
  static Need need_of(const Condition& condition);
  std::vector<std::string> find_needed_texts() const;

  TimeRange range_;
  Expression expression_;
  std::vector<Need> needs_;  ///< by condition
  std::vector<std::string> texts_;
};

}  // namespace sentinella::logs
