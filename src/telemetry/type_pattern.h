// A regular expression for types of events, as Python's re.match takes it: at the start, not to the end.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace sentinella::telemetry {

/// Immutable, thread-safe. Matched by RE2 in linear time; a pattern that RE2 lacks the words for (look-ahead)
/// by std::regex, which is why only short texts are given to it: types of events.
class TypePattern {
 public:
  /// kInvalid: not a regular expression.
  static Result<TypePattern> compile(std::string_view pattern);
  ~TypePattern();
  TypePattern(TypePattern&&) noexcept;
  TypePattern& operator=(TypePattern&&) noexcept;

  /// Texts over 255 bytes do not match.
  bool matches(std::string_view type) const;

 private:
  struct Impl;
  explicit TypePattern(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace sentinella::telemetry
