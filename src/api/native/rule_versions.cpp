// What a rule said before, who changed it, and what the change is worth.
#include "api/native/backtests.h"
#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "catalog/alerting.h"
#include "rules/rule_file.h"

namespace sentinella::api::native {
namespace {

constexpr Duration kComparedSpan = std::chrono::hours(24 * 30);

/// The rule as it is, unless it was deleted, and its former versions, newest first. kNotFound: neither.
Result<std::vector<catalog::StoredRule>> versions_of(const RequestContext& call) {
  const std::string& id = call.path_value("id");
  return read_catalog(call.server.database,
                      [&](catalog::Transaction& tx) -> Result<std::vector<catalog::StoredRule>> {
                        SENT_TRY_ASSIGN(auto all, catalog::former_rules(tx, call.caller.account, id));
                        auto stored = catalog::find_rule(tx, call.caller.account, id);
                        if (stored) {
                          all.insert(all.begin(), *std::move(stored));
                        } else if (all.empty() || stored.error().code != Errc::kNotFound) {
                          return std::unexpected(stored.error());
                        }
                        return all;
                      });
}

}  // namespace

Result<Reply> list_rule_versions(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"page", "page_size"}));
  SENT_TRY_ASSIGN(const auto page, query.page());
  SENT_TRY_ASSIGN(const auto all, versions_of(call));
  return list_reply(all, page, [](JsonWriter& json, const catalog::StoredRule& one) {
    json.object().field("version", one.version).field("updated", one.updated);
    json.field("updated_by", one.updated_by).field("enabled", one.enabled).field("yaml", one.yaml).end();
  });
}

/// The rule as it is beside the newest version with another text.
Result<Reply> rule_backtest(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  SENT_TRY_ASSIGN(const auto all, versions_of(call));
  BacktestPair pair;
  SENT_TRY_ASSIGN(rules::RuleText now, rules::parse_rule_item(all.front().yaml));
  pair.fresh = std::move(now.rules);
  for (const catalog::StoredRule& one : all) {
    if (one.yaml == all.front().yaml) continue;
    SENT_TRY_ASSIGN(rules::RuleText before, rules::parse_rule_item(one.yaml));
    pair.old = std::move(before.rules);
    break;
  }
  SENT_TRY_ASSIGN(std::string json, compare(call, pair, kComparedSpan, rules::kBacktestPatience));
  return json_reply(std::move(json));
}

void write_backtest_at_save(JsonWriter& json, const RequestContext& call, const std::string& id,
                            BacktestPair pair) {
  constexpr Duration kPatienceAtSave = std::chrono::seconds(2);
  const auto compared = compare(call, pair, kComparedSpan, kPatienceAtSave);
  json.key("backtest").object().field("href", "/api/v1/rules/" + id + "/backtest");
  json.field("problem", compared ? "" : describe(compared.error())).key("result");
  if (compared) {
    json.raw(*compared);
  } else {
    json.null();
  }
  json.end();
}

}  // namespace sentinella::api::native
