#include "telemetry/type_pattern.h"

#include <optional>
#include <regex>
#include <string>

#include <re2/re2.h>

namespace sentinella::telemetry {
namespace {

constexpr std::size_t kLongest = 255;

}  // namespace

struct TypePattern::Impl {
  std::unique_ptr<const RE2> linear;
  std::optional<std::regex> other;
};

TypePattern::TypePattern(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
TypePattern::~TypePattern() = default;
TypePattern::TypePattern(TypePattern&&) noexcept = default;
TypePattern& TypePattern::operator=(TypePattern&&) noexcept = default;

Result<TypePattern> TypePattern::compile(std::string_view pattern) {
  auto impl = std::make_unique<Impl>();
  RE2::Options options;
  options.set_log_errors(false);
  auto linear = std::make_unique<const RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (linear->ok()) {
    impl->linear = std::move(linear);
    return TypePattern(std::move(impl));
  }
  try {
    impl->other.emplace(pattern.begin(), pattern.end(), std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error&) {
    return fail(Errc::kInvalid, "\"{}\" is not a regular expression: {}", pattern, linear->error());
  }
  return TypePattern(std::move(impl));
}

bool TypePattern::matches(std::string_view type) const {
  if (type.size() > kLongest) return false;
  if (impl_->linear) {
    const re2::StringPiece text(type.data(), type.size());
    return impl_->linear->Match(text, 0, type.size(), RE2::ANCHOR_START, nullptr, 0);
  }
  try {
    return std::regex_search(type.begin(), type.end(), *impl_->other, std::regex_constants::match_continuous);
  } catch (const std::regex_error&) {
    return false;  // too much backtracking
  }
}

}  // namespace sentinella::telemetry
