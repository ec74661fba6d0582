#include "api/native/alert_threshold.h"

#include <algorithm>

#include "api/native/catalog_access.h"
#include "api/native/render.h"
#include "catalog/alerting.h"
#include "rules/gauge_expression.h"
#include "rules/rule_engine.h"
#include "rules/rule_file.h"

namespace sentinella::api::native {
namespace {

/// The labels that tell the alert's series from the others of its rule.
Labels labels_of(const Context& server, const Alert& alert) {
  const auto instances = server.rules.instances(alert.account, alert.rule_id);
  const auto found = std::ranges::find(instances, alert.resource, &rules::RuleInstance::resource);
  Labels labels = found == instances.end() ? Labels() : found->labels;
  if (!alert.host.empty()) labels.set("host", alert.host);
  if (!alert.service.empty()) labels.set("service", alert.service);
  return labels;
}

/// Our short expressions are narrowed here; a PromQL one is left as it was written.
std::string expression_of(rules::GaugeRule gauge, const Labels& labels) {
  if (gauge.promql.empty()) {
    const auto by = gauge.by.empty() ? std::vector<std::string>{"host", "service"} : gauge.by;
    for (const std::string& name : by)
      if (const auto value = labels.get(name); !value.empty())
        gauge.matchers.push_back({LabelMatcher::Op::equal, name, std::string(value)});
  }
  return rules::to_promql(gauge);
}

}  // namespace

void write_threshold(JsonWriter& json, const Context& server, const Alert& alert) {
  const auto stored = read_catalog(server.database, [&](catalog::Transaction& tx) {
    return catalog::find_rule(tx, alert.account, alert.rule_id);
  });
  const auto rule = stored ? rules::parse_rule(stored->yaml) : std::unexpected(stored.error());
  const rules::GaugeRule* gauge = rule ? rule->gauge() : nullptr;
  if (gauge == nullptr || gauge->levels.empty() || gauge->compare == rules::GaugeRule::Compare::always) {
    json.null();
    return;
  }
  const Labels labels = labels_of(server, alert);
  json.object()
      .field("expression", expression_of(*gauge, labels))
      .field("compare", rules::to_string(gauge->compare))
      .field("season", gauge->season.has_value())
      .key("labels");
  write_labels(json, labels);
  json.key("levels").array();
  for (const rules::GaugeRule::Level& level : gauge->levels)
    json.object()
        .field("severity", to_string(level.severity))
        .field("set", level.set)
        .field("clear", level.clear)
        .end();
  json.end().end();
}

}  // namespace sentinella::api::native
