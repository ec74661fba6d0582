// An account's rules: YAML in the catalogue, handed to the rule engine after every edit.
#include "api/native/backtests.h"
#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/native/rule_lookup.h"
#include "api/native/rule_trials.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/text.h"
#include "catalog/alerting.h"
#include "rules/rule_file.h"

namespace sentinella::api::native {
namespace {

constexpr std::size_t kMaxRuleText = 256u << 10;

void write_texts(JsonWriter& json, const rules::Rule& rule) {
  json.field("kind", rule.kind())
      .field("event", rule.event)
      .field("tier", to_string(rule.tier))
      .field("summary", rule.summary)
      .field("owner", rule.owner)
      .field("impact", rule.impact)
      .field("playbook", rule.playbook)
      .field("playbook_url", rule.playbook_url)
      .field("review_by", rule.review_by);
}

/// One of a group.
void write_member(JsonWriter& json, const rules::Rule& rule) {
  json.object().field("id", rule.id).field("kind", rule.kind()).field("event", rule.event);
  json.field("tier", to_string(rule.tier)).field("summary", rule.summary).end();
}

/// The object is left open.
void write_rule(JsonWriter& json, const catalog::StoredRule& stored,
                const std::vector<notify::Trial>& trials) {
  json.object()
      .field("id", stored.id)
      .field("enabled", stored.enabled)
      .field("builtin", stored.builtin)
      .field("version", stored.version)
      .field("updated", stored.updated)
      .field("updated_by", stored.updated_by)
      .field("yaml", stored.yaml);
  // Text that an older version accepted may be refused by this one; it is shown with the reason.
  const auto item = rules::parse_rule_item(stored.yaml);
  if (!item) {
    json.field("problem", describe(item.error()));
  } else if (stored.id.starts_with("group.")) {
    json.field("kind", "group").field("summary", fmt::format("{} rules of Prometheus", item->rules.size()));
    json.key("rules").array();
    for (const rules::Rule& rule : item->rules) write_member(json, rule);
    json.end();
  } else {
    write_texts(json, item->rules.front());
  }
  if (item) write_trial(json, item->rules, trials);
}

bool is_yaml(const net::Request& request) {
  const std::string_view header = request.headers.get("Content-Type");
  const auto type = to_lower(trim(header.substr(0, header.find(';'))));
  return type == "application/yaml" || type == "application/x-yaml" || type == "text/yaml";
}

struct RuleEdit {
  std::string yaml;
  bool enabled = true;
  std::optional<std::uint64_t> version;
};

Result<RuleEdit> read_edit(const net::Request& request) {
  RuleEdit edit;
  if (is_yaml(request)) {
    if (request.body.size() > kMaxRuleText)
      return fail(Errc::kTooLarge, "the rule is {} bytes, at most {}", request.body.size(), kMaxRuleText);
    edit.yaml = request.body;
    return edit;
  }
  SENT_TRY_ASSIGN(const auto body, json_body(request, {"yaml", "enabled", "version"}));
  SENT_TRY_ASSIGN(edit.yaml, required_text(body, "yaml", kMaxRuleText));
  SENT_TRY_ASSIGN(const auto enabled, optional_bool(body, "enabled"));
  edit.enabled = enabled.value_or(true);
  SENT_TRY_ASSIGN(const auto version, optional_number(body, "version"));
  if (version && !(*version >= 1 && *version < 1e15))
    return fail_field(Errc::kInvalid, "version", "must be from 1");
  if (version) edit.version = static_cast<std::uint64_t>(*version);
  return edit;
}

Result<catalog::StoredRule> load_rule(const RequestContext& call, const std::string& id) {
  return read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_rule(tx, call.caller.account, id);
  });
}

/// The text, and what the lints say of it. kInvalid: an error among that.
Result<std::pair<rules::RuleText, std::vector<rules::Finding>>> check(const RequestContext& call,
                                                                      const std::string& yaml) {
  SENT_TRY_ASSIGN(rules::RuleText item, read_item(yaml));
  SENT_TRY_ASSIGN(const rules::LintFacts facts, lint_facts(call));
  auto findings = rules::lint(item.rules, facts);
  for (const rules::Finding& finding : findings)
    if (finding.level == rules::LintLevel::error)
      return fail_field(Errc::kInvalid, "yaml", "rule {}: {} {}: {}", finding.rule_id, finding.code,
                        finding.name, finding.text);
  return std::pair(std::move(item), std::move(findings));
}

/// What a text that may be of an older version has.
std::vector<rules::Rule> rules_in(const std::string& yaml) {
  auto item = rules::parse_rule_item(yaml);
  return item ? std::move(item->rules) : std::vector<rules::Rule>{};
}

/// Writes, tells the engine, and answers with the rule as it is now. `before`: the text that it replaces.
Result<Reply> store(RequestContext& call, const catalog::StoredRule& rule, const std::string& before,
                    std::optional<std::uint64_t> expected, int status,
                    const std::vector<rules::Finding>& findings) {
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(catalog::put_rule(tx, rule, expected));
    return begin_trials(tx, call, rules_in(before), rules_in(rule.yaml));
  }));
  SENT_TRY(call.server.reload_rules(call.caller.account));
  SENT_TRY_ASSIGN(const auto stored, load_rule(call, rule.id));
  SENT_TRY_ASSIGN(const auto trials, trials_of(call));
  JsonWriter json;
  write_rule(json, stored, trials);
  json.key("findings").array();
  for (const rules::Finding& finding : findings) write_finding(json, finding);
  json.end();
  if (before != rule.yaml) {
    BacktestPair pair{.fresh = rules_in(rule.yaml), .old = std::nullopt};
    if (!before.empty()) pair.old = rules_in(before);
    write_backtest_at_save(json, call, rule.id, std::move(pair));
  }
  return json_reply(json.end().take(), status);
}

}  // namespace

Result<Reply> list_rules(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto rules, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_rules(tx, call.caller.account);
                  }));
  SENT_TRY_ASSIGN(const auto trials, trials_of(call));
  return list_reply(rules, page, [&](JsonWriter& json, const catalog::StoredRule& rule) {
    write_rule(json, rule, trials);
    json.end();
  });
}

Result<Reply> get_rule(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto stored, load_rule(call, call.path_value("id")));
  SENT_TRY_ASSIGN(const auto trials, trials_of(call));
  JsonWriter json;
  write_rule(json, stored, trials);
  return json_reply(json.end().take());
}

Result<Reply> create_rule(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto edit, read_edit(call.request));
  if (edit.version)
    return fail_field(Errc::kInvalid, "version", "a new rule has none; to change a rule, PUT it");
  SENT_TRY_ASSIGN(const auto checked, check(call, edit.yaml));
  catalog::StoredRule stored;
  stored.account = call.caller.account;
  stored.id = checked.first.id;
  stored.yaml = checked.first.yaml;
  stored.enabled = edit.enabled;
  stored.updated = call.server.clock.now();
  stored.updated_by = call.caller.name;
  return store(call, stored, "", std::nullopt, 201, checked.second);
}

Result<Reply> put_rule(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto edit, read_edit(call.request));
  if (!edit.version)
    return fail_field(Errc::kInvalid, "version",
                      "is required: the version that was read, so that no edit is lost");
  SENT_TRY_ASSIGN(auto stored, load_rule(call, call.path_value("id")));
  SENT_TRY_ASSIGN(const auto checked, check(call, edit.yaml));
  if (checked.first.id != stored.id)
    return fail_field(Errc::kInvalid, "yaml", "the text's id is {}, the path's {}", checked.first.id,
                      stored.id);
  const std::string before = std::exchange(stored.yaml, checked.first.yaml);
  stored.enabled = edit.enabled;
  stored.updated = call.server.clock.now();
  stored.updated_by = call.caller.name;
  return store(call, stored, before, edit.version, 200, checked.second);
}

Result<Reply> delete_rule(RequestContext& call) {
  const std::string& id = call.path_value("id");
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const catalog::StoredRule rule, catalog::find_rule(tx, call.caller.account, id));
    if (rule.builtin)
      return fail(Errc::kConflict,
                  "a rule of the default pack would come back with the next start: disable it");
    SENT_TRY(begin_trials(tx, call, rules_in(rule.yaml), {}));
    return catalog::delete_rule(tx, call.caller.account, id);
  }));
  SENT_TRY(call.server.reload_rules(call.caller.account));
  return no_content();
}

Result<Reply> check_rule(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto edit, read_edit(call.request));
  SENT_TRY_ASSIGN(const rules::RuleText item, read_item(edit.yaml));
  SENT_TRY_ASSIGN(const rules::LintFacts facts, lint_facts(call));
  JsonWriter json;
  json.object().field("id", item.id).key("rules").array();
  for (const rules::Rule& rule : item.rules) write_member(json, rule);
  json.end().key("findings").array();
  for (const rules::Finding& finding : rules::lint(item.rules, facts)) write_finding(json, finding);
  json.end().end();
  return json_reply(json.take());
}

}  // namespace sentinella::api::native
