#include "api/native/rule_lookup.h"

#include <algorithm>
#include <iterator>

#include "api/native/catalog_access.h"
#include "catalog/alerting.h"

namespace sentinella::api::native {

Result<rules::RuleText> read_item(const std::string& yaml) {
  const bool whole = yaml.contains("groups:") || yaml.contains("sentinella_rules:");
  auto file = whole ? rules::parse_rule_file(yaml) : std::unexpected(Error{});
  if (whole && !file) return std::unexpected(file.error());
  if (!file) return rules::parse_rule_item(yaml);
  if (file->size() != 1)
    return fail_field(Errc::kInvalid, "yaml", "one rule or one group expected, this file has {}",
                      file->size());
  return std::move(file->front());
}

Result<std::vector<rules::Rule>> enabled_rules(const Context& server, AccountId account) {
  SENT_TRY_ASSIGN(const auto stored, read_catalog(server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_rules(tx, account);
                  }));
  std::vector<rules::Rule> out;
  for (const catalog::StoredRule& one : stored)
    if (one.enabled)
      if (auto item = rules::parse_rule_item(one.yaml))
        std::ranges::move(item->rules, std::back_inserter(out));
  return out;
}

Result<rules::LintFacts> lint_facts(const Context& server, AccountId account) {
  rules::LintFacts facts;
  facts.now = server.clock.now();
  facts.metrics.emplace();
  for (const series::MetricKind& one : server.series.metric_kinds(account)) facts.metrics->insert(one.name);
  // A store that is still empty knows nothing: then every name would be unknown.
  if (facts.metrics->empty()) {
    facts.metrics.reset();
    return facts;
  }
  SENT_TRY_ASSIGN(const auto labels, server.series.label_names(account, {}));
  facts.labels.emplace(labels.begin(), labels.end());
  return facts;
}

void write_finding(JsonWriter& json, const rules::Finding& finding) {
  json.object()
      .field("code", finding.code)
      .field("name", finding.name)
      .field("level", rules::to_string(finding.level))
      .field("rule_id", finding.rule_id)
      .field("text", finding.text)
      .field("pages_saved_per_week", finding.pages_saved_per_week)
      .field("action", finding.action);
  json.key("evidence").array();
  for (const std::string& one : finding.evidence) json.value(one);
  json.end().end();
}

}  // namespace sentinella::api::native
