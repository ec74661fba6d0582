// Which rules are worth their noise: lints, and what mends what they find.
#include <algorithm>
#include <cmath>

#include "api/native/catalog_access.h"
#include "api/native/findings.h"
#include "api/native/handlers.h"
#include "api/native/rule_lookup.h"
#include "api/native/rule_trials.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/text.h"
#include "catalog/alerting.h"
#include "catalog/policy.h"
#include "rules/husbandry.h"
#include "rules/rule_file.h"

namespace sentinella::api::native {
namespace {

constexpr std::string_view kRestore = "restore:";

/// Of the rule's version; one that this program does not read any more stays where it is.
Result<std::string> former_text(const RequestContext& call, const std::string& version) {
  const auto wanted = parse_uint(version);
  if (!wanted) return fail_field(Errc::kInvalid, "action", "restore: needs the number of a version");
  SENT_TRY_ASSIGN(const auto all, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::former_rules(tx, call.caller.account, call.path_value("id"));
                  }));
  const auto found = std::ranges::find(all, *wanted, &catalog::StoredRule::version);
  if (found == all.end())
    return fail_field(Errc::kNotFound, "action", "there is no former version {}", *wanted);
  SENT_TRY(rules::parse_rule_item(found->yaml));
  return found->yaml;
}

/// A deleted rule, as one of its versions had it.
Result<Reply> bring_back(RequestContext& call, const std::string& version) {
  catalog::StoredRule stored;
  stored.account = call.caller.account;
  stored.id = call.path_value("id");
  SENT_TRY_ASSIGN(stored.yaml, former_text(call, version));
  SENT_TRY_ASSIGN(const rules::RuleText item, rules::parse_rule_item(stored.yaml));
  stored.updated = call.server.clock.now();
  stored.updated_by = call.caller.name;
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(catalog::put_rule(tx, stored, std::nullopt));
    return begin_trials(tx, call, {}, item.rules);
  }));
  SENT_TRY(call.server.reload_rules(call.caller.account));
  return get_rule(call);
}

}  // namespace

Result<Reply> lint_rules(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size", "rule_id"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(auto findings, all_findings(call.server, call.caller.account));
  if (const std::string id = query.text("rule_id"); !id.empty())
    std::erase_if(findings, [&](const rules::Finding& one) { return one.rule_id != id; });
  return list_reply(findings, page, write_finding);
}

/// What the last night's run found.
Result<Reply> nightly_lints(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  const auto item = read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_policy(tx, call.caller.account, "lints", "nightly");
  });
  if (!item && item.error().code != Errc::kNotFound) return std::unexpected(item.error());
  JsonWriter json;
  json.object().key("at");
  if (!item)
    return json_reply(json.null().key("items").array().end().key("fresh").array().end().end().take());
  json.value(item->starts);
  SENT_TRY_ASSIGN(const auto body, parse_json_object(item->body));
  for (const auto& field : body) json.key(field.key()).raw(boost::json::serialize(field.value()));
  return json_reply(json.end().take());
}

/// What a finding proposes: the text of the rule is changed where it says so, and stays a text that people
/// can read.
Result<Reply> act_on_rule(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"action", "version"}));
  SENT_TRY_ASSIGN(const std::string action, required_text(body, "action", 100));
  SENT_TRY_ASSIGN(const auto version, optional_number(body, "version"));
  if (action == "approve" || action == "approve:now") {
    SENT_TRY(approve_rule(call, action == "approve:now"));
    return get_rule(call);
  }
  const std::string& id = call.path_value("id");
  auto found = read_catalog(call.server.database, [&](catalog::Transaction& tx) {
    return catalog::find_rule(tx, call.caller.account, id);
  });
  if (!found && found.error().code == Errc::kNotFound && action.starts_with(kRestore) && !version)
    return bring_back(call, action.substr(kRestore.size()));
  SENT_TRY_ASSIGN(catalog::StoredRule stored, std::move(found));
  const std::string before = stored.yaml;
  const std::uint64_t expected = version ? static_cast<std::uint64_t>(*version) : stored.version;
  if (action == "disable" || action == "enable") {
    stored.enabled = action == "enable";
  } else if (action.starts_with(kRestore)) {
    SENT_TRY_ASSIGN(stored.yaml, former_text(call, action.substr(kRestore.size())));
  } else {
    SENT_TRY_ASSIGN(stored.yaml, rules::apply_action(stored.yaml, action, call.server.clock.now()));
  }
  stored.updated = call.server.clock.now();
  stored.updated_by = call.caller.name;
  SENT_TRY(call.server.database.write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(catalog::put_rule(tx, stored, expected));
    const auto old = rules::parse_rule_item(before), fresh = rules::parse_rule_item(stored.yaml);
    return old && fresh ? begin_trials(tx, call, old->rules, fresh->rules) : Result<void>();
  }));
  SENT_TRY(call.server.reload_rules(call.caller.account));
  return get_rule(call);
}

}  // namespace sentinella::api::native
