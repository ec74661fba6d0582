#include "api/gnocchi/operations.h"

#include <algorithm>
#include <cmath>

#include "api/gnocchi/operators.h"
#include "api/gnocchi/time_text.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

using Kind = Operation::Kind;
using boost::json::array;
using boost::json::value;

constexpr std::size_t kMaxNodes = 1'000;
constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxText = 64u << 10;
constexpr std::size_t kMaxWindow = 100'000;

std::optional<std::string_view> binary_named(std::string_view word) {
  for (const std::string_view name : {"clip_min", "clip_max", "max"})
    if (word == name) return name;
  const auto arithmetic = arithmetic_named(word);
  return arithmetic ? arithmetic : comparison_named(word);
}

std::optional<std::string_view> unary_named(std::string_view word) {
  if (word == "absolute") return "abs";
  if (word == "negative") return "neg";
  for (const std::string_view name :
       {"abs", "neg", "cos", "sin", "tan", "floor", "ceil", "rateofchange", "rateofchangesec"})
    if (word == name) return name;
  return std::nullopt;
}

Failure bad_operation(std::string_view reason) {
  return invalid_value(reason, {"operations"});
}
Failure bad_use(std::string_view operation) {
  return bad_operation(fmt::format("'{}' operation invalid", to_valid_utf8(operation.substr(0, 60))));
}

std::optional<double> number_of(const value& json) {
  if (json.is_number()) return json.to_number<double>();
  return std::nullopt;
}
std::string_view text_of(const value& json) {
  return json.is_string() ? std::string_view(json.get_string()) : std::string_view();
}
/// "What is this?" in Python's words, which programs compare.
std::string_view kind_name(const value& json) {
  if (json.is_object()) return "dict";
  if (json.is_string()) return "str";
  if (json.is_null()) return "NoneType";
  if (json.is_bool()) return "bool";
  return json.is_double() ? "float" : "int";
}

/// S-expressions as lists. Nothing is asked of what follows the first one.
class ExpressionText {
 public:
  explicit ExpressionText(std::string_view text) : text_(text) {}

  Outcome<value> read() {
    if (text_.size() > kMaxText) return fail_at("a shorter text");
    skip();
    return list(0);
  }

 private:
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  Failure fail_at(std::string_view expected) const {
    const std::string found =
        at_ >= text_.size() ? "end of text" : "'" + to_valid_utf8(text_.substr(at_, 1)) + "'";
    return refuse_because(
        400, "Invalid operations", "Fail to parse the operations string",
        boost::json::string(fmt::format("Expected {}, found {}  (at char {}), (line:1, col:{})", expected,
                                        found, at_, at_ + 1)));
  }
  Outcome<value> list(std::size_t depth) {
    if (at_ >= text_.size() || text_[at_] != '(') return fail_at("'('");
    if (depth > kMaxDepth) return fail_at("less depth");
    ++at_;
    array parts;
    for (skip(); at_ < text_.size() && text_[at_] != ')'; skip()) {
      if (text_[at_] == '(') {
        SENT_TRY_ASSIGN(auto part, list(depth + 1));
        parts.push_back(std::move(part));
        continue;
      }
      SENT_TRY_ASSIGN(auto part, atom());
      parts.push_back(std::move(part));
    }
    if (at_ >= text_.size()) return fail_at("')'");
    ++at_;
    return value(std::move(parts));
  }
  Outcome<value> atom() {
    const char quote = text_[at_];
    if (quote == '"' || quote == '\'') {
      const auto end = text_.find(quote, at_ + 1);
      if (end == std::string_view::npos) return fail_at("a closing quote");
      const auto inner = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      return value(boost::json::string(inner));
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view(" \t\n()").find(text_[at_]) == std::string_view::npos)
      ++at_;
    const auto word = text_.substr(begin, at_ - begin);
    if (const auto number = parse_double(word)) return value(*number);
    return value(boost::json::string(word));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

class OperationReader {
 public:
  Outcome<Operation> read(const value& json, std::size_t depth) {
    if (++nodes_ > kMaxNodes || depth > kMaxDepth)
      return bad_operation(fmt::format("Over {} operations or {} levels of them", kMaxNodes, kMaxDepth));
    if (const auto number = number_of(json); number && depth > 0) return constant(*number);
    const auto* list = json.if_array();
    if (list == nullptr)
      return bad_operation(fmt::format("Expected a tuple/list, got a {}", kind_name(json)));
    if (list->empty()) return bad_operation("Operation must not be empty");
    const auto name = text_of(list->front());
    if (name.empty()) return bad_operation("'' operation invalid");
    if (list->size() < 2) return bad_operation("Operation need at least one argument");
    if (name == "metric") return read_metric(*list);
    if (name == "aggregate") return read_aggregate(*list, depth);
    if (name == "rolling") return read_rolling(*list, depth);
    if (name == "resample") return read_resample(*list, depth);
    if (name == "clip") return read_clip(*list, depth);
    if (const auto unary = unary_named(name)) return read_operands(Kind::unary, *unary, *list, 1, depth);
    if (const auto binary = binary_named(name)) return read_operands(Kind::binary, *binary, *list, 2, depth);
    return bad_use(name);
  }

 private:
  static Operation constant(double number) {
    Operation operation{.kind = Kind::number};
    operation.number = number;
    return operation;
  }

  static Outcome<Operation> read_metric(const array& list) {
    Operation operation{.kind = Kind::metric};
    const auto add = [&](const value& metric, const value& method) {
      if (!metric.is_string() || !method.is_string()) return false;
      MetricRef ref{std::string(text_of(metric)), std::string(text_of(method))};
      if (std::ranges::find(operation.refs, ref) == operation.refs.end())
        operation.refs.push_back(std::move(ref));
      return operation.refs.size() <= kMaxNodes * 100;
    };
    if (list[1].is_string()) {
      if (list.size() != 3 || !add(list[1], list[2])) return bad_use("metric");
      return operation;
    }
    for (std::size_t i = 1; i < list.size(); ++i) {
      const auto* pair = list[i].if_array();
      if (pair == nullptr || pair->size() != 2 || !add((*pair)[0], (*pair)[1])) return bad_use("metric");
    }
    return operation;
  }

  /// A method of several series, of a window or of a group.
  static bool take_method(const value& json, Operation& operation, bool across) {
    std::string_view name = text_of(json);
    const bool rate = across && name.starts_with("rate:");
    if (rate) name.remove_prefix(5);
    operation.variance = name == "var";
    const auto method = operation.variance ? parse_method("std") : parse_method(name);
    if (!method || method->rate) return false;
    using M = Method::Kind;
    if (across && (method->kind == M::first || method->kind == M::last || method->kind == M::percentile))
      return false;
    operation.method = *method;
    operation.method.rate = rate;
    return true;
  }

  Outcome<Operation> read_aggregate(const array& list, std::size_t depth) {
    Operation operation{.kind = Kind::aggregate};
    if (list.size() != 3 || !take_method(list[1], operation, true)) return bad_use("aggregate");
    return with_operand(std::move(operation), list[2], depth);
  }

  Outcome<Operation> read_rolling(const array& list, std::size_t depth) {
    Operation operation{.kind = Kind::rolling};
    if (list.size() != 4 || !take_method(list[1], operation, true) || operation.method.rate)
      return bad_use("rolling");
    const auto window = number_of(list[2]);
    if (!window || *window < 1 || *window > kMaxWindow || *window != std::floor(*window))
      return bad_use("rolling");
    operation.number = *window;
    return with_operand(std::move(operation), list[3], depth);
  }

  Outcome<Operation> read_resample(const array& list, std::size_t depth) {
    Operation operation{.kind = Kind::resample};
    if (list.size() != 4 || !take_method(list[1], operation, false) || operation.variance)
      return bad_use("resample");
    std::optional<Duration> span;
    if (list[2].is_string()) span = parse_span(text_of(list[2]));
    if (const auto seconds = number_of(list[2]); seconds && std::abs(*seconds) < 9.2e9)
      span = Duration(std::llround(*seconds * 1e9));
    if (!span || span->count() <= 0) return bad_use("resample");
    operation.span = *span;
    return with_operand(std::move(operation), list[3], depth);
  }

  Outcome<Operation> read_clip(const array& list, std::size_t depth) {
    Operation operation{.kind = Kind::clip};
    if (list.size() < 3 || list.size() > 4) return bad_use("clip");
    operation.clip_min = number_of(list[2]);
    if (!operation.clip_min && !list[2].is_null() && text_of(list[2]) != "None") return bad_use("clip");
    if (list.size() == 4 && !(operation.clip_max = number_of(list[3]))) return bad_use("clip");
    return with_operand(std::move(operation), list[1], depth);
  }

  Outcome<Operation> with_operand(Operation operation, const value& json, std::size_t depth) {
    SENT_TRY_ASSIGN(auto operand, read(json, depth + 1));
    if (operand.kind == Kind::number) return bad_operation("Expected a tuple/list, got a float");
    operation.operands.push_back(std::move(operand));
    return operation;
  }

  Outcome<Operation> read_operands(Kind kind, std::string_view name, const array& list, std::size_t count,
                                   std::size_t depth) {
    if (list.size() != count + 1) return bad_use(text_of(list.front()));
    Operation operation{.kind = kind, .name = std::string(name)};
    for (std::size_t i = 1; i < list.size(); ++i) {
      SENT_TRY_ASSIGN(auto operand, read(list[i], depth + 1));
      operation.operands.push_back(std::move(operand));
    }
    if (std::ranges::all_of(operation.operands, [](const auto& one) { return one.kind == Kind::number; }))
      return bad_use(text_of(list.front()));
    return operation;
  }

  std::size_t nodes_ = 0;
};

void collect(const Operation& operation, std::vector<MetricRef>& refs) {
  for (const MetricRef& ref : operation.refs)
    if (std::ranges::find(refs, ref) == refs.end()) refs.push_back(ref);
  for (const Operation& operand : operation.operands) collect(operand, refs);
}

}  // namespace

Outcome<Operation> read_operations(const value& json) {
  value list = json;
  if (json.is_string()) {
    SENT_TRY_ASSIGN(list, ExpressionText(json.get_string()).read());
  }
  SENT_TRY_ASSIGN(auto operation, OperationReader().read(list, 0));
  if (references_of(operation).empty())
    return refuse_because(400, "Operations is invalid", "At least one 'metric' is required", json);
  return operation;
}

std::vector<MetricRef> references_of(const Operation& operation) {
  std::vector<MetricRef> refs;
  collect(operation, refs);
  return refs;
}

}  // namespace sentinella::api::gnocchi
