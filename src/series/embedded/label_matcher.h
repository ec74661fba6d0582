// One matcher of a selector, ready to be asked.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "series/series_store.h"

namespace re2 {
class RE2;
}

namespace sentinella::series {

/// Points into the LabelMatcher it was made of.
class Matcher {
 public:
  /// kInvalid: a bad regex, or one too long; the field is the label's name.
  static Result<Matcher> compile(const LabelMatcher& matcher);
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;
  ~Matcher();

  const std::string& name() const { return matcher_->name; }
  bool matches(std::string_view value) const;
  /// Series that lack the label cannot match.
  bool narrows() const { return !matches(""); }
  /// The one value it allows, when that can be told; else null.
  const std::string* only_value() const { return regex_ || negated_ ? nullptr : &matcher_->value; }

 private:
  Matcher() = default;

  const LabelMatcher* matcher_ = nullptr;
  std::unique_ptr<re2::RE2> regex_;
  bool negated_ = false;
};

Result<std::vector<Matcher>> compile(const Selector& selector);
/// kInvalid when a regex is bad, or when no matcher narrows the choice.
Result<void> check_selector(const Selector& selector);

}  // namespace sentinella::series
