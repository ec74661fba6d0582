// How rules stand now, and how they would have stood.
#include <algorithm>
#include <cmath>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/render.h"
#include "api/native/rule_lookup.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "catalog/alerting.h"
#include "rules/backtest.h"
#include "rules/rule_engine.h"
#include "rules/rule_queries.h"
#include "rules/rule_series.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxDraftText = 256u << 10;
constexpr std::size_t kMaxEpisodes = 1000;
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

void write_episode(JsonWriter& json, const rules::Episode& one) {
  json.object()
      .field("event", one.event)
      .field("resource", one.resource)
      .field("host", one.host)
      .field("severity", to_string(one.worst))
      .field("tier", to_string(one.tier))
      .field("begin", one.begin);
  if (one.end == Time{}) {
    json.key("end").null();
  } else {
    json.field("end", one.end);
  }
  json.end();
}

void write_result(JsonWriter& json, const rules::BacktestResult& result, TimeRange range) {
  const rules::BacktestSummary summary = rules::summarise(result, range);
  json.object()
      .field("episodes", static_cast<std::uint64_t>(summary.episodes))
      .field("pages", static_cast<std::uint64_t>(summary.pages))
      .field("still_open", static_cast<std::uint64_t>(summary.still_open))
      .field("longest", to_text(summary.longest))
      .field("total", to_text(summary.total))
      .field("samples", static_cast<std::uint64_t>(result.samples))
      .field("records", static_cast<std::uint64_t>(result.records));
  json.key("by_host").array();
  for (const auto& [host, count] : summary.by_host)
    json.object().field("host", host).field("episodes", static_cast<std::uint64_t>(count)).end();
  json.end().key("notes").array();
  for (const std::string& note : result.notes) json.value(note);
  json.end().key("list").array();
  for (std::size_t i = 0; i < std::min(result.episodes.size(), kMaxEpisodes); ++i)
    write_episode(json, result.episodes[i]);
  json.end().end();
}

/// Episodes of `a` that no episode of `b` on the same resource overlaps.
std::size_t only_in(const rules::BacktestResult& a, const rules::BacktestResult& b, TimeRange range) {
  const auto end = [&](const rules::Episode& one) { return one.end == Time{} ? range.until : one.end; };
  return static_cast<std::size_t>(std::ranges::count_if(a.episodes, [&](const rules::Episode& one) {
    return std::ranges::none_of(b.episodes, [&](const rules::Episode& other) {
      return other.resource == one.resource && other.begin <= end(one) && one.begin <= end(other);
    });
  }));
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
  const Time now = call.server.clock.now();
  const TimeRange range{now - Duration(static_cast<std::int64_t>(span * 86400e9)), now};
  const rules::BacktestSource source{call.server.series, call.server.logs, call.caller.account,
                                     call.server.clock};
  JsonWriter json;
  json.object().field("from", range.from).field("to", range.until);
  std::optional<rules::BacktestResult> fresh;
  if (!yaml.empty()) {
    SENT_TRY_ASSIGN(const rules::RuleText item, read_item(yaml));
    if (id.empty()) id = item.id;
    SENT_TRY_ASSIGN(fresh, rules::backtest(source, item.rules, range));
    json.key("new");
    write_result(json, *fresh, range);
  }
  // The rule as it is stored, to compare with.
  const auto stored = read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_rule(tx, call.caller.account, id);
  });
  if (stored) {
    SENT_TRY_ASSIGN(const rules::RuleText item, rules::parse_rule_item(stored->yaml));
    SENT_TRY_ASSIGN(const auto old, rules::backtest(source, item.rules, range));
    json.key("old");
    write_result(json, old, range);
    if (fresh)
      json.field("only_new", static_cast<std::uint64_t>(only_in(*fresh, old, range)))
          .field("only_old", static_cast<std::uint64_t>(only_in(old, *fresh, range)));
  } else if (yaml.empty()) {
    return std::unexpected(stored.error());
  }
  json.end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
