// A label matcher, ready to be asked.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "model/labels.h"

namespace re2 {
class RE2;
}

namespace sentinella {

/// Immutable, thread-safe; copies share the expression.
class CompiledMatcher {
 public:
  /// kInvalid: a regex that is none, or one over 16 KiB, or that would take more than `max_memory` bytes; the
  /// field is the label's name.
  static Result<CompiledMatcher> make(LabelMatcher matcher, std::int64_t max_memory = 8 << 20);

  const LabelMatcher& said() const { return matcher_; }
  const std::string& name() const { return matcher_.name; }
  bool matches(std::string_view value) const;
  /// What lacks the label cannot match.
  bool narrows() const { return !matches(""); }
  /// The one value it allows, when that can be told; else null.
  const std::string* only_value() const {
    return matcher_.op == LabelMatcher::Op::equal ? &matcher_.value : nullptr;
  }

 private:
  explicit CompiledMatcher(LabelMatcher matcher) : matcher_(std::move(matcher)) {}

  LabelMatcher matcher_;
  std::shared_ptr<const re2::RE2> regex_;
};

}  // namespace sentinella
