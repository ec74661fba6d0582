#include "catalog/agent_settings.h"

#include <algorithm>

#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

constexpr std::string_view kSelectAgentSettings =
    "SELECT account, name, hosts, body, version, updated, updated_by FROM agent_settings WHERE account = ?";

AgentSettings read_agent_settings(Columns c) {
  return {.account = c.account(),
          .name = c.text(),
          .hosts = c.text(),
          .body = c.text(),
          .version = c.natural(),
          .updated = c.time(),
          .updated_by = c.text()};
}

AgentSettingsReport read_agent_settings_report(Columns c) {
  return {.agent_id = c.text(),
          .version = c.natural(),
          .refused = c.natural(),
          .problem = c.text(),
          .time = c.time()};
}

int strength(const AgentSettings& layer) {
  if (layer.name == "default") return 0;
  return layer.name.starts_with("group:") ? 1 : 2;
}

Result<std::uint64_t> next_agent_settings_version(Transaction& tx, AccountId account) {
  SENT_TRY_ASSIGN(const std::int64_t changed,
                  tx.execute("UPDATE agent_settings_version SET version = version + 1 WHERE account = ?",
                             {sql(account)}));
  if (changed == 0)
    SENT_TRY(
        execute(tx, "INSERT INTO agent_settings_version (account, version) VALUES (?, 1)", {sql(account)}));
  return agent_settings_version(tx, account);
}

}  // namespace

Result<std::uint64_t> agent_settings_version(Transaction& tx, AccountId account) {
  std::uint64_t version = 0;
  SENT_TRY(tx.query("SELECT version FROM agent_settings_version WHERE account = ?", {sql(account)},
                    [&](const Row& row) { version = Columns(row).natural(); }));
  return version;
}

Result<std::vector<AgentSettings>> list_agent_settings(Transaction& tx, AccountId account) {
  SENT_TRY_ASSIGN(auto layers, query_all(tx, std::string(kSelectAgentSettings) + " ORDER BY name",
                                         {sql(account)}, read_agent_settings));
  std::ranges::stable_sort(layers, {}, strength);
  return layers;
}

Result<AgentSettings> find_agent_settings(Transaction& tx, AccountId account, const std::string& name) {
  return query_one(tx, std::string(kSelectAgentSettings) + " AND name = ?", {sql(account), sql(name)},
                   read_agent_settings, "agent settings");
}

Result<std::uint64_t> put_agent_settings(Transaction& tx, const AgentSettings& layer,
                                         std::uint64_t expected) {
  const auto stored = find_agent_settings(tx, layer.account, layer.name);
  if (!stored && stored.error().code != Errc::kNotFound) return std::unexpected(stored.error());
  if (const std::uint64_t now = stored ? stored->version : 0; now != expected)
    return fail_field(Errc::kConflict, "version", "{} is at version {}{} now, not at {}: read it again",
                      layer.name, now, stored ? " by " + stored->updated_by : "", expected);
  SENT_TRY_ASSIGN(const std::uint64_t version, next_agent_settings_version(tx, layer.account));
  const std::vector<SqlValue> values{sql(layer.hosts),   sql(layer.body),       sql(version),
                                     sql(layer.updated), sql(layer.updated_by), sql(layer.account),
                                     sql(layer.name)};
  const std::string_view statement =
      stored ? "UPDATE agent_settings SET hosts = ?, body = ?, version = ?, updated = ?, updated_by = ? "
               "WHERE account = ? AND name = ?"
             : "INSERT INTO agent_settings (hosts, body, version, updated, updated_by, account, name) "
               "VALUES (?, ?, ?, ?, ?, ?, ?)";
  SENT_TRY(execute(tx, statement, values));
  return version;
}

Result<void> delete_agent_settings(Transaction& tx, AccountId account, const std::string& name) {
  SENT_TRY(change_one(tx, "DELETE FROM agent_settings WHERE account = ? AND name = ?",
                      {sql(account), sql(name)}, "agent settings"));
  SENT_TRY(next_agent_settings_version(tx, account));
  return {};
}

Result<void> report_agent_settings(Transaction& tx, const AgentSettingsReport& report) {
  SENT_TRY(execute(tx, "DELETE FROM agent_settings_report WHERE agent_id = ?", {sql(report.agent_id)}));
  return execute(tx,
                 "INSERT INTO agent_settings_report (agent_id, version, refused, problem, time) "
                 "VALUES (?, ?, ?, ?, ?)",
                 {sql(report.agent_id), sql(report.version), sql(report.refused), sql(report.problem),
                  sql(report.time)});
}

Result<std::vector<AgentSettingsReport>> list_agent_settings_reports(Transaction& tx, AccountId account) {
  return query_all(tx,
                   "SELECT r.agent_id, r.version, r.refused, r.problem, r.time FROM agent_settings_report r "
                   "JOIN agent a ON a.id = r.agent_id WHERE a.account = ?",
                   {sql(account)}, read_agent_settings_report);
}

}  // namespace sentinella::catalog
