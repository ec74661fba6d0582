#include "logs/query/expression.h"

#include <algorithm>

#include "base/text.h"
#include "logs/block/text_search.h"

namespace sentinella::logs {

std::uint32_t Expression::add(Condition condition) {
  conditions.push_back(std::move(condition));
  nodes.push_back({Node::Kind::condition, {}, static_cast<std::uint32_t>(conditions.size() - 1)});
  return static_cast<std::uint32_t>(nodes.size() - 1);
}

std::uint32_t Expression::add(Node::Kind kind, std::vector<std::uint32_t> children) {
  nodes.push_back({kind, std::move(children), 0});
  return static_cast<std::uint32_t>(nodes.size() - 1);
}

void Expression::require(Condition condition) {
  if (nodes.empty()) {
    add(std::move(condition));
    return;
  }
  const auto root = static_cast<std::uint32_t>(nodes.size() - 1);
  const std::uint32_t more = add(std::move(condition));
  add(Node::Kind::all, {root, more});
}

std::string number_text(std::uint32_t number) {
  return number == 0 ? std::string() : std::to_string(number);
}

std::string to_text(std::uint64_t template_id) {
  return fmt::format("{:016x}", template_id);
}

bool field_matches(const Condition& condition, std::string_view text) {
  switch (condition.kind) {
    case Condition::Kind::equal:
      return text == condition.value;
    case Condition::Kind::glob:
      return glob_match(condition.value, text);
    case Condition::Kind::match:
      return condition.pattern->found_in(text);
    case Condition::Kind::between: {
      const auto number = parse_uint(text);
      return number && *number >= condition.low && *number <= condition.high;
    }
    default:
      return false;
  }
}

bool matches(const Condition& condition, const RecordView& record) {
  if (condition.kind == Condition::Kind::text) return contains_ignoring_case(record.raw, condition.value);
  if (condition.kind == Condition::Kind::pattern) return condition.pattern->found_in(record.raw);
  switch (condition.field) {
    case QueryField::host:
      return field_matches(condition, record.host);
    case QueryField::service:
      return field_matches(condition, record.service);
    case QueryField::source:
      return field_matches(condition, record.source);
    case QueryField::component:
      return field_matches(condition, record.component);
    case QueryField::severity: {
      const auto severity = static_cast<std::uint64_t>(record.severity);
      return severity >= condition.low && severity <= condition.high;
    }
    case QueryField::pid:
      return field_matches(condition, number_text(record.pid));
    case QueryField::request_id:
      return field_matches(condition, record.request_id) ||
             field_matches(condition, record.global_request_id);
    case QueryField::user:
      return field_matches(condition, record.user_id);
    case QueryField::project:
      return field_matches(condition, record.project_id);
    case QueryField::instance:
      return field_matches(condition, record.instance);
    case QueryField::template_id:
      return field_matches(condition, to_text(record.template_id));
    case QueryField::message:
      return field_matches(condition, record.message);
    case QueryField::domain:
      return field_matches(condition, record.domain_id);
    case QueryField::client:
      return field_matches(condition, record.http.client);
    case QueryField::method:
      return field_matches(condition, record.http.method);
    case QueryField::path:
      return field_matches(condition, record.http.path);
    case QueryField::status:
      return field_matches(condition, number_text(record.http.status));
  }
  return false;
}

bool matches(const Expression& expression, const RecordView& record) {
  if (expression.nodes.empty()) return true;
  std::vector<bool> holds(expression.nodes.size());
  for (std::size_t i = 0; i < expression.nodes.size(); ++i) {
    const Expression::Node& node = expression.nodes[i];
    const auto child = [&](std::uint32_t c) { return static_cast<bool>(holds[c]); };
    switch (node.kind) {
      case Expression::Node::Kind::all:
        holds[i] = std::ranges::all_of(node.children, child);
        break;
      case Expression::Node::Kind::any:
        holds[i] = std::ranges::any_of(node.children, child);
        break;
      case Expression::Node::Kind::none:
        holds[i] = std::ranges::none_of(node.children, child);
        break;
      case Expression::Node::Kind::condition:
        holds[i] = matches(expression.conditions[node.condition], record);
        break;
    }
  }
  return holds.back();
}

}  // namespace sentinella::logs
