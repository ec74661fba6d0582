#include "rules/gauge_expression.h"

#include <array>
#include <utility>

#include <re2/re2.h>

#include "base/text.h"

namespace sentinella::rules {
namespace {

using Aggregate = GaugeRule::Aggregate;
using Compare = GaugeRule::Compare;

constexpr std::array<std::pair<std::string_view, Aggregate>, 7> kAggregates{{{"last", Aggregate::last},
                                                                             {"avg", Aggregate::avg},
                                                                             {"min", Aggregate::min},
                                                                             {"max", Aggregate::max},
                                                                             {"sum", Aggregate::sum},
                                                                             {"count", Aggregate::count},
                                                                             {"rate", Aggregate::rate}}};
constexpr Duration kMaxWindow = std::chrono::hours(24);

std::optional<Aggregate> parse_aggregate(std::string_view text) {
  for (const auto& [name, aggregate] : kAggregates)
    if (name == text) return aggregate;
  return std::nullopt;
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

/// Reads tokens from the left; no recursion, one pass.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool take(std::string_view token) {
    skip_spaces();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  Result<void> expect(std::string_view token) {
    if (take(token)) return {};
    return fail(Errc::kInvalid, "'{}' expected at character {}", token, at_ + 1);
  }
  Result<std::string> name() {
    skip_spaces();
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
    if (start == at_) return fail(Errc::kInvalid, "a metric or label name expected at character {}", at_ + 1);
    return std::string(text_.substr(start, at_ - start));
  }
  Result<std::string> quoted() {
    SENT_TRY(expect("\""));
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') return ++at_, out;
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out.push_back(text_[at_]);
    }
    return fail(Errc::kInvalid, "the text in quotes does not end");
  }
  std::string_view until(char end) {
    const std::size_t stop = std::min(text_.find(end, at_), text_.size());
    return text_.substr(std::exchange(at_, stop), stop - at_);
  }
  bool at_end() {
    skip_spaces();
    return at_ == text_.size();
  }
  std::size_t position() const { return at_ + 1; }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<LabelMatcher> read_matcher(Scanner& in) {
  LabelMatcher matcher;
  SENT_TRY_ASSIGN(matcher.name, in.name());
  if (in.take("=~")) {
    matcher.op = LabelMatcher::Op::regex;
  } else if (in.take("!~")) {
    matcher.op = LabelMatcher::Op::not_regex;
  } else if (in.take("!=")) {
    matcher.op = LabelMatcher::Op::not_equal;
  } else {
    SENT_TRY(in.expect("="));
  }
  SENT_TRY_ASSIGN(matcher.value, in.quoted());
  if (matcher.op == LabelMatcher::Op::regex || matcher.op == LabelMatcher::Op::not_regex) {
    const re2::RE2 pattern(matcher.value, re2::RE2::Quiet);
    if (!pattern.ok()) return fail(Errc::kInvalid, "regex \"{}\": {}", matcher.value, pattern.error());
  }
  return matcher;
}

Result<void> read_matchers(Scanner& in, GaugeRule& rule) {
  if (!in.take("{") || in.take("}")) return {};
  do {
    SENT_TRY_ASSIGN(LabelMatcher matcher, read_matcher(in));
    rule.matchers.push_back(std::move(matcher));
  } while (in.take(","));
  return in.expect("}");
}

Result<void> read_window(Scanner& in, GaugeRule& rule) {
  const bool wants_window = rule.aggregate != Aggregate::last;
  if (!in.take("[")) {
    if (!wants_window) return {};
    return fail(Errc::kInvalid, "{}() needs a window, as in {}({}[5m])", to_string(rule.aggregate),
                to_string(rule.aggregate), rule.metric);
  }
  if (!wants_window) return fail(Errc::kInvalid, "last() takes no window; avg, min or max do");
  SENT_TRY_ASSIGN(rule.window, parse_duration(trim(in.until(']'))));
  if (rule.window <= Duration::zero() || rule.window > kMaxWindow)
    return fail(Errc::kInvalid, "the window is {}, allowed are 1 ns to {}", to_text(rule.window),
                to_text(kMaxWindow));
  return in.expect("]");
}

Result<void> read_term(Scanner& in, GaugeRule& rule) {
  SENT_TRY_ASSIGN(rule.metric, in.name());
  const bool call = in.take("(");
  if (call) {
    const auto aggregate = parse_aggregate(rule.metric);
    if (!aggregate)
      return fail(Errc::kInvalid, "unknown function {}; there are last, avg, min, max, sum, count, rate",
                  rule.metric);
    rule.aggregate = *aggregate;
    SENT_TRY_ASSIGN(rule.metric, in.name());
  }
  SENT_TRY(read_matchers(in, rule));
  if (!call) return {};
  SENT_TRY(read_window(in, rule));
  return in.expect(")");
}

Result<void> read_divisor(Scanner& in, GaugeRule& rule) {
  SENT_TRY_ASSIGN(rule.divisor_metric, in.name());
  if (!in.take("(")) return {};
  if (rule.divisor_metric != "last") return fail(Errc::kInvalid, "only last() may stand under the division");
  SENT_TRY_ASSIGN(rule.divisor_metric, in.name());
  return in.expect(")");
}

}  // namespace

Result<GaugeRule> parse_gauge_expression(std::string_view text) {
  if (text.size() > 4096)
    return fail(Errc::kTooLarge, "the expression has {} bytes, at most 4096", text.size());
  GaugeRule rule;
  Scanner in(text);
  SENT_TRY(read_term(in, rule));
  if (in.take("/")) SENT_TRY(read_divisor(in, rule));
  if (!in.at_end()) return fail(Errc::kInvalid, "unexpected text at character {}", in.position());
  return rule;
}

Result<Threshold> parse_threshold(std::string_view text) {
  text = trim(text);
  Threshold threshold;
  for (Compare compare : {Compare::above_equal, Compare::below_equal, Compare::above, Compare::below}) {
    if (!text.starts_with(to_string(compare))) continue;
    threshold.compare = compare;
    const auto value = parse_double(trim(text.substr(to_string(compare).size())));
    if (!value) break;
    threshold.value = *value;
    return threshold;
  }
  return fail(Errc::kInvalid, "\"{}\" is not a threshold such as \"> 0.9\"", text.substr(0, 64));
}

std::string_view to_string(Compare compare) {
  switch (compare) {
    case Compare::above:
      return ">";
    case Compare::above_equal:
      return ">=";
    case Compare::below:
      return "<";
    case Compare::below_equal:
      return "<=";
  }
  return ">";
}

std::string_view to_string(Aggregate aggregate) {
  for (const auto& [name, value] : kAggregates)
    if (value == aggregate) return name;
  return "last";
}

}  // namespace sentinella::rules
