// A compiled path: a small tree in one vector, as json_path_compile.cpp makes it and json_path.cpp runs it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "telemetry/json_path.h"

namespace re2 {
class RE2;
}

namespace sentinella::telemetry {

using NodeIndex = std::size_t;

enum class Compare : std::uint8_t { exists, equal, not_equal, less, greater, less_equal, greater_equal };

/// One condition of `[?a.b = 3 & ...]`; all must hold.
struct PathCondition {
  std::vector<std::string> fields;
  Compare compare = Compare::exists;
  boost::json::value operand;
};

struct PathStep {
  enum class Kind : std::uint8_t { field, index, all, descend, either, filter, split, sub, len, sorted };
  Kind kind = Kind::field;
  std::string name;                    ///< field, descend ("*": any); split: the separator; sub: the new text
  std::int64_t index = 0;              ///< index, split: which piece; negative counts from the end
  std::int64_t max_split = -1;         ///< split; negative = no limit
  std::vector<NodeIndex> choices;      ///< either
  std::vector<PathCondition> filters;  ///< filter
  std::shared_ptr<const re2::RE2> regex;  ///< sub
};

struct PathNode {
  enum class Kind : std::uint8_t { literal, path, either, add, subtract, multiply, divide };
  Kind kind = Kind::path;
  bool from_root = false;  ///< path: begins with $
  boost::json::value literal;
  std::vector<PathStep> steps;
  std::vector<NodeIndex> operands;
};

struct JsonPath::Program {
  std::vector<PathNode> nodes;
  NodeIndex root = 0;
  bool only_fields = false;  ///< the common case: a chain of names
};

class PathCompiler {
 public:
  static Result<std::unique_ptr<JsonPath::Program>> compile(std::string_view text);

 private:
  explicit PathCompiler(std::string_view text) : text_(text) {}

  Result<NodeIndex> choice(int depth);
  Result<NodeIndex> sum(int depth);
  Result<NodeIndex> product(int depth);
  Result<NodeIndex> operand(int depth);
  Result<NodeIndex> path(int depth);
  Result<void> after_dot(PathNode& node, int depth);
  Result<void> bracket(PathNode& node);
  Result<void> filter(PathNode& node);
  Result<PathCondition> condition();
  Result<void> function(PathNode& node);
  Result<void> split_function(PathNode& node, std::string_view arguments);
  Result<void> sub_function(PathNode& node, std::string_view arguments);
  Result<std::string> quoted();
  Result<boost::json::value> literal();
  std::string name();

  NodeIndex add(PathNode node);
  NodeIndex binary(PathNode::Kind kind, NodeIndex left, NodeIndex right);
  void skip_blanks();
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c);
  bool take(std::string_view word);
  std::unexpected<Error> expected(std::string_view what) const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::unique_ptr<JsonPath::Program> program_ = std::make_unique<JsonPath::Program>();
};

}  // namespace sentinella::telemetry
