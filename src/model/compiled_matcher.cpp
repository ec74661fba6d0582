#include "model/compiled_matcher.h"

#include <re2/re2.h>

namespace sentinella {
namespace {

constexpr std::size_t kMaxRegexBytes = 16 * 1024;

}  // namespace

Result<CompiledMatcher> CompiledMatcher::make(LabelMatcher matcher, std::int64_t max_memory) {
  CompiledMatcher compiled(std::move(matcher));
  const auto& [op, name, value] = compiled.matcher_;
  if (op == LabelMatcher::Op::equal || op == LabelMatcher::Op::not_equal) return compiled;
  if (value.size() > kMaxRegexBytes)
    return fail_field(Errc::kInvalid, name, "the regular expression has {} bytes, at most {}", value.size(),
                      kMaxRegexBytes);
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_max_mem(max_memory);
  auto regex = std::make_shared<re2::RE2>(value, options);
  if (!regex->ok())
    return fail_field(Errc::kInvalid, name, "\"{}\" is not a regular expression: {}", value, regex->error());
  compiled.regex_ = std::move(regex);
  return compiled;
}

bool CompiledMatcher::matches(std::string_view value) const {
  const bool hit = regex_ ? re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *regex_)
                          : value == matcher_.value;
  const bool negated =
      matcher_.op == LabelMatcher::Op::not_equal || matcher_.op == LabelMatcher::Op::not_regex;
  return hit != negated;
}

}  // namespace sentinella
