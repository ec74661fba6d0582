// A tree back to text (the printing half of parser.h).
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "query/function_table.h"
#include "query/lexer.h"
#include "query/number_text.h"
#include "query/parser.h"

namespace sentinella::query {
namespace {

constexpr std::size_t kMaxLine = 100;

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string shift_text(const TimeShift& shift) {
  std::string out;
  if (shift.at_ms)
    out += fmt::format(" @ {}{}.{:03}", *shift.at_ms < 0 ? "-" : "", std::abs(*shift.at_ms) / 1000,
                       std::abs(*shift.at_ms) % 1000);
  else if (shift.anchor != TimeShift::Anchor::none)
    out += shift.anchor == TimeShift::Anchor::start ? " @ start()" : " @ end()";
  if (shift.offset_ms != 0)
    out +=
        fmt::format(" offset {}{}", shift.offset_ms < 0 ? "-" : "", duration_text(std::abs(shift.offset_ms)));
  return out;
}

std::string_view operator_text(LabelMatcher::Op op) {
  switch (op) {
    case LabelMatcher::Op::equal:
      return "=";
    case LabelMatcher::Op::not_equal:
      return "!=";
    case LabelMatcher::Op::regex:
      return "=~";
    case LabelMatcher::Op::not_regex:
      break;
  }
  return "!~";
}

std::string selector_text(const VectorSelector& selector) {
  std::vector<std::string> matchers;
  for (const LabelMatcher& matcher : selector.matchers)
    matchers.push_back(fmt::format("{}{}{}", matcher.name, operator_text(matcher.op), quote(matcher.value)));
  std::ranges::sort(matchers);
  if (matchers.empty()) return selector.name;
  std::string out = selector.name + "{";
  for (std::size_t i = 0; i < matchers.size(); ++i) out += (i == 0 ? "" : ",") + matchers[i];
  return out + "}";
}

std::string aggregate_head(const Aggregate& node) {
  std::string out(to_string(node.op));
  if (node.without)
    out += fmt::format(" without ({}) ", join(node.grouping));
  else if (!node.grouping.empty())
    out += fmt::format(" by ({}) ", join(node.grouping));
  return out;
}

std::string operator_text(const Binary& node) {
  const Matching& matching = node.matching;
  std::string out(to_string(node.op));
  if (node.return_bool) out += " bool";
  if (matching.labels.empty() && !matching.on && matching.include.empty()) return out;
  out += fmt::format(" {} ({})", matching.on ? "on" : "ignoring", join(matching.labels));
  if (matching.cardinality == Matching::Cardinality::many_to_one)
    out += fmt::format(" group_left ({})", join(matching.include));
  else if (matching.cardinality == Matching::Cardinality::one_to_many)
    out += fmt::format(" group_right ({})", join(matching.include));
  return out;
}

std::string subquery_suffix(const Subquery& node) {
  return fmt::format("[{}:{}]{}", duration_text(node.range_ms),
                     node.step_ms == 0 ? "" : duration_text(node.step_ms), shift_text(node.shift));
}

/// Appends to one string, so that a deep tree costs no copies.
struct OneLine {
  std::string out = {};

  void print(const Expr& expr) {
    std::visit([&](const auto& node) { (*this)(node); }, expr.node);
  }
  void operator()(const NumberLiteral& node) { out += number_text(node.value); }
  void operator()(const StringLiteral& node) { out += quote(node.value); }
  void operator()(const VectorSelector& node) { out += selector_text(node) + shift_text(node.shift); }
  void operator()(const MatrixSelector& node) {
    out += fmt::format("{}[{}]{}", selector_text(node.vector), duration_text(node.range_ms),
                       shift_text(node.vector.shift));
  }
  void operator()(const Subquery& node) {
    print(*node.inner);
    out += subquery_suffix(node);
  }
  void operator()(const Paren& node) {
    out += '(';
    print(*node.inner);
    out += ')';
  }
  void operator()(const Unary& node) {
    out += node.negative ? '-' : '+';
    print(*node.inner);
  }
  void operator()(const Binary& node) {
    print(*node.left);
    out += fmt::format(" {} ", operator_text(node));
    print(*node.right);
  }
  void operator()(const Aggregate& node) {
    out += aggregate_head(node) + "(";
    if (node.parameter) print(*node.parameter), out += ", ";
    print(*node.inner);
    out += ')';
  }
  void operator()(const Call& node) {
    out += std::string(node.function->name) + "(";
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      if (i > 0) out += ", ";
      print(*node.arguments[i]);
    }
    out += ')';
  }
};

std::string indent(std::size_t level) {
  return std::string(2 * level, ' ');
}

std::string pretty(const Expr& expr, std::size_t level);

std::string pretty_list(const std::vector<const Expr*>& list, std::size_t level) {
  std::string out;
  for (const Expr* expr : list) out += (out.empty() ? "" : ",\n") + pretty(*expr, level);
  return out;
}

std::string pretty(const Expr& expr, std::size_t level) {
  const auto line = to_string(expr);
  if (const auto* unary = expr.as<Unary>()) {
    const auto inner = pretty(*unary->inner, level);
    return indent(level) + (unary->negative ? "-" : "+") + std::string(trim(inner));
  }
  if (line.size() <= kMaxLine) return indent(level) + line;
  if (const auto* node = expr.as<Aggregate>()) {
    std::vector<const Expr*> list;
    if (node->parameter) list.push_back(node->parameter.get());
    list.push_back(node->inner.get());
    return fmt::format("{0}{1}(\n{2}\n{0})", indent(level), aggregate_head(*node),
                       pretty_list(list, level + 1));
  }
  if (const auto* node = expr.as<Call>()) {
    std::vector<const Expr*> list;
    for (const ExprPtr& argument : node->arguments) list.push_back(argument.get());
    return fmt::format("{0}{1}(\n{2}\n{0})", indent(level), node->function->name,
                       pretty_list(list, level + 1));
  }
  if (const auto* node = expr.as<Paren>())
    return fmt::format("{0}(\n{1}\n{0})", indent(level), pretty(*node->inner, level + 1));
  if (const auto* node = expr.as<Subquery>()) return pretty(*node->inner, level) + subquery_suffix(*node);
  if (const auto* node = expr.as<Binary>())
    return fmt::format("{}\n{}{}\n{}", pretty(*node->left, level + 1), indent(level), operator_text(*node),
                       pretty(*node->right, level + 1));
  return indent(level) + line;
}

}  // namespace

std::string to_string(const Expr& expr) {
  OneLine line;
  line.print(expr);
  return std::move(line.out);
}

std::string to_pretty_string(const Expr& expr) {
  return pretty(expr, 0);
}

std::string quote(std::string_view text) {
  const bool valid = is_valid_utf8(text);
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\r')
      out += "\\r";
    else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !valid))
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out + "\"";
}

}  // namespace sentinella::query
