#include "telemetry/json_path.h"

#include <algorithm>
#include <cmath>

#include <re2/re2.h>

#include "telemetry/json_path_program.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;
using Values = boost::container::small_vector<const json::value*, 8>;

std::optional<double> number_of(const json::value& value) {
  if (const auto* d = value.if_double()) return *d;
  if (const auto* i = value.if_int64()) return static_cast<double>(*i);
  if (const auto* u = value.if_uint64()) return static_cast<double>(*u);
  return std::nullopt;
}

/// -1, 0, 1; nullopt when the two cannot be compared.
std::optional<int> compare(const json::value& a, const json::value& b) {
  const auto x = number_of(a), y = number_of(b);
  if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
  if (a.is_string() && b.is_string()) return a.get_string().compare(b.get_string());
  if (a.kind() == b.kind() && a == b) return 0;
  return std::nullopt;
}

bool holds(const PathCondition& condition, const json::value& element) {
  const json::value* at = &element;
  for (const std::string& field : condition.fields) {
    const auto* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(field);
    if (at == nullptr) return false;
  }
  if (condition.compare == Compare::exists) return true;
  const auto order = compare(*at, condition.operand);
  switch (condition.compare) {
    case Compare::equal:
      return order && *order == 0;
    case Compare::not_equal:
      return !order || *order != 0;
    case Compare::less:
      return order && *order < 0;
    case Compare::greater:
      return order && *order > 0;
    case Compare::less_equal:
      return order && *order <= 0;
    case Compare::greater_equal:
      return order && *order >= 0;
    case Compare::exists:
      break;
  }
  return true;
}

/// Python's text.split(separator, max)[index].
std::optional<std::string_view> piece(std::string_view text, const PathStep& step) {
  std::vector<std::string_view> pieces;
  while (step.max_split < 0 || pieces.size() < static_cast<std::size_t>(step.max_split)) {
    const std::size_t at = text.find(step.name);
    if (at == std::string_view::npos) break;
    pieces.push_back(text.substr(0, at));
    text.remove_prefix(at + step.name.size());
  }
  pieces.push_back(text);
  const auto count = static_cast<std::int64_t>(pieces.size());
  const std::int64_t index = step.index < 0 ? step.index + count : step.index;
  if (index < 0 || index >= count) return std::nullopt;
  return pieces[static_cast<std::size_t>(index)];
}

std::optional<json::value> whole_result(PathNode::Kind kind, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  bool over = true;
  if (kind == PathNode::Kind::add) over = __builtin_add_overflow(a, b, &out);
  if (kind == PathNode::Kind::subtract) over = __builtin_sub_overflow(a, b, &out);
  if (kind == PathNode::Kind::multiply) over = __builtin_mul_overflow(a, b, &out);
  if (over) return std::nullopt;
  return json::value(out);
}

std::optional<json::value> calculate(PathNode::Kind kind, const json::value& a, const json::value& b) {
  if (a.is_string() && b.is_string() && kind == PathNode::Kind::add)
    return json::value(std::string(a.get_string()) + std::string(b.get_string()));
  if (a.is_int64() && b.is_int64())
    if (auto whole = whole_result(kind, a.get_int64(), b.get_int64())) return whole;
  const auto x = number_of(a), y = number_of(b);
  if (!x || !y) return std::nullopt;
  double out = 0;
  switch (kind) {
    case PathNode::Kind::add:
      out = *x + *y;
      break;
    case PathNode::Kind::subtract:
      out = *x - *y;
      break;
    case PathNode::Kind::multiply:
      out = *x * *y;
      break;
    default:
      if (*y == 0) return std::nullopt;
      out = *x / *y;
  }
  return json::value(out);
}

}  // namespace

/// One evaluation. What is made lies in `found`.
class PathRun {
 public:
  PathRun(const JsonPath::Program& program, const json::value& document, Found& found)
      : program_(program), document_(document), found_(found) {}

  Values node(NodeIndex index, const json::value& current) {
    const PathNode& node = program_.nodes[index];
    switch (node.kind) {
      case PathNode::Kind::literal:
        return {&node.literal};
      case PathNode::Kind::path:
        return path(node, node.from_root ? document_ : current);
      case PathNode::Kind::either:
        return either(node.operands, current);
      default:
        return arithmetic(node, current);
    }
  }

 private:
  Values either(const std::vector<NodeIndex>& choices, const json::value& current) {
    Values all;
    for (const NodeIndex choice : choices)
      for (const auto* value : node(choice, current)) keep(all, *value);
    return all;
  }

  Values path(const PathNode& node, const json::value& start) {
    Values here{&start};
    for (const PathStep& step : node.steps) {
      Values next;
      for (const auto* value : here) take_step(step, *value, next);
      here = std::move(next);
      if (here.empty()) break;
    }
    return here;
  }

  /// Element by element; one value alone goes with each of the other side.
  Values arithmetic(const PathNode& node, const json::value& current) {
    const Values left = this->node(node.operands[0], current), right = this->node(node.operands[1], current);
    if (left.empty() || right.empty() ||
        (left.size() != right.size() && left.size() != 1 && right.size() != 1))
      return {};
    Values all;
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      const json::value& a = *left[left.size() == 1 ? 0 : i];
      const json::value& b = *right[right.size() == 1 ? 0 : i];
      auto result = calculate(node.kind, a, b);
      if (!result) return {};
      keep(all, found_.make(*std::move(result)));
    }
    return all;
  }

  void take_step(const PathStep& step, const json::value& value, Values& next) {
    switch (step.kind) {
      case PathStep::Kind::field:
        if (const auto* object = value.if_object())
          if (const auto* field = object->if_contains(step.name)) keep(next, *field);
        return;
      case PathStep::Kind::index:
        return take_index(step.index, value, next);
      case PathStep::Kind::all:
        return take_all(value, next);
      case PathStep::Kind::descend:
        return descend(step, value, next);
      case PathStep::Kind::either:
        for (const NodeIndex choice : step.choices)
          for (const auto* one : node(choice, value)) keep(next, *one);
        return;
      case PathStep::Kind::filter:
        if (const auto* array = value.if_array())
          for (const json::value& element : *array)
            if (std::ranges::all_of(step.filters, [&](const auto& c) { return holds(c, element); }))
              keep(next, element);
        return;
      default:
        return apply(step, value, next);
    }
  }

  void apply(const PathStep& step, const json::value& value, Values& next) {
    const auto* text = value.if_string();
    if (step.kind == PathStep::Kind::split && text != nullptr) {
      if (const auto one = piece({text->data(), text->size()}, step))
        keep(next, found_.make(json::value(*one)));
    } else if (step.kind == PathStep::Kind::sub && text != nullptr) {
      std::string changed(*text);
      RE2::GlobalReplace(&changed, *step.regex, step.name);
      keep(next, found_.make(json::value(changed)));
    } else if (step.kind == PathStep::Kind::len) {
      const std::size_t size = value.is_array()    ? value.get_array().size()
                               : value.is_object() ? value.get_object().size()
                               : text != nullptr   ? text->size()
                                                   : SIZE_MAX;
      if (size != SIZE_MAX) keep(next, found_.make(json::value(static_cast<std::int64_t>(size))));
    } else if (step.kind == PathStep::Kind::sorted && value.is_array()) {
      json::array copy = value.get_array();
      std::ranges::stable_sort(copy, [](const json::value& a, const json::value& b) {
        const auto order = compare(a, b);
        return order ? *order < 0 : a.kind() < b.kind();
      });
      keep(next, found_.make(json::value(std::move(copy))));
    }
  }

  static void take_index(std::int64_t index, const json::value& value, Values& next) {
    const auto* array = value.if_array();
    if (array == nullptr) return;
    const auto count = static_cast<std::int64_t>(array->size());
    if (index < 0) index += count;
    if (index >= 0 && index < count) keep(next, (*array)[static_cast<std::size_t>(index)]);
  }

  static void take_all(const json::value& value, Values& next) {
    if (const auto* array = value.if_array())
      for (const json::value& element : *array) keep(next, element);
    else if (const auto* object = value.if_object())
      for (const auto& member : *object) keep(next, member.value());
  }

  /// With a list of what is still to be looked at: the document's depth is not ours.
  static void descend(const PathStep& step, const json::value& value, Values& next) {
    Values open{&value};
    while (!open.empty() && next.size() < JsonPath::kMaxFound) {
      const json::value& at = *open.back();
      open.pop_back();
      if (const auto* object = at.if_object()) {
        for (const auto& member : *object)
          if (step.name == "*" || member.key() == step.name) keep(next, member.value());
        for (auto member = object->end(); member != object->begin();) open.push_back(&(--member)->value());
      } else if (const auto* array = at.if_array()) {
        for (auto element = array->end(); element != array->begin();) open.push_back(--element);
      }
    }
  }

  static void keep(Values& values, const json::value& value) {
    if (values.size() < JsonPath::kMaxFound) values.push_back(&value);
  }

  const JsonPath::Program& program_;
  const json::value& document_;
  Found& found_;
};

JsonPath::JsonPath(std::unique_ptr<Program> program) : program_(std::move(program)) {}
JsonPath::~JsonPath() = default;
JsonPath::JsonPath(JsonPath&&) noexcept = default;
JsonPath& JsonPath::operator=(JsonPath&&) noexcept = default;

Result<JsonPath> JsonPath::compile(std::string_view text) {
  SENT_TRY_ASSIGN(auto program, PathCompiler::compile(text));
  return JsonPath(std::move(program));
}

void JsonPath::find(const PathSource& source, Found& found) const {
  if (program_->only_fields) {
    if (const auto* value = first(source, found)) found.add(*value);
    return;
  }
  const json::value& document = source.document;
  for (const auto* value : PathRun(*program_, document, found).node(program_->root, document))
    if (!value->is_null()) found.add(*value);
}

/// A path reads no more than what its first plain names lead to. One that begins within another is taken for
/// one that begins at the root: too much rather than too little.
void JsonPath::plan_reading(ReadPlan& plan) const {
  for (const PathNode& node : program_->nodes) {
    if (node.kind != PathNode::Kind::path) continue;
    std::vector<std::string_view> names;
    for (const PathStep& step : node.steps) {
      if (step.kind != PathStep::Kind::field) break;
      names.push_back(step.name);
    }
    if (program_->only_fields)
      plan.add_path(program_.get(), names);
    else
      plan.add(names);
  }
}

const json::value* JsonPath::first(const PathSource& source, Found& found) const {
  const auto not_null = [](const json::value& value) { return value.is_null() ? nullptr : &value; };
  const auto slot = source.plan == nullptr ? ReadPlan::kNoSlot : source.plan->slot_of(program_.get());
  if (slot != ReadPlan::kNoSlot) return not_null((*source.values)[slot]);
  const json::value* at = &source.document;
  const PathNode& root = program_->nodes[program_->root];
  if (root.kind == PathNode::Kind::literal) return not_null(root.literal);
  if (!program_->only_fields) {
    for (const auto* value : PathRun(*program_, *at, found).node(program_->root, *at))
      if (!value->is_null()) return value;
    return nullptr;
  }
  for (const PathStep& step : root.steps) {
    const auto* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(step.name);
    if (at == nullptr) return nullptr;
  }
  return not_null(*at);
}

}  // namespace sentinella::telemetry
