#include "rules/prometheus_file.h"

#include <map>

#include "query/engine.h"
#include "query/lexer.h"
#include "rules/alert_template.h"
#include "rules/severity_label.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kMaxGroupRules = 1000;

std::string slug(std::string_view name) {
  std::string out = to_lower(name);
  for (char& c : out) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!fine) c = '-';
  }
  return out.substr(0, 90);
}

/// As Prometheus reads them: 1h30m, and 0 without a unit.
Result<void> span_into(const Section& in, const char* key, Duration& target) {
  SENT_TRY_ASSIGN(const auto text, in.text(key));
  if (!text) return {};
  const auto ms = *text == "0" ? Result<std::int64_t>(0) : query::parse_duration_ms(*text);
  if (!ms) return bad(in.child(key), key, "\"{}\" is not a duration such as 5m", *text);
  target = std::chrono::milliseconds(*ms);
  return {};
}

Result<Labels> read_texts(const Section& in, const char* key, bool names_are_labels) {
  const YAML::Node node = in.child(key);
  if (!node.IsDefined() || node.IsNull()) return Labels();
  if (!node.IsMap()) return bad(node, key, "a map of name: text expected");
  std::vector<Label> out;
  for (const auto& item : node) {
    if (!item.first.IsScalar() || !item.second.IsScalar())
      return bad(node, key, "a map of name: text expected");
    const std::string& name = item.first.Scalar();
    if (!query::is_label_name(name) || name == kMetricName)
      return bad(item.first, key, "\"{}\" is not a label name", name);
    if (const auto fault = check_template(item.second.Scalar()); !fault)
      return bad(item.second, name, "{}", fault.error().message);
    if (names_are_labels && item.second.Scalar().empty()) continue;
    out.push_back({name, item.second.Scalar()});
  }
  return Labels(std::move(out));
}

Result<void> check_expression(const Section& in, const std::string& text) {
  const auto expr = query::parse_expression(text);
  if (!expr) return bad(in.child("expr"), "expr", "{}", expr.error().message);
  const auto type = query::type_of(**expr);
  if (type == query::ValueType::vector || type == query::ValueType::scalar) return {};
  return bad(in.child("expr"), "expr", "it gives {}; an instant vector or a scalar is needed",
             query::describe(type));
}

struct GroupSettings {
  std::string name;
  Duration interval = std::chrono::minutes(1);
  Duration query_offset{};
  Labels labels;
};

Labels united(const Labels& group, const Labels& own) {
  Labels out = group;
  for (const Label& label : own) out.set(label.name, label.value);
  return out;
}

Result<Rule> read_alert(const Section& in, const GroupSettings& group, const std::string& expression) {
  Rule rule;
  SENT_TRY_ASSIGN(rule.event, in.required("alert"));
  GaugeRule gauge;
  gauge.promql = expression;
  gauge.interval = group.interval;
  gauge.eval_delay = group.query_offset;
  gauge.compare = GaugeRule::Compare::always;
  gauge.absence_resolves = true;
  gauge.no_data = GaugeRule::NoData::ignore;
  GaugeRule::Level level;
  SENT_TRY(span_into(in, "for", level.hold));
  SENT_TRY(span_into(in, "keep_firing_for", gauge.keep_firing_for));
  SENT_TRY_ASSIGN(const Labels labels, read_texts(in, "labels", true));
  SENT_TRY_ASSIGN(rule.annotations, read_texts(in, "annotations", false));
  rule.labels = united(group.labels, labels);
  level.severity = severity_of_label(rule.labels.get("severity"));
  gauge.levels = {level};
  rule.severity = level.severity;
  rule.tier = tier_of_labels(rule.labels, level.severity);
  for (const std::string_view name : {"summary", "description", "message"})
    if (rule.summary.empty()) rule.summary = rule.annotations.get(name);
  rule.playbook_url =
      rule.annotations.get(rule.annotations.get("playbook_url").empty() ? "runbook_url" : "playbook_url");
  rule.owner = rule.labels.get("team");
  rule.what = std::move(gauge);
  return rule;
}

Result<Rule> read_recording(const Section& in, const GroupSettings& group, const std::string& expression) {
  RecordingRule recording;
  SENT_TRY_ASSIGN(recording.record, in.required("record"));
  for (const char* key : {"for", "keep_firing_for", "annotations"})
    if (in.has(key)) return bad(in.child(key), key, "belongs to alerts, not to recorded series");
  recording.promql = expression;
  recording.interval = group.interval;
  Rule rule;
  SENT_TRY_ASSIGN(const Labels labels, read_texts(in, "labels", true));
  rule.labels = united(group.labels, labels);
  rule.event = recording.record;
  rule.tier = Tier::info;
  rule.what = std::move(recording);
  return rule;
}

Result<Rule> read_group_rule(const YAML::Node& node, const GroupSettings& group) {
  SENT_TRY_ASSIGN(const Section in, Section::open(node, "rule",
                                                  {"alert", "record", "expr", "for", "keep_firing_for",
                                                   "labels", "annotations"}));
  if (in.has("alert") == in.has("record")) return bad(node, "alert", "either alert or record is required");
  SENT_TRY_ASSIGN(const std::string expression, in.required("expr"));
  SENT_TRY(check_expression(in, expression));
  SENT_TRY_ASSIGN(
      Rule rule, in.has("alert") ? read_alert(in, group, expression) : read_recording(in, group, expression));
  rule.group = group.name;
  return rule;
}

}  // namespace

Result<RuleGroup> read_group(const YAML::Node& node) {
  SENT_TRY_ASSIGN(const Section in, Section::open(node, "group",
                                                  {"name", "interval", "limit", "query_offset", "labels",
                                                   "rules", "partial_response_strategy"}));
  GroupSettings group;
  SENT_TRY_ASSIGN(group.name, in.required("name"));
  SENT_TRY(span_into(in, "interval", group.interval));
  SENT_TRY(span_into(in, "query_offset", group.query_offset));
  if (group.interval <= Duration::zero()) group.interval = std::chrono::minutes(1);
  SENT_TRY_ASSIGN(group.labels, read_texts(in, "labels", true));
  const YAML::Node list = in.child("rules");
  if (!list.IsDefined() || !list.IsSequence()) return bad(node, "rules", "a list of rules expected");
  if (list.size() > kMaxGroupRules) return bad(list, "rules", "at most {} in a group", kMaxGroupRules);
  RuleGroup out{"group." + slug(group.name), {}};
  std::map<std::string, int> named;
  for (const auto& item : list) {
    SENT_TRY_ASSIGN(Rule rule, read_group_rule(item, group));
    // Several alerts of a group may have one name, for severities of their own.
    const int number = ++named[rule.event];
    rule.id = fmt::format("{}.{}", out.id, slug(rule.event));
    if (number > 1) rule.id += fmt::format(".{}", number);
    out.rules.push_back(std::move(rule));
  }
  return out;
}

}  // namespace sentinella::rules
