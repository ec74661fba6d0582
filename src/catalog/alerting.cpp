#include "catalog/alerting.h"

#include "base/crypto.h"
#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

constexpr std::string_view kSelectRule =
    "SELECT account, id, yaml, enabled, builtin, version, updated, updated_by FROM rule WHERE account = ?";

StoredRule read_rule(Columns c) {
  return {.account = c.account(),
          .id = c.text(),
          .yaml = c.text(),
          .enabled = c.flag(),
          .builtin = c.flag(),
          .version = c.natural(),
          .updated = c.time(),
          .updated_by = c.text()};
}

constexpr std::int64_t kMostVersions = 100;

Result<void> insert_rule(Transaction& tx, const StoredRule& rule) {
  return in_words(
      execute(
          tx,
          "INSERT INTO rule (account, id, yaml, enabled, builtin, version, updated, updated_by) "
          "VALUES (?, ?, ?, ?, ?, (SELECT COALESCE(MAX(version), 0) + 1 FROM rule_version WHERE account = "
          "? AND rule_id = ?), ?, ?)",
          {sql(rule.account), sql(rule.id), sql(rule.yaml), sql(rule.enabled), sql(rule.builtin),
           sql(rule.account), sql(rule.id), sql(rule.updated), sql(rule.updated_by)}),
      "id", fmt::format("there is a rule {} already", rule.id));
}

Result<void> keep_version(Transaction& tx, const StoredRule& rule) {
  SENT_TRY(execute(tx,
                   "INSERT INTO rule_version (account, rule_id, version, yaml, enabled, builtin, updated, "
                   "updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                   {sql(rule.account), sql(rule.id), sql(rule.version), sql(rule.yaml), sql(rule.enabled),
                    sql(rule.builtin), sql(rule.updated), sql(rule.updated_by)}));
  return execute(tx, "DELETE FROM rule_version WHERE account = ? AND rule_id = ? AND version <= ?",
                 {sql(rule.account), sql(rule.id), static_cast<std::int64_t>(rule.version) - kMostVersions});
}

constexpr std::string_view kSelectChannel =
    "SELECT account, id, name, kind, settings, min_tier, enabled FROM channel ";

Channel read_channel(Columns c) {
  return {.account = c.account(),
          .id = c.text(),
          .name = c.text(),
          .kind = c.text(),
          .settings = c.text(),
          .min_tier = parse_tier(c.text()).value_or(Tier::page),
          .enabled = c.flag()};
}

/// The bytes are the engine's and any; text columns of other databases take valid UTF-8 only.
RuleState read_rule_state(Columns c) {
  return {.account = c.account(),
          .rule_id = c.text(),
          .instance = c.text(),
          .state = from_base64(c.text()).value_or(std::string())};
}

}  // namespace

Result<void> put_rule(Transaction& tx, const StoredRule& rule,
                      std::optional<std::uint64_t> expected_version) {
  if (!expected_version) return insert_rule(tx, rule);
  SENT_TRY_ASSIGN(const StoredRule stored, find_rule(tx, rule.account, rule.id));
  SENT_TRY_ASSIGN(
      const std::int64_t changed,
      tx.execute("UPDATE rule SET yaml = ?, enabled = ?, builtin = ?, version = version + 1, updated = ?, "
                 "updated_by = ? WHERE account = ? AND id = ? AND version = ?",
                 {sql(rule.yaml), sql(rule.enabled), sql(rule.builtin), sql(rule.updated),
                  sql(rule.updated_by), sql(rule.account), sql(rule.id), sql(*expected_version)}));
  if (changed == 0)
    return fail_field(Errc::kConflict, "version",
                      "rule {} is at version {} by {} now, not at {}: read it again", rule.id, stored.version,
                      stored.updated_by, *expected_version);
  return keep_version(tx, stored);
}

Result<std::vector<StoredRule>> former_rules(Transaction& tx, AccountId account, const std::string& id) {
  return query_all(tx,
                   "SELECT account, rule_id, yaml, enabled, builtin, version, updated, updated_by FROM "
                   "rule_version WHERE account = ? AND rule_id = ? ORDER BY version DESC",
                   {sql(account), sql(id)}, read_rule);
}

Result<std::vector<StoredRule>> list_rules(Transaction& tx, AccountId account) {
  return query_all(tx, std::string(kSelectRule) + " ORDER BY id", {sql(account)}, read_rule);
}

Result<std::size_t> count_enabled_rules(Transaction& tx, AccountId account) {
  std::size_t number = 0;
  SENT_TRY(tx.query("SELECT COUNT(*) FROM rule WHERE account = ? AND enabled = ?", {sql(account), sql(true)},
                    [&](const Row& row) { number = static_cast<std::size_t>(row.integer(0)); }));
  return number;
}

Result<StoredRule> find_rule(Transaction& tx, AccountId account, const std::string& id) {
  return query_one(tx, std::string(kSelectRule) + " AND id = ?", {sql(account), sql(id)}, read_rule, "rule");
}

Result<void> delete_rule(Transaction& tx, AccountId account, const std::string& id) {
  SENT_TRY_ASSIGN(const StoredRule stored, find_rule(tx, account, id));
  SENT_TRY(keep_version(tx, stored));
  return change_one(tx, "DELETE FROM rule WHERE account = ? AND id = ?", {sql(account), sql(id)}, "rule");
}

Result<void> put_channel(Transaction& tx, const Channel& channel) {
  const std::string_view tier = to_string(channel.min_tier);
  // What failed before a change of settings, or before it was switched on, says nothing of it any more.
  SENT_TRY(execute(tx,
                   "UPDATE channel SET judged_after = (SELECT COALESCE(MAX(time), 0) FROM delivery_attempt "
                   "WHERE delivery_attempt.account = channel.account AND channel_id = channel.id) "
                   "WHERE id = ? AND account = ? AND (kind <> ? OR settings <> ? OR enabled < ?)",
                   {sql(channel.id), sql(channel.account), sql(channel.kind), sql(channel.settings),
                    sql(channel.enabled)}));
  return in_words(
      change_one(tx,
                 "INSERT INTO channel (id, account, name, kind, settings, min_tier, enabled) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
                 "kind = excluded.kind, settings = excluded.settings, min_tier = excluded.min_tier, "
                 "enabled = excluded.enabled WHERE channel.account = excluded.account",
                 {sql(channel.id), sql(channel.account), sql(channel.name), sql(channel.kind),
                  sql(channel.settings), sql(tier), sql(channel.enabled)},
                 "channel"),
      "", "the account does not exist");
}

Result<std::vector<Channel>> list_channels(Transaction& tx, std::optional<AccountId> account) {
  if (!account)
    return query_all(tx, std::string(kSelectChannel) + "ORDER BY account, name, id", {}, read_channel);
  return query_all(tx, std::string(kSelectChannel) + "WHERE account = ? ORDER BY name, id", {sql(*account)},
                   read_channel);
}

Result<Channel> find_channel(Transaction& tx, AccountId account, const std::string& id) {
  return query_one(tx, std::string(kSelectChannel) + "WHERE id = ? AND account = ?", {sql(id), sql(account)},
                   read_channel, "channel");
}

Result<void> delete_channel(Transaction& tx, AccountId account, const std::string& id) {
  SENT_TRY(
      change_one(tx, "DELETE FROM channel WHERE id = ? AND account = ?", {sql(id), sql(account)}, "channel"));
  return execute(tx,
                 "UPDATE outbox SET state = 'failed', last_error = 'the channel was deleted' "
                 "WHERE account = ? AND channel_id = ? AND state = 'pending'",
                 {sql(account), sql(id)});
}

Result<void> put_rule_state(Transaction& tx, const RuleState& state) {
  if (state.state.empty())
    return execute(tx, "DELETE FROM rule_state WHERE account = ? AND rule_id = ? AND instance = ?",
                   {sql(state.account), sql(state.rule_id), sql(state.instance)});
  return in_words(
      execute(tx,
              "INSERT INTO rule_state (account, rule_id, instance, state) VALUES (?, ?, ?, ?) "
              "ON CONFLICT (account, rule_id, instance) DO UPDATE SET state = excluded.state",
              {sql(state.account), sql(state.rule_id), sql(state.instance), sql(to_base64(state.state))}),
      "", "the account does not exist");
}

Result<std::vector<RuleState>> load_rule_states(Transaction& tx) {
  return query_all(
      tx, "SELECT account, rule_id, instance, state FROM rule_state ORDER BY account, rule_id, instance", {},
      read_rule_state);
}

Result<std::uint64_t> evaluated_offset(Transaction& tx) {
  std::uint64_t offset = 0;
  SENT_TRY(tx.query("SELECT journal_offset FROM progress WHERE name = 'evaluated'", {},
                    [&](const Row& row) { offset = Columns(row).natural(); }));
  return offset;
}

Result<void> set_evaluated_offset(Transaction& tx, std::uint64_t offset) {
  return execute(tx,
                 "INSERT INTO progress (name, journal_offset) VALUES ('evaluated', ?) "
                 "ON CONFLICT (name) DO UPDATE SET journal_offset = excluded.journal_offset",
                 {sql(offset)});
}

}  // namespace sentinella::catalog
