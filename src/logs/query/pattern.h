// A regular expression, and what a text must contain before it is worth trying.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sentinella::logs {

/// A compiled RE2; shared, because it is expensive. Thread-safe.
class Pattern {
 public:
  /// kInvalid: the text is not a regular expression (RE2's syntax), or too large a one.
  static Result<std::shared_ptr<const Pattern>> compile(std::string_view regex, bool ignore_case);
  ~Pattern();
  bool found_in(std::string_view text) const;
  /// Whether a match within a part of a text is a match in the text: nothing in the pattern looks at what
  /// stands around it.
  bool is_local() const { return local_; }

  /// Texts in lower case, at most 16, of which may_match() asks; none: nothing is known of the pattern.
  const std::vector<std::string>& atoms() const { return atoms_; }
  /// Whether a text can match that contains, case ignored, just those atoms whose bits are set.
  bool may_match(std::uint32_t atoms_found) const;

 private:
  struct Impl;
  explicit Pattern(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  std::vector<std::string> atoms_;
  bool local_ = false;
};

}  // namespace sentinella::logs
