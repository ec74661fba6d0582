// The language of log searches, text to Expression (for people: docs/logs-search.md).
//
//   query     = [ either ] [ "|" stage ]
//   either    = both { "or" both }
//   both      = one { [ "and" ] one }
//   one       = ( "not" | "-" | "!" ) one | "(" either ")" | question
//   question  = field ( ":" | "=" | "!=" | ">=" | ">" | "<=" | "<" ) value | value
//   value     = word | "phrase" | /regex/
//   stage     = "count" [ "by" field ] | "top" number field | "rate" [ duration ] | "patterns"
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "logs/query/expression.h"

namespace sentinella::logs {

/// What is made of the records found, when they are not wanted themselves.
struct Stage {
  enum class Kind : std::uint8_t { count, top, rate, patterns } kind = Kind::count;
  std::optional<QueryField> by{};
  std::size_t limit = 0;  ///< top
  Duration step{0};       ///< rate
};

struct ParsedQuery {
  std::shared_ptr<const Expression> expression;  ///< never null; without nodes = everything
  std::optional<Stage> stage;
};

/// kInvalid with the field `q` and the position (in characters, from 1) of what is wrong. Bounded: 4 KiB of
/// text, 64 questions, 32 levels.
Result<ParsedQuery> parse_query(std::string_view text);

std::optional<QueryField> parse_query_field(std::string_view name);

}  // namespace sentinella::logs
