// How rules stand now, and how they would have stood.
#include <algorithm>
#include <cmath>

#include "api/native/backtests.h"
#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/render.h"
#include "api/native/rule_lookup.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "catalog/alerting.h"
#include "rules/rule_engine.h"
#include "rules/rule_queries.h"
#include "rules/rule_series.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxDraftText = 256u << 10;
constexpr std::size_t kMaxBandPoints = 2000;
constexpr double kMaxDays = 90;

void write_instance(JsonWriter& json, const rules::RuleInstance& one) {
  json.object()
      .field("rule_id", one.rule_id)
      .field("state", rules::to_string(one.state))
      .field("severity", to_string(one.severity))
      .field("host", one.host)
      .field("service", one.service)
      .field("resource", one.resource)
      .field("value", one.value)
      .field("since", one.since)
      .field("last_heard", one.last_heard);
  json.key("labels");
  write_labels(json, one.labels);
  json.end();
}

Result<rules::Rule> stored_rule(const RequestContext& call, const std::string& id) {
  SENT_TRY_ASSIGN(const auto all, enabled_rules(call));
  const auto found = std::ranges::find(all, id, &rules::Rule::id);
  if (found == all.end()) return fail(Errc::kNotFound, "no such rule is switched on");
  return *found;
}

}  // namespace

Result<Reply> rule_instances(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size", "state"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const rules::Rule rule, stored_rule(call, call.path_value("id")));
  auto instances = call.server.rules.instances(call.caller.account, rule.id);
  if (const std::string state = query.text("state"); !state.empty())
    std::erase_if(instances,
                  [&](const rules::RuleInstance& one) { return rules::to_string(one.state) != state; });
  std::ranges::stable_sort(instances, std::greater<>{}, &rules::RuleInstance::state);
  return list_reply(instances, page, write_instance);
}

Result<Reply> rule_band(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"from", "to"}));
  SENT_TRY_ASSIGN(const TimeRange range, query.range(call.server.clock.now(), std::chrono::hours(24)));
  SENT_TRY_ASSIGN(const rules::Rule rule, stored_rule(call, call.path_value("id")));
  if (rule.gauge() == nullptr || !rule.gauge()->season)
    return fail(Errc::kNotFound, "rule {} has no season, and so no band", rule.id);
  const series::Selector selector{
      {{LabelMatcher::Op::equal, std::string(kMetricName), std::string(rules::kRuleBand)},
       {LabelMatcher::Op::equal, std::string(rules::kRuleLabel), rule.id}}};
  SENT_TRY_ASSIGN(const auto columns, call.server.series.select(call.caller.account, selector, range));
  JsonWriter json;
  json.object().field("rule_id", rule.id).key("series").array();
  for (const series::SeriesColumns& one : columns) {
    json.object().field("bound", one.labels.get("bound")).key("labels");
    std::vector<Label> labels;
    for (const Label& label : one.labels)
      if (label.name != kMetricName && label.name != rules::kRuleLabel && label.name != "bound")
        labels.push_back(label);
    write_labels(json, Labels(std::move(labels)));
    json.key("points").array();
    const std::size_t stride = one.times.size() / kMaxBandPoints + 1;
    for (std::size_t i = 0; i < one.times.size(); i += stride)
      json.array().value(static_cast<double>(one.times[i].ns) / 1e9).value(one.values[i]).end();
    json.end().end();
  }
  json.end().end();
  return json_reply(json.take());
}

Result<Reply> backtest_rule(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"yaml", "rule_id", "days"}));
  SENT_TRY_ASSIGN(const std::string yaml, optional_text(body, "yaml", kMaxDraftText));
  SENT_TRY_ASSIGN(std::string id, optional_text(body, "rule_id", 200));
  SENT_TRY_ASSIGN(const auto days, optional_number(body, "days"));
  const double span = days.value_or(30);
  if (!(span > 0 && span <= kMaxDays))
    return fail_field(Errc::kInvalid, "days", "more than 0 and at most {}", kMaxDays);
  if (yaml.empty() && id.empty()) return fail_field(Errc::kInvalid, "yaml", "yaml or rule_id is required");
  BacktestPair pair;
  if (!yaml.empty()) {
    SENT_TRY_ASSIGN(rules::RuleText item, read_item(yaml));
    if (id.empty()) id = item.id;
    pair.fresh = std::move(item.rules);
  }
  // The rule as it is stored, to compare with.
  const auto stored = read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_rule(tx, call.caller.account, id);
  });
  if (stored) {
    SENT_TRY_ASSIGN(rules::RuleText item, rules::parse_rule_item(stored->yaml));
    pair.old = std::move(item.rules);
  } else if (yaml.empty()) {
    return std::unexpected(stored.error());
  }
  SENT_TRY_ASSIGN(std::string json, compare(call, pair, Duration(static_cast<std::int64_t>(span * 86400e9)),
                                            rules::kBacktestPatience));
  return json_reply(std::move(json));
}

}  // namespace sentinella::api::native
