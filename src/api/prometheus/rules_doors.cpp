#include "api/prometheus/rules_doors.h"

#include <algorithm>
#include <map>

#include "api/native/rule_lookup.h"
#include "api/prometheus/query_form.h"
#include "base/json.h"
#include "base/text.h"
#include "rules/gauge_expression.h"
#include "rules/rule_engine.h"
#include "rules/rule_queries.h"

namespace sentinella::api::prometheus {
namespace {

namespace rules = sentinella::rules;
using rules::RuleInstance;

double seconds(Duration span) {
  return std::chrono::duration<double>(span).count();
}

void write_labels(JsonWriter& json, std::string_view key, const Labels& labels) {
  json.key(key).object();
  for (const auto& [name, value] : labels) json.field(name, value);
  json.end();
}

std::string query_of(const rules::Rule& rule) {
  if (const auto* recording = std::get_if<rules::RecordingRule>(&rule.what)) return recording->promql;
  if (rule.is_prometheus()) return rule.gauge()->promql;
  if (const rules::GaugeRule* gauge = rule.gauge(); gauge != nullptr && !gauge->levels.empty())
    return fmt::format("{} {} {}", rules::to_promql(*gauge), rules::to_string(gauge->compare),
                       gauge->levels.front().set);
  return "";
}

Labels labels_of(const rules::Rule& rule, const RuleInstance& one) {
  Labels labels = one.labels;
  labels.set("alertname", rule.event);
  if (rule.is_prometheus()) return labels;
  if (!one.host.empty()) labels.set("host", one.host);
  if (!one.service.empty()) labels.set("service", one.service);
  labels.set("severity", to_string(one.severity == AlertSeverity::normal ? rule.severity : one.severity));
  return labels;
}

bool is_active(const RuleInstance& one) {
  return one.state != RuleInstance::State::ok && one.state != RuleInstance::State::no_data;
}

void write_alert(JsonWriter& json, const rules::Rule& rule, const RuleInstance& one) {
  json.object();
  write_labels(json, "labels", labels_of(rule, one));
  Labels annotations = one.annotations;
  if (!rule.is_prometheus()) annotations.set("summary", rule.summary);
  write_labels(json, "annotations", annotations);
  json.field("state", one.state == RuleInstance::State::pending ? "pending" : "firing")
      .field("activeAt", one.since)
      .field("value", one.value)
      .end();
}

void write_health(JsonWriter& json, const rules::RuleQueries::Status& status) {
  json.field("health", !status.error.empty() ? "err" : status.evaluated == Time{} ? "unknown" : "ok");
  if (!status.error.empty()) json.field("lastError", status.error);
  json.field("evaluationTime", seconds(status.took)).field("lastEvaluation", status.evaluated);
}

/// A rule of ours that is evaluated on write is always up to date.
rules::RuleQueries::Status status_of(const RequestContext& call, const rules::Rule& rule) {
  auto status = call.server.rule_queries.status(call.caller.account, rule.id);
  const rules::GaugeRule* gauge = rule.gauge();
  const bool queried = rule.kind() == "recording" || (gauge != nullptr && !gauge->promql.empty());
  if (!queried) status.evaluated = call.server.clock.now();
  return status;
}

void write_alert_rule(JsonWriter& json, const RequestContext& call, const rules::Rule& rule) {
  auto instances = call.server.rules.instances(call.caller.account, rule.id);
  std::erase_if(instances, [](const RuleInstance& one) { return !is_active(one); });
  const bool fires = std::ranges::any_of(
      instances, [](const RuleInstance& one) { return one.state != RuleInstance::State::pending; });
  const rules::GaugeRule* gauge = rule.gauge();
  json.object()
      .field("state", fires               ? "firing"
                      : instances.empty() ? "inactive"
                                          : "pending")
      .field("name", rule.event)
      .field("query", query_of(rule))
      .field("duration",
             gauge != nullptr && !gauge->levels.empty() ? seconds(gauge->levels.front().hold) : 0.0)
      .field("keepFiringFor", gauge != nullptr ? seconds(gauge->keep_firing_for) : 0.0);
  write_labels(json, "labels", rule.labels);
  write_labels(json, "annotations", rule.annotations);
  json.key("alerts").array();
  for (const RuleInstance& one : instances) write_alert(json, rule, one);
  json.end();
  write_health(json, status_of(call, rule));
  json.field("type", "alerting").end();
}

void write_recording_rule(JsonWriter& json, const RequestContext& call, const rules::Rule& rule) {
  json.object().field("name", rule.event).field("query", query_of(rule));
  write_labels(json, "labels", rule.labels);
  write_health(json, status_of(call, rule));
  json.field("type", "recording").end();
}

double interval_of(const rules::Rule& rule) {
  if (const auto* recording = std::get_if<rules::RecordingRule>(&rule.what))
    return seconds(recording->interval);
  const rules::GaugeRule* gauge = rule.gauge();
  return gauge != nullptr ? seconds(gauge->interval) : 1;
}

}  // namespace

Result<Reply> rules(RequestContext& call) {
  const std::string type = Form(call.request).text("type");
  if (!type.empty() && type != "alert" && type != "record")
    return bad_data(fmt::format("invalid parameter \"type\": not supported value \"{}\"", type));
  SENT_TRY_ASSIGN(const auto all, native::enabled_rules(call));
  std::map<std::string, std::vector<const rules::Rule*>> groups;
  for (const rules::Rule& rule : all) {
    const bool recording = rule.kind() == "recording";
    if (type.empty() || recording == (type == "record"))
      groups[rule.is_prometheus() ? rule.group : fmt::format("sentinella {}", rule.kind())].push_back(&rule);
  }
  JsonWriter json;
  json.object().key("groups").array();
  for (const auto& [name, members] : groups) {
    json.object().field("name", name).field("file", "sentinella").key("rules").array();
    for (const rules::Rule* rule : members) {
      if (rule->kind() == "recording") {
        write_recording_rule(json, call, *rule);
      } else {
        write_alert_rule(json, call, *rule);
      }
    }
    const auto status = status_of(call, *members.back());
    json.end()
        .field("interval", interval_of(*members.front()))
        .field("limit", 0)
        .field("evaluationTime", seconds(status.took))
        .field("lastEvaluation", status.evaluated)
        .end();
  }
  json.end().end();
  return success(json.str());
}

Result<Reply> alerts(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto all, native::enabled_rules(call));
  JsonWriter json;
  json.object().key("alerts").array();
  for (const RuleInstance& one : call.server.rules.instances(call.caller.account, "")) {
    const auto rule = std::ranges::find(all, one.rule_id, &rules::Rule::id);
    if (rule != all.end() && is_active(one)) write_alert(json, *rule, one);
  }
  json.end().end();
  return success(json.str());
}

}  // namespace sentinella::api::prometheus
