#include "api/gnocchi/filter.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/time_text.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

using catalog::AttributeKind;
using catalog::AttributeValue;
using Op = Filter::Op;

constexpr std::size_t kMaxComparisons = 10'000;
constexpr int kMaxDepth = 32;
constexpr std::string_view kLifespan = "lifespan";

struct Word {
  std::string_view text;
  Op op;
};
constexpr std::array<Word, 23> kWords{
    {{"=", Op::eq},     {"==", Op::eq},  {"eq", Op::eq},  {"<", Op::lt},  {"lt", Op::lt},     {">", Op::gt},
     {"gt", Op::gt},    {"<=", Op::le},  {"≤", Op::le},   {"le", Op::le}, {">=", Op::ge},     {"≥", Op::ge},
     {"ge", Op::ge},    {"!=", Op::ne},  {"≠", Op::ne},   {"ne", Op::ne}, {"like", Op::like}, {"in", Op::in},
     {"and", Op::and_}, {"∧", Op::and_}, {"or", Op::or_}, {"∨", Op::or_}, {"not", Op::not_}}};

std::optional<Op> op_of(std::string_view text) {
  for (const Word& word : kWords)
    if (word.text == text) return word.op;
  return std::nullopt;
}

/// "a:b" of a creator: the user's or the project's half.
std::string creator_half(const std::string& creator, bool project) {
  const auto colon = creator.find(':');
  if (colon == std::string::npos) return project ? "" : creator;
  return project ? creator.substr(colon + 1) : creator.substr(0, colon);
}

AttributeValue text_or_nothing(const std::optional<std::string>& text) {
  if (text) return *text;
  return {};
}
AttributeValue time_or_nothing(const std::optional<Time>& time) {
  if (time) return *time;
  return {};
}

class FilterReader {
 public:
  explicit FilterReader(const FilterContext& context) : context_(context) {}

  Outcome<Filter> read(const boost::json::value& json, const Path& path, bool inside) {
    const auto* object = json.if_object();
    if (object == nullptr) return wrong("expected a dictionary", path, inside);
    if (object->empty()) return Filter{};
    if (++comparisons_ > kMaxComparisons || path.size() > 2 * kMaxDepth)
      return refuse(400, "the filter has over {} comparisons or is nested over {} deep", kMaxComparisons,
                    kMaxDepth);
    const std::string key(object->begin()->key());
    const auto op = op_of(key);
    if (!op) return invalid_input("extra keys not allowed", path / key);
    if (object->size() > 1)
      return invalid_input("length of value must be at most 1",
                           path / std::string(std::next(object->begin())->key()));
    const auto& value = object->begin()->value();
    if (*op == Op::not_) {
      Filter filter{Op::not_, {}, {}, {}};
      SENT_TRY_ASSIGN(auto part, read(value, path / key, true));
      filter.parts.push_back(std::move(part));
      return filter;
    }
    if (*op == Op::and_ || *op == Op::or_) return read_parts(*op, value, path / key);
    return read_comparison(*op, value, path / key);
  }

 private:
  static Failure wrong(std::string_view reason, const Path& path, bool inside) {
    return inside ? invalid_value(reason, path) : invalid_input(reason, path);
  }

  Outcome<Filter> read_parts(Op op, const boost::json::value& value, const Path& path) {
    const auto* list = value.if_array();
    if (list == nullptr) return invalid_value("expected a list", path);
    if (list->empty()) return invalid_value("length of value must be at least 1", path);
    Filter filter{op, {}, {}, {}};
    for (std::size_t i = 0; i < list->size(); ++i) {
      SENT_TRY_ASSIGN(auto part, read((*list)[i], path / i, false));
      filter.parts.push_back(std::move(part));
    }
    return filter;
  }

  Outcome<Filter> read_comparison(Op op, const boost::json::value& value, const Path& path) {
    const auto* object = value.if_object();
    if (object == nullptr) return invalid_value("expected a dictionary", path);
    if (object->empty()) return invalid_value("length of value must be at least 1", path);
    if (object->size() > 1)
      return invalid_value("length of value must be at most 1",
                           path / std::string(std::next(object->begin())->key()));
    const std::string name(object->begin()->key());
    const auto& operand = object->begin()->value();
    Filter filter{op, name, {}, {}};
    const auto kind = attribute_kind(context_.type, name);
    if (!kind || (op == Op::like && (name == "id" || *kind != AttributeKind::string)))
      return invalid_input("extra keys not allowed", path / name);
    if (op != Op::in) {
      SENT_TRY_ASSIGN(auto constant, read_constant(name, *kind, operand, path / name));
      filter.values.push_back(std::move(constant));
      return filter;
    }
    const auto* list = operand.if_array();
    if (list == nullptr) return invalid_value("expected a list", path / name);
    if (list->empty()) return invalid_value("length of value must be at least 1", path / name);
    if ((comparisons_ += list->size()) > kMaxComparisons)
      return refuse(400, "the filter has over {} comparisons", kMaxComparisons);
    for (std::size_t i = 0; i < list->size(); ++i) {
      SENT_TRY_ASSIGN(auto constant, read_constant(name, *kind, (*list)[i], path / name / i));
      filter.values.push_back(std::move(constant));
    }
    return filter;
  }

  Outcome<AttributeValue> read_constant(const std::string& name, AttributeKind kind,
                                        const boost::json::value& json, const Path& path) {
    if (json.is_null()) return AttributeValue{};
    const auto* text = json.if_string();
    if (name == kLifespan) return read_span(json, path);
    if (name == "id") {
      if (text == nullptr) return invalid_value("expected str", path);
      return AttributeValue(to_text(resource_uuid(*text, context_.creator)));
    }
    switch (kind) {
      case AttributeKind::string:
        if (text == nullptr) return invalid_value("expected str", path);
        return AttributeValue(std::string(*text));
      case AttributeKind::uuid: {
        const auto id = text ? any_uuid(*text) : std::nullopt;
        if (!id) return invalid_value("badly formed hexadecimal UUID string", path);
        return AttributeValue(to_text(*id));
      }
      case AttributeKind::number:
        if (!json.is_number()) return invalid_value("expected Real", path);
        return AttributeValue(json.to_number<double>());
      case AttributeKind::boolean:
        if (!json.is_bool()) return invalid_value("expected bool", path);
        return AttributeValue(json.get_bool());
      case AttributeKind::datetime:
        return read_time(json, path);
    }
    return AttributeValue{};
  }

  Outcome<AttributeValue> read_time(const boost::json::value& json, const Path& path) {
    if (const auto time = time_of(json, context_.now)) return AttributeValue(*time);
    return invalid_value("Unable to parse timestamp", path);
  }

  /// Compared as nanoseconds.
  Outcome<AttributeValue> read_span(const boost::json::value& json, const Path& path) {
    std::optional<Duration> span;
    if (json.is_string()) span = parse_span(json.get_string());
    if (json.is_number()) span = Duration(std::llround(json.to_number<double>() * 1e9));
    if (!span) return invalid_value("Unable to parse timespan", path);
    return AttributeValue(static_cast<double>(span->count()));
  }

  const FilterContext& context_;
  std::size_t comparisons_ = 0;
};

}  // namespace

std::optional<Time> time_of(const boost::json::value& json, Time now) {
  std::optional<Time> time;
  if (const auto* text = json.if_string()) {
    if (const auto stamp = parse_stamp(*text, now)) time = stamp->at;
  } else if (json.is_number()) {
    const double seconds = json.to_number<double>();
    // Microseconds are what a double of today has.
    if (std::abs(seconds) < 9.2e9) time = Time{std::llround(seconds * 1e6) * 1000};
  }
  if (time && time->ns < 0) return std::nullopt;
  return time;
}

std::optional<AttributeKind> attribute_kind(const catalog::ResourceType& type, std::string_view name) {
  for (const std::string_view text : {"id", "type", "creator", "created_by_user_id", "created_by_project_id",
                                      "user_id", "project_id", "original_resource_id"})
    if (name == text) return AttributeKind::string;
  for (const std::string_view time : {"started_at", "ended_at", "revision_start", "revision_end"})
    if (name == time) return AttributeKind::datetime;
  if (name == kLifespan) return AttributeKind::number;
  const auto found = type.attributes.find(std::string(name));
  if (found == type.attributes.end()) return std::nullopt;
  return found->second.kind;
}

std::optional<AttributeValue> attribute_of(const catalog::Resource& resource, std::string_view name) {
  if (name == "id") return to_text(resource.id);
  if (name == "type") return resource.type;
  if (name == "creator") return resource.creator;
  if (name == "created_by_user_id") return creator_half(resource.creator, false);
  if (name == "created_by_project_id") return creator_half(resource.creator, true);
  if (name == "user_id") return text_or_nothing(resource.user_id);
  if (name == "project_id") return text_or_nothing(resource.project_id);
  if (name == "original_resource_id") return resource.original_id;
  if (name == "started_at") return resource.started_at;
  if (name == "ended_at") return time_or_nothing(resource.ended_at);
  if (name == "revision_start") return resource.revision_start;
  if (name == "revision_end") return time_or_nothing(resource.revision_end);
  if (name == kLifespan)
    return resource.ended_at
               ? AttributeValue(static_cast<double>((*resource.ended_at - resource.started_at).count()))
               : AttributeValue();
  const auto found = resource.attributes.find(std::string(name));
  if (found == resource.attributes.end()) return AttributeValue{};
  return found->second;
}

std::weak_ordering compare(const AttributeValue& a, const AttributeValue& b) {
  if (a.index() != b.index()) return a.index() <=> b.index();
  if (const auto* x = std::get_if<bool>(&a)) return *x <=> std::get<bool>(b);
  if (const auto* x = std::get_if<double>(&a)) {
    const double y = std::get<double>(b);
    return *x < y   ? std::weak_ordering::less
           : *x > y ? std::weak_ordering::greater
                    : std::weak_ordering::equivalent;
  }
  if (const auto* x = std::get_if<std::string>(&a)) return *x <=> std::get<std::string>(b);
  if (const auto* x = std::get_if<Time>(&a)) return *x <=> std::get<Time>(b);
  return std::weak_ordering::equivalent;
}

bool Filter::matches(const catalog::Resource& resource) const {
  const auto part_matches = [&](const Filter& part) { return part.matches(resource); };
  switch (op) {
    case Op::all:
      return true;
    case Op::and_:
      return std::ranges::all_of(parts, part_matches);
    case Op::or_:
      return std::ranges::any_of(parts, part_matches);
    case Op::not_:
      return !parts.front().matches(resource);
    default:
      break;
  }
  const AttributeValue have = attribute_of(resource, attribute).value_or(AttributeValue{});
  const bool nothing = std::holds_alternative<std::monostate>(have);
  const auto same = [&](const AttributeValue& value) { return compare(have, value) == 0; };
  if (op == Op::in) return std::ranges::any_of(values, same);
  const AttributeValue& want = values.front();
  if (op == Op::eq) return same(want);
  if (op == Op::ne) return !same(want);
  if (nothing || have.index() != want.index()) return false;
  if (op == Op::like) return like(std::get<std::string>(want), std::get<std::string>(have));
  const auto order = compare(have, want);
  if (op == Op::lt) return order < 0;
  if (op == Op::le) return order <= 0;
  return op == Op::gt ? order > 0 : order >= 0;
}

Outcome<Filter> read_filter(const boost::json::value& json, const FilterContext& context) {
  return FilterReader(context).read(json, {}, false);
}

Outcome<Filter> parse_filter(std::string_view text, const FilterContext& context) {
  SENT_TRY_ASSIGN(const auto json, parse_filter_text(text));
  return read_filter(json, context);
}

/// The usual walk with one place to come back to: linear but for patterns of many %.
bool like(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '_' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

}  // namespace sentinella::api::gnocchi
