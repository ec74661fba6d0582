#include "catalog/rule_history.h"

#include "catalog/sql.h"

namespace sentinella::catalog {

Result<std::vector<RuleHistoryEntry>> rule_history(Transaction& tx, AccountId account, Time since) {
  std::vector<RuleHistoryEntry> out;
  SENT_TRY(tx.query(
      "SELECT a.rule_id, a.id, a.resource, a.event, a.host, a.environment, a.tier, h.time, h.type, h.text, "
      "h.actor, h.owner FROM alert a JOIN alert_history h ON h.alert_id = a.id "
      "WHERE a.account = ? AND a.rule_id <> '' AND h.time >= ? ORDER BY a.id, h.position",
      {sql(account), sql(since)}, [&](const Row& row) {
        Columns c(row);
        out.push_back({.rule_id = c.text(),
                       .alert_id = c.text(),
                       .resource = c.text(),
                       .event = c.text(),
                       .host = c.text(),
                       .environment = c.text(),
                       .tier = parse_tier(c.text()).value_or(Tier::ticket),
                       .time = c.time(),
                       .type = c.text(),
                       .text = c.text(),
                       .user = c.text(),
                       .owner = c.text()});
      }));
  return out;
}

Result<std::map<std::string, std::size_t>> messages_by_rule(Transaction& tx, AccountId account, Time since) {
  std::map<std::string, std::size_t> out;
  SENT_TRY(
      tx.query("SELECT a.rule_id, COUNT(*) FROM outbox o JOIN alert a ON a.id = o.alert_id "
               "WHERE o.account = ? AND o.created >= ? GROUP BY a.rule_id",
               {sql(account), sql(since)}, [&](const Row& row) {
                 Columns c(row);
                 std::string rule = c.text();
                 out[std::move(rule)] = static_cast<std::size_t>(c.integer());
               }));
  return out;
}

}  // namespace sentinella::catalog
