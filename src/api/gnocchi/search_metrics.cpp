// POST /v1/search/metric: which values of which metrics a predicate holds for.
#include <algorithm>
#include <functional>

#include "api/gnocchi/form.h"
#include "api/gnocchi/handlers.h"
#include "api/gnocchi/operations.h"
#include "api/gnocchi/operators.h"
#include "api/gnocchi/rows.h"
#include "api/gnocchi/things.h"
#include "api/gnocchi/time_text.h"

namespace sentinella::api::gnocchi {
namespace {

using Test = std::function<bool(double)>;
using Value = std::function<double(double)>;

constexpr int kMaxDepth = 32;

Failure bad_predicate() {
  return refuse_because(400, "Invalid input",
                        "the body is not a predicate such as {\"and\": [{\"≥\": 50}, {\"≠\": 55}]}",
                        boost::json::array());
}

/// {"+": 23}: the value and 23; nested: {"+": [{"*": 2}, 23]}.
Outcome<Value> read_value(const boost::json::value& json, int depth) {
  const auto* object = json.if_object();
  if (object == nullptr || object->size() != 1 || depth > kMaxDepth) return bad_predicate();
  const auto op = arithmetic_named(object->begin()->key());
  if (!op) return bad_predicate();
  const auto& operand = object->begin()->value();
  Value inner = [](double value) { return value; };
  const boost::json::value* number = &operand;
  if (const auto* pair = operand.if_array()) {
    if (pair->size() != 2) return bad_predicate();
    SENT_TRY_ASSIGN(inner, read_value((*pair)[0], depth + 1));
    number = &(*pair)[1];
  }
  if (!number->is_number()) return bad_predicate();
  return Value([name = std::string(*op), inner = std::move(inner), by = number->to_number<double>()](
                   double value) { return *apply_binary(name, inner(value), by); });
}

Outcome<Test> read_test(const boost::json::value& json, int depth) {
  const auto* object = json.if_object();
  if (object == nullptr || object->size() != 1 || depth > kMaxDepth) return bad_predicate();
  const std::string_view key = object->begin()->key();
  const auto& operand = object->begin()->value();
  const bool all = key == "and" || key == "∧";
  if (all || key == "or" || key == "∨") {
    const auto* list = operand.if_array();
    if (list == nullptr || list->empty()) return bad_predicate();
    std::vector<Test> tests;
    for (const auto& one : *list) {
      SENT_TRY_ASSIGN(auto test, read_test(one, depth + 1));
      tests.push_back(std::move(test));
    }
    return Test([all, tests = std::move(tests)](double value) {
      const auto holds = [value](const Test& test) { return test(value); };
      return all ? std::ranges::all_of(tests, holds) : std::ranges::any_of(tests, holds);
    });
  }
  if (key == "not") {
    SENT_TRY_ASSIGN(auto test, read_test(operand, depth + 1));
    return Test([test = std::move(test)](double value) { return !test(value); });
  }
  const auto op = comparison_named(key);
  if (!op) return bad_predicate();
  Value left = [](double value) { return value; };
  const boost::json::value* number = &operand;
  if (const auto* pair = operand.if_array()) {
    if (pair->size() != 2) return bad_predicate();
    SENT_TRY_ASSIGN(left, read_value((*pair)[0], depth + 1));
    number = &(*pair)[1];
  }
  if (!number->is_number()) return bad_predicate();
  return Test([name = std::string(*op), left = std::move(left), right = number->to_number<double>()](
                  double value) { return *apply_binary(name, left(value), right) != 0; });
}

Failure no_aggregates(Duration granularity, const std::string& method) {
  boost::json::object detail;
  detail["granularity"] = static_cast<double>(granularity.count()) / 1e9;
  detail["aggregation_method"] = method;
  return refuse_because(400, "Aggregation does not exist", std::move(detail));
}

/// The roll-ups asked for by name, or all.
Outcome<std::vector<catalog::RollUp>> wanted_roll_ups(const catalog::ArchivePolicy& policy,
                                                      const std::vector<Duration>& granularities,
                                                      const std::string& method) {
  const bool known = std::ranges::find(policy.methods, method) != policy.methods.end();
  const auto all = chosen_roll_ups(policy, std::nullopt);
  if (granularities.empty() && known) return all;
  std::vector<catalog::RollUp> wanted;
  for (const Duration granularity : granularities) {
    const auto found = std::ranges::find(all, granularity, &catalog::RollUp::granularity);
    if (!known || found == all.end()) return no_aggregates(granularity, method);
    wanted.push_back(*found);
  }
  if (!known) return no_aggregates(Duration(0), method);
  std::ranges::sort(wanted, std::ranges::greater(), &catalog::RollUp::granularity);
  return wanted;
}

}  // namespace

Outcome<Reply> search_metrics(Call& call) {
  const auto interval = read_interval(call);
  for (const std::string name : {"start", "stop"})
    if (const auto text = call.query.first(name); text && !parse_stamp(*text, call.now))
      return refuse(400, "Invalid value for {}", name);
  SENT_TRY(interval);
  std::vector<Duration> granularities;
  for (const auto& text : call.query.all("granularity")) {
    const auto span = parse_span(text);
    if (!span || span->count() <= 0) return bad_argument("granularity", "Unable to parse timespan");
    granularities.push_back(*span);
  }
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto test, read_test(json, 0));
  const std::string name = call.query.first("aggregation").value_or("mean");
  const auto rules = call.rules();
  JsonText answer = call.json();
  answer.object();
  for (const auto& id : call.query.all("metric_id")) {
    SENT_TRY_ASSIGN(const auto metric, find_metric(call, id));
    const auto* policy = rules->policy(metric->metric.policy);
    if (policy == nullptr) return no_metric(id);
    SENT_TRY_ASSIGN(const auto roll_ups, wanted_roll_ups(*policy, granularities, name));
    const auto method = parse_method(name);
    if (!method) return no_aggregates(Duration(0), name);
    SENT_TRY_ASSIGN(auto all,
                    read_aggregates(call, *metric, *method, roll_ups, interval->start, interval->stop));
    answer.key(to_text(metric->metric.id)).array();
    for (const auto& [granularity, points] : all) {
      Points held;
      for (std::size_t i = 0; i < points.size(); ++i)
        if (test(points.values[i])) held.add(points.times[i], points.values[i]);
      write_rows(answer, held, granularity);
    }
    answer.end();
  }
  return json_answer(std::move(answer.end()));
}

}  // namespace sentinella::api::gnocchi
