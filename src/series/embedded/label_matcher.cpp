#include "series/embedded/label_matcher.h"

#include <algorithm>

#include <re2/re2.h>

namespace sentinella::series {
namespace {

constexpr std::size_t kMaxRegexBytes = 16 * 1024;

}  // namespace

Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

Result<Matcher> Matcher::compile(const LabelMatcher& matcher) {
  Matcher compiled;
  compiled.matcher_ = &matcher;
  using Op = LabelMatcher::Op;
  compiled.negated_ = matcher.op == Op::not_equal || matcher.op == Op::not_regex;
  if (matcher.op == Op::equal || matcher.op == Op::not_equal) return compiled;
  if (matcher.value.size() > kMaxRegexBytes)
    return fail_field(Errc::kInvalid, matcher.name, "the regular expression has {} bytes, at most {}",
                      matcher.value.size(), kMaxRegexBytes);
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  compiled.regex_ = std::make_unique<re2::RE2>(matcher.value, options);
  if (!compiled.regex_->ok())
    return fail_field(Errc::kInvalid, matcher.name, "\"{}\" is not a regular expression: {}", matcher.value,
                      compiled.regex_->error());
  return compiled;
}

bool Matcher::matches(std::string_view value) const {
  const bool hit = regex_ ? re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *regex_)
                          : value == matcher_->value;
  return hit != negated_;
}

Result<std::vector<Matcher>> compile(const Selector& selector) {
  std::vector<Matcher> matchers;
  for (const LabelMatcher& matcher : selector.matchers) {
    SENT_TRY_ASSIGN(auto compiled, Matcher::compile(matcher));
    matchers.push_back(std::move(compiled));
  }
  return matchers;
}

Result<void> check_selector(const Selector& selector) {
  SENT_TRY_ASSIGN(const auto matchers, compile(selector));
  if (std::ranges::none_of(matchers, &Matcher::narrows))
    return fail(Errc::kInvalid,
                "the selector would match every series: at least one matcher must not match \"\"");
  return {};
}

}  // namespace sentinella::series
