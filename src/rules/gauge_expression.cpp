#include "rules/gauge_expression.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "model/compiled_matcher.h"
#include "query/engine.h"

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
constexpr Duration kMaxWindow = std::chrono::hours(24 * 14);
constexpr Duration kMaxWindowInMemory = std::chrono::hours(24);

std::optional<Aggregate> parse_aggregate(std::string_view text) {
  for (const auto& [name, aggregate] : kAggregates)
    if (name == text) return aggregate;
  return std::nullopt;
}

/// Names of the first releases and of the documents that came before them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kAliases{{
    {"cpu.load1", "host_load1"},
    {"cpu.load5", "host_load5"},
    {"cpu.load15", "host_load15"},
    {"cpu.used", "host_cpu_used_ratio"},
    {"memory.used", "host_memory_used_ratio"},
    {"memory.available", "host_memory_available_bytes"},
    {"swap.used", "host_swap_used_bytes"},
    {"disk.used", "host_filesystem_used_ratio"},
    {"disk.free", "host_filesystem_available_bytes"},
    {"fact.cpu_count", "host_cpus"},
    {"fact.memory_bytes", "host_memory_total_bytes"},
    {"fact.disk_size", "host_filesystem_size_bytes"},
    {"hostname", "host"},
}};

bool is_name_char(char c) {
  return c == '.' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':';
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
    return resolve_alias(text_.substr(start, at_ - start));
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
  std::string_view until(std::string_view end) {
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
  if (const auto compiled = CompiledMatcher::make(matcher); !compiled)
    return fail(Errc::kInvalid, "the regex of {}: {}", matcher.name, compiled.error().message);
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

/// The functions that become PromQL. "" = none of them.
std::string range_function(std::string_view name) {
  if (name == "delta" || name == "deriv") return std::string(name);
  if (name == "predict") return "predict_linear";
  if (name.size() == 3 && name[0] == 'p' && parse_uint(name.substr(1))) return "quantile_over_time";
  return "";
}

Result<Duration> read_duration(Scanner& in, std::string_view ends) {
  SENT_TRY_ASSIGN(const Duration span, parse_duration(trim(in.until(ends))));
  if (span > Duration::zero() && span <= kMaxWindow) return span;
  return fail(Errc::kInvalid, "the window is {}, allowed are 1 ns to {}", to_text(span), to_text(kMaxWindow));
}

Result<void> read_window(Scanner& in, std::string_view function, GaugeRule& rule, Duration fallback) {
  const bool wants_window = function != "last";
  if (!in.take("[")) {
    if (wants_window) rule.window = fallback;
    if (!wants_window || rule.window > Duration::zero()) return {};
    return fail(Errc::kInvalid, "{}() needs a window, as in {}({}[5m])", function, function, rule.metric);
  }
  if (!wants_window) return fail(Errc::kInvalid, "last() takes no window; avg, min or max do");
  SENT_TRY_ASSIGN(rule.window, read_duration(in, "]"));
  return in.expect("]");
}

Result<void> read_divisor(Scanner& in, GaugeRule& rule) {
  SENT_TRY_ASSIGN(rule.divisor_metric, in.name());
  if (!in.take("(")) return {};
  if (rule.divisor_metric != "last") return fail(Errc::kInvalid, "only last() may stand under the division");
  SENT_TRY_ASSIGN(rule.divisor_metric, in.name());
  return in.expect(")");
}

Result<void> read_range_function(Scanner& in, const std::string& name, GaugeRule& rule, Duration fallback) {
  SENT_TRY_ASSIGN(rule.metric, in.name());
  SENT_TRY(read_matchers(in, rule));
  SENT_TRY(read_window(in, name, rule, fallback));
  const std::string range = fmt::format("{}[{}]", selector_text(rule), to_text(rule.window));
  if (name == "predict") {
    SENT_TRY(in.expect(","));
    SENT_TRY_ASSIGN(const Duration ahead, read_duration(in, ")"));
    rule.promql = fmt::format("predict_linear({}, {})", range, std::chrono::duration<double>(ahead).count());
  } else if (name[0] == 'p') {
    rule.promql = fmt::format("quantile_over_time(0.{}, {})", name.substr(1), range);
  } else {
    rule.promql = fmt::format("{}({})", name, range);
  }
  return in.expect(")");
}

Result<void> read_term(Scanner& in, GaugeRule& rule, Duration window) {
  SENT_TRY_ASSIGN(rule.metric, in.name());
  if (!in.take("(")) return read_matchers(in, rule);
  const std::string function = rule.metric;
  if (!range_function(function).empty()) return read_range_function(in, function, rule, window);
  const auto aggregate = parse_aggregate(function);
  if (!aggregate)
    return fail(Errc::kInvalid,
                "unknown function {}; there are last, avg, min, max, sum, count, rate, delta, deriv, predict "
                "and p01 to p99",
                function);
  rule.aggregate = *aggregate;
  SENT_TRY_ASSIGN(rule.metric, in.name());
  SENT_TRY(read_matchers(in, rule));
  SENT_TRY(read_window(in, function, rule, window));
  if (in.take("/")) SENT_TRY(read_divisor(in, rule));
  return in.expect(")");
}

}  // namespace

std::string resolve_alias(std::string_view name) {
  for (const auto& [alias, ours] : kAliases)
    if (alias == name) return std::string(ours);
  std::string out(name);
  std::ranges::replace(out, '.', '_');
  return out;
}

Result<GaugeRule> parse_gauge_expression(std::string_view text, Duration window) {
  if (text.size() > 4096)
    return fail(Errc::kTooLarge, "the expression has {} bytes, at most 4096", text.size());
  GaugeRule rule;
  Scanner in(text);
  SENT_TRY(read_term(in, rule, window));
  if (rule.divisor_metric.empty() && in.take("/")) SENT_TRY(read_divisor(in, rule));
  if (!in.at_end()) return fail(Errc::kInvalid, "unexpected text at character {}", in.position());
  if (rule.promql.empty() && rule.window > kMaxWindowInMemory)
    return fail(Errc::kInvalid, "the window is {}, at most {} are held in memory; promql: may look further",
                to_text(rule.window), to_text(kMaxWindowInMemory));
  if (!rule.promql.empty() && !rule.divisor_metric.empty()) rule.promql += " / " + rule.divisor_metric;
  return rule;
}

std::string selector_text(const GaugeRule& rule) {
  query::VectorSelector selector{rule.metric, rule.matchers};
  query::Expr expr;
  expr.node = std::move(selector);
  return query::to_string(expr);
}

std::string to_promql(const GaugeRule& rule) {
  if (!rule.promql.empty()) return rule.promql;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kFunctions{
      {{"", "max"},
       {"avg_over_time", "avg"},
       {"min_over_time", "min"},
       {"max_over_time", "max"},
       {"sum_over_time", "sum"},
       {"count_over_time", "sum"},
       {"rate", "sum"}}};
  const auto& [function, pooled] = kFunctions[static_cast<std::size_t>(rule.aggregate)];
  const auto by = rule.by.empty() ? std::vector<std::string>{"host", "service"} : rule.by;
  std::string term = selector_text(rule);
  if (!function.empty()) term = fmt::format("{}({}[{}])", function, term, to_text(rule.window));
  term = fmt::format("{} by ({}) ({})", pooled, fmt::join(by, ", "), term);
  if (!rule.divisor_metric.empty())
    term += fmt::format(" / max by ({}) ({})", fmt::join(by, ", "), rule.divisor_metric);
  return term;
}

std::string_view to_string(Unit unit) {
  static constexpr std::array<std::string_view, 4> kNames{"a plain number", "a ratio", "bytes", "seconds"};
  return kNames[static_cast<std::size_t>(unit)];
}

Unit unit_of_metric(std::string_view name) {
  if (name.ends_with("_total")) name.remove_suffix(6);
  if (name.ends_with("_bytes")) return Unit::bytes;
  if (name.ends_with("_seconds")) return Unit::seconds;
  return name.ends_with("_ratio") ? Unit::ratio : Unit::none;
}

namespace {

struct Scale {
  std::string_view suffix;
  double factor;
  Unit unit;
};
/// Longer ones first where one ends with another.
constexpr std::array<Scale, 15> kScales{{{"%", 0.01, Unit::ratio},
                                         {"KiB", 1024, Unit::bytes},
                                         {"MiB", 1048576, Unit::bytes},
                                         {"GiB", 1073741824, Unit::bytes},
                                         {"TiB", 1099511627776, Unit::bytes},
                                         {"kB", 1e3, Unit::bytes},
                                         {"MB", 1e6, Unit::bytes},
                                         {"GB", 1e9, Unit::bytes},
                                         {"TB", 1e12, Unit::bytes},
                                         {"B", 1, Unit::bytes},
                                         {"ms", 1e-3, Unit::seconds},
                                         {"s", 1, Unit::seconds},
                                         {"m", 60, Unit::seconds},
                                         {"h", 3600, Unit::seconds},
                                         {"d", 86400, Unit::seconds}}};

bool read_number(std::string_view text, Threshold& threshold) {
  for (const Scale& scale : kScales) {
    if (!text.ends_with(scale.suffix)) continue;
    const auto value = parse_double(trim(text.substr(0, text.size() - scale.suffix.size())));
    if (!value) continue;
    threshold.value = *value * scale.factor;
    threshold.unit = scale.unit;
    return true;
  }
  const auto value = parse_double(text);
  threshold.value = value.value_or(0);
  return value.has_value();
}

}  // namespace

Result<Threshold> parse_threshold(std::string_view text) {
  text = trim(text);
  Threshold threshold;
  for (Compare compare : {Compare::above_equal, Compare::below_equal, Compare::equal, Compare::not_equal,
                          Compare::above, Compare::below}) {
    if (!text.starts_with(to_string(compare))) continue;
    threshold.compare = compare;
    if (read_number(trim(text.substr(to_string(compare).size())), threshold)) return threshold;
    break;
  }
  return fail(Errc::kInvalid, "\"{}\" is not a threshold such as \"> 0.9\", \"> 85%\" or \"< 2GiB\"",
              text.substr(0, 64));
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
    case Compare::equal:
      return "==";
    case Compare::not_equal:
      return "!=";
    case Compare::always:
      return "";
  }
  return ">";
}

std::string_view to_string(Aggregate aggregate) {
  for (const auto& [name, value] : kAggregates)
    if (value == aggregate) return name;
  return "last";
}

}  // namespace sentinella::rules
