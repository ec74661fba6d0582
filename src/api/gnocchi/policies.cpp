#include <algorithm>

#include "api/gnocchi/form.h"
#include "api/gnocchi/handlers.h"
#include "api/gnocchi/objects.h"

namespace sentinella::api::gnocchi {
namespace {

using catalog::ArchivePolicy;
using catalog::RollUp;

Failure no_policy(const std::string& name) {
  return refuse(404, "Archive policy {} does not exist", name);
}
Failure no_rule(const std::string& name) {
  return refuse(404, "Archive policy rule {} does not exist", name);
}

std::string seconds_text(Duration span) {
  return number_text(static_cast<double>(span.count()) / 1e9);
}

/// What of granularity, points and timespan is given makes the rest.
Outcome<RollUp> make_roll_up(std::optional<Duration> granularity, std::optional<std::int64_t> points,
                             std::optional<Duration> span) {
  std::int64_t product = 0;
  if (granularity && points && __builtin_mul_overflow(granularity->count(), *points, &product))
    return refuse(400, "granularity × points is longer than there is time");
  if (granularity && points && span && *span != Duration(product))
    return refuse(400, "timespan ≠ granularity × points");
  if (!granularity) {
    if (!span || !points)
      return refuse(400, "a definition needs a granularity, or both points and a timespan");
    granularity = *span / *points;
    if (granularity->count() == 0) return refuse(400, "the granularity would be less than a nanosecond");
  } else if (!points && span) {
    points = *span / *granularity;
    if (*points == 0) return refuse(400, "the timespan is shorter than the granularity");
  }
  RollUp roll_up{*granularity, std::nullopt};
  if (points) roll_up.points = static_cast<std::uint64_t>(*points);
  return roll_up;
}

Outcome<std::vector<RollUp>> read_definition(const boost::json::value& json, const Path& path) {
  const auto* list = json.if_array();
  if (list == nullptr) return invalid_value("expected a list", path);
  if (list->empty()) return invalid_value("length of value must be at least 1", path);
  std::vector<RollUp> roll_ups;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Path at = path / i;
    SENT_TRY_ASSIGN(const auto* item, as_object((*list)[i], at, {"granularity", "points", "timespan"}));
    SENT_TRY_ASSIGN(const auto granularity, optional_span_field(*item, "granularity", at));
    SENT_TRY_ASSIGN(const auto points, optional_integer_field(*item, "points", at, 1));
    SENT_TRY_ASSIGN(const auto span, optional_span_field(*item, "timespan", at));
    SENT_TRY_ASSIGN(const RollUp roll_up, make_roll_up(granularity, points, span));
    const bool twice = std::ranges::any_of(
        roll_ups, [&](const auto& one) { return one.granularity == roll_up.granularity; });
    if (twice)
      return refuse(400, "More than one archive policy uses granularity `{}'",
                    seconds_text(roll_up.granularity));
    roll_ups.push_back(roll_up);
  }
  return roll_ups;
}

Outcome<std::vector<std::string>> read_methods(const Call& call, const boost::json::object& body) {
  const auto* given = body.if_contains("aggregation_methods");
  if (given == nullptr || given->is_null()) return call.options.default_methods;
  const Path path{"aggregation_methods"};
  const auto* list = given->if_array();
  if (list == nullptr) return invalid_value("expected a list", path);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (!(*list)[i].is_string()) return invalid_value("expected str", path / i);
    names.emplace_back((*list)[i].get_string());
  }
  auto methods = methods_of(names, call.options.default_methods);
  if (!methods || methods->empty()) return invalid_value("not a valid value", path);
  return *std::move(methods);
}

Outcome<ArchivePolicy> read_policy(const Call& call) {
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto* body,
                  as_object(json, {}, {"name", "back_window", "definition", "aggregation_methods"}));
  ArchivePolicy policy;
  SENT_TRY_ASSIGN(policy.name, text_field(*body, "name", {}));
  SENT_TRY_ASSIGN(const auto window, optional_integer_field(*body, "back_window", {}, 0));
  policy.back_window = window.value_or(0);
  SENT_TRY_ASSIGN(policy.methods, read_methods(call, *body));
  SENT_TRY_ASSIGN(const auto* definition, required(*body, "definition", {}));
  SENT_TRY_ASSIGN(policy.roll_ups, read_definition(*definition, {"definition"}));
  return policy;
}

/// Spans may change, granularities may not: in order of size, so that the order given does not matter.
Outcome<void> check_change(const ArchivePolicy& before, std::vector<RollUp> next) {
  std::vector<RollUp> old = before.roll_ups;
  const auto unfit = [&](const std::string& why) {
    return refuse(400, "Archive policy {} does not support change: {}", before.name, why);
  };
  if (old.size() != next.size()) return unfit("Cannot add or drop granularities");
  std::ranges::sort(old, {}, &RollUp::granularity);
  std::ranges::sort(next, {}, &RollUp::granularity);
  for (std::size_t i = 0; i < old.size(); ++i)
    if (old[i].granularity != next[i].granularity)
      return unfit(seconds_text(old[i].granularity) + " granularity interval was changed");
  return {};
}

Reply policy_answer(const Call& call, const ArchivePolicy& policy) {
  JsonText json = call.json();
  write_policy(json, policy);
  return json_answer(std::move(json));
}

const catalog::PolicyRule* rule_named(const catalog::MeteringRules& rules, const std::string& name) {
  const auto found = std::ranges::find(rules.rules, name, &catalog::PolicyRule::name);
  return found == rules.rules.end() ? nullptr : &*found;
}

}  // namespace

Outcome<Reply> list_policies(Call& call) {
  JsonText json = call.json();
  json.array();
  for (const auto& [name, policy] : call.rules()->policies) write_policy(json, policy);
  return json_answer(std::move(json.end()));
}

Outcome<Reply> post_policy(Call& call) {
  if (!call.who.admin && !call.who.service) return denied();
  SENT_TRY_ASSIGN(const ArchivePolicy policy, read_policy(call));
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    if (edit.rules().policy(policy.name)) return refuse(409, "Archive policy {} already exists", policy.name);
    SENT_TRY(edit.put_policy(policy));
    return {};
  });
  SENT_TRY(edited);
  JsonText json = call.json();
  write_policy(json, policy);
  return created(call, "/v1/archive_policy/" + net::percent_encode(policy.name), std::move(json));
}

Outcome<Reply> get_policy(Call& call) {
  const auto rules = call.rules();
  const auto* policy = rules->policy(call.names[0]);
  if (policy == nullptr) return no_policy(call.names[0]);
  return policy_answer(call, *policy);
}

Outcome<Reply> patch_policy(Call& call) {
  const auto rules = call.rules();
  const auto* before = rules->policy(call.names[0]);
  if (before == nullptr) return no_policy(call.names[0]);
  if (!call.who.admin) return denied();
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto* body, as_object(json, {}, {"definition", "back_window"}));
  SENT_TRY_ASSIGN(const auto* definition, required(*body, "definition", {}));
  SENT_TRY_ASSIGN(auto roll_ups, read_definition(*definition, {"definition"}));
  SENT_TRY_ASSIGN(const auto window, optional_integer_field(*body, "back_window", {}, 0));
  SENT_TRY(check_change(*before, roll_ups));
  ArchivePolicy policy = *before;
  policy.roll_ups = std::move(roll_ups);
  policy.back_window = window.value_or(before->back_window);
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    if (edit.rules().policy(policy.name) == nullptr) return no_policy(policy.name);
    SENT_TRY(edit.put_policy(policy));
    return {};
  });
  SENT_TRY(edited);
  return policy_answer(call, policy);
}

Outcome<Reply> delete_policy(Call& call) {
  const std::string& name = call.names[0];
  if (!call.who.admin) return denied();
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    const auto removed = edit.remove_policy(name);
    if (removed) return {};
    if (removed.error().code == Errc::kNotFound) return no_policy(name);
    if (removed.error().code == Errc::kConflict)
      return refuse(400, "Archive policy {} is still in use", name);
    return Failure(removed.error());
  });
  SENT_TRY(edited);
  return empty_answer(204);
}

Outcome<Reply> list_rules(Call& call) {
  JsonText json = call.json();
  json.array();
  for (const auto& rule : call.rules()->rules) write_rule(json, rule);
  return json_answer(std::move(json.end()));
}

Outcome<Reply> post_rule(Call& call) {
  if (!call.who.admin) return denied();
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto* body, as_object(json, {}, {"name", "metric_pattern", "archive_policy_name"}));
  catalog::PolicyRule rule;
  SENT_TRY_ASSIGN(rule.name, text_field(*body, "name", {}));
  SENT_TRY_ASSIGN(rule.pattern, text_field(*body, "metric_pattern", {}));
  SENT_TRY_ASSIGN(rule.policy, text_field(*body, "archive_policy_name", {}));
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    if (rule_named(edit.rules(), rule.name))
      return refuse(409, "Archive policy rule {} already exists", rule.name);
    if (edit.rules().policy(rule.policy) == nullptr)
      return refuse_because(400, "Archive policy does not exist", boost::json::string(rule.policy));
    SENT_TRY(edit.put_rule(rule));
    return {};
  });
  SENT_TRY(edited);
  JsonText answer = call.json();
  write_rule(answer, rule);
  return created(call, "/v1/archive_policy_rule/" + net::percent_encode(rule.name), std::move(answer));
}

Outcome<Reply> get_rule(Call& call) {
  const auto rules = call.rules();
  const auto* rule = rule_named(*rules, call.names[0]);
  if (rule == nullptr) return no_rule(call.names[0]);
  JsonText json = call.json();
  write_rule(json, *rule);
  return json_answer(std::move(json));
}

Outcome<Reply> patch_rule(Call& call) {
  if (!call.who.admin) return denied();
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto* body, as_object(json, {}, {"name"}));
  SENT_TRY_ASSIGN(const std::string name, text_field(*body, "name", {}));
  catalog::PolicyRule renamed;
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    const auto* rule = rule_named(edit.rules(), call.names[0]);
    if (rule == nullptr) return no_rule(call.names[0]);
    renamed = *rule;
    renamed.name = name;
    if (rule_named(edit.rules(), name) != nullptr)
      return refuse(400,
                    "Archive policy rule {} does not support change: Archive policy rule {} already exists.",
                    call.names[0], name);
    SENT_TRY(edit.remove_rule(call.names[0]));
    SENT_TRY(edit.put_rule(renamed));
    return {};
  });
  SENT_TRY(edited);
  JsonText answer = call.json();
  write_rule(answer, renamed);
  return json_answer(std::move(answer));
}

Outcome<Reply> delete_rule(Call& call) {
  if (!call.who.admin) return denied();
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    if (rule_named(edit.rules(), call.names[0]) == nullptr) return no_rule(call.names[0]);
    SENT_TRY(edit.remove_rule(call.names[0]));
    return {};
  });
  SENT_TRY(edited);
  return empty_answer(204);
}

}  // namespace sentinella::api::gnocchi
