// What a search asks of a record, as a tree in one array. Made by parse_query() (query_parser.h) or by hand.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "logs/block/record_view.h"
#include "logs/query/pattern.h"

namespace sentinella::logs {

enum class QueryField : std::uint8_t {
  host,
  service,
  source,
  component,
  severity,
  pid,
  request_id,
  user,
  project,
  instance,
  template_id,
  message,
  domain,
  client,
  method,
  path,
  status,
};

/// One question. `text` and `pattern` questions are about the raw text, all others about a field.
struct Condition {
  enum class Kind : std::uint8_t {
    text,     ///< raw contains `value` (in lower case), case ignored
    pattern,  ///< raw matches `pattern` somewhere
    equal,    ///< the field is `value`; request_id: the local or the global one; template_id: hex
    glob,     ///< the field matches `value` with * and ?
    match,    ///< the field matches `pattern` somewhere
    between,  ///< severity, pid or status: from `low` to `high`, both included
  };
  Kind kind = Kind::text;
  QueryField field = QueryField::host;
  std::string value{};
  std::shared_ptr<const Pattern> pattern{};
  std::uint64_t low = 0, high = 0;
};

/// Children come before their parents; the last node is the root. No nodes: everything matches.
struct Expression {
  struct Node {
    enum class Kind : std::uint8_t { all, any, none, condition } kind = Kind::all;
    std::vector<std::uint32_t> children;  ///< all, any: any number; none: one
    std::uint32_t condition = 0;
  };
  std::vector<Node> nodes;
  std::vector<Condition> conditions;

  std::uint32_t add(Condition condition);
  std::uint32_t add(Node::Kind kind, std::vector<std::uint32_t> children);
  /// The root becomes "what it was, and `condition` too".
  void require(Condition condition);
};

bool matches(const Condition& condition, const RecordView& record);
bool matches(const Expression& expression, const RecordView& record);
/// Whether a field that has this text answers the question; not for text, pattern and between of severity.
bool field_matches(const Condition& condition, std::string_view text);
std::string to_text(std::uint64_t template_id);
/// "" for 0, which is none.
std::string number_text(std::uint32_t number);

}  // namespace sentinella::logs
