// What alerting keeps: rules, channels, alerts with history, outbox, and the place in the journal it has got
// to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/database.h"
#include "model/account.h"
#include "model/alert.h"

namespace sentinella::catalog {

/// A rule of an account, as text; rules/rule_file.h reads it.
struct StoredRule {
  AccountId account{};
  std::string id;    ///< unique in the account
  std::string yaml;  ///< one list item of sentinella_rules
  bool enabled = true;
  bool builtin = false;  ///< from the default pack
  std::uint64_t version = 1;
  Time updated;
  std::string updated_by;
};
/// What it replaces is kept as a former version, of which the newest 100 stay. Without `expected_version`
/// inserts, as version 1, or after the last one of a rule of that id that was deleted; with it replaces that
/// version by the next (rule.version is not read). kConflict: the id is taken, or somebody else changed the
/// rule. kNotFound: nothing to replace.
Result<void> put_rule(Transaction& tx, const StoredRule& rule, std::optional<std::uint64_t> expected_version);
Result<std::vector<StoredRule>> list_rules(Transaction& tx, AccountId account);
/// Of those that are switched on.
Result<std::size_t> count_enabled_rules(Transaction& tx, AccountId account);
Result<StoredRule> find_rule(Transaction& tx, AccountId account, const std::string& id);
/// Its versions stay.
Result<void> delete_rule(Transaction& tx, AccountId account, const std::string& id);
/// Former versions, newest first: `updated` and `updated_by` are of the edit that made them.
Result<std::vector<StoredRule>> former_rules(Transaction& tx, AccountId account, const std::string& id);

/// Where notifications go. `settings` is a JSON object of the channel's kind; its secrets never leave the
/// server.
struct Channel {
  AccountId account{};
  std::string id;  ///< UUID
  std::string name;
  std::string kind;  ///< "webhook", "slack", "smtp"
  std::string settings;
  Tier min_tier = Tier::ticket;  ///< page: only pages; ticket: pages and tickets; info: all
  bool enabled = true;
};
Result<void> put_channel(Transaction& tx, const Channel& channel);
Result<std::vector<Channel>> list_channels(Transaction& tx,
                                           std::optional<AccountId> account);  ///< nullopt: all
Result<Channel> find_channel(Transaction& tx, AccountId account, const std::string& id);
/// What was still to be delivered through it becomes "failed".
Result<void> delete_channel(Transaction& tx, AccountId account, const std::string& id);

/// Alerts. One live row per (account, environment, resource, event): a second one with another id becomes the
/// first one's new content, under the first one's id. Takes the evidence along (which costs only when it
/// changed); history is appended separately. kConflict: the id belongs to another account, or reopening it
/// would make two live ones.
Result<void> put_alert(Transaction& tx, const Alert& alert);
/// Of an alert that is stored, only what a repeated report may change: counter, words, last_receive_time,
/// extras, evidence. Nothing when it is not there.
Result<void> put_repeats(Transaction& tx, const Alert& alert);
/// Keeps the newest 100. kNotFound: no such alert.
Result<void> append_history(Transaction& tx, const std::string& alert_id, const AlertHistory& entry);
/// The note of this moment gets other words, or goes when there are none. kNotFound: there is none.
Result<void> change_note(Transaction& tx, const std::string& alert_id, Time of,
                         const std::optional<std::string>& text);
Result<Alert> find_alert(Transaction& tx, AccountId account,
                         const std::string& id);  ///< with history and evidence
/// Alerts of every account that are neither closed nor expired, with history and evidence: to start up from.
Result<std::vector<Alert>> load_live_alerts(Transaction& tx);

struct AlertFilter {
  std::vector<AlertStatus> statuses;  ///< empty = any
  /// Also, or where there are no statuses only, alarms that returned before anybody took note: RTNUN.
  bool returned = false;
  std::vector<AlertSeverity> severities;  ///< empty = any
  std::string host, service, rule_id;     ///< "" = any
  std::string text;  ///< substring of resource, event or text in any case; at most 256 bytes
  std::string environment;
  std::optional<std::string> owner = {};  ///< nullopt = any; "" = those that nobody owns
  /// Only those that stood at some time of it: raised before its end, and live or ended since its begin.
  std::optional<TimeRange> stood = {};
  std::size_t page = 1, page_size = 50;  ///< page_size at most 1000
};
struct AlertList {
  std::vector<Alert> alerts;  ///< worst first, then newest; without history and evidence
  std::size_t total = 0;
};
/// kInvalid: page, page_size or text out of bounds.
Result<AlertList> list_alerts(Transaction& tx, AccountId account, const AlertFilter& filter);
/// The newest `limit` closed and expired ones, last changed first, with history and evidence. `and_returned`:
/// also the newest `limit` alarms that returned before anybody took note (RTNUN), which may be older.
Result<std::vector<Alert>> newest_ended_alerts(Transaction& tx, AccountId account, std::size_t limit,
                                               bool and_returned);
/// The newest RTNUN, with extras, without history and evidence.
Result<std::vector<Alert>> returned_alerts(Transaction& tx, AccountId account, std::size_t limit);
/// How many RTNUN there are, by environment.
Result<std::map<std::string, std::size_t>> count_returned(Transaction& tx, AccountId account);
/// Same resource, event and fingerprint, newest first, closed ones too.
Result<std::vector<Alert>> previous_alerts(Transaction& tx, const Alert& alert, std::size_t limit);
/// The id of the newest alert of the same resource and fingerprint that names this event among those it
/// correlates; "" = none.
Result<std::string> correlated_alert(Transaction& tx, const Alert& alert);
/// With its history. kNotFound.
Result<void> delete_alert(Transaction& tx, AccountId account, const std::string& id);
/// Deletes closed alerts last updated before `before`, and finished deliveries created before it.
Result<void> expire_alerts(Transaction& tx, Time before);

/// The outbox: intent first, then the attempt, so that nothing is lost between.
struct OutboxEntry {
  std::string delivery_id;  ///< UUID, stable over retries; unique per channel
  AccountId account{};
  std::string channel_id;
  std::string alert_id;
  std::uint64_t sequence = 0;
  std::string transition;
  std::string payload;  ///< the alert as JSON, as it was
  std::string state;    ///< "pending", "delivered", "superseded", "failed"
  std::uint32_t attempts = 0;
  Time created;
  Time next_attempt;
  std::optional<Time> delivered;
  std::string last_error;
  std::string lane = {};  ///< messages of one lane are counted together by the storm guard
};
Result<void> insert_outbox(Transaction& tx, const OutboxEntry& entry);
Result<std::vector<OutboxEntry>> pending_outbox(Transaction& tx);  ///< of every account, oldest first
Result<void> update_outbox(Transaction& tx, const OutboxEntry& entry);
/// Of an alert (any channel), or of a channel (newest first).
Result<std::vector<OutboxEntry>> deliveries_of_alert(Transaction& tx, AccountId account,
                                                     const std::string& alert_id);
Result<std::vector<OutboxEntry>> deliveries_of_channel(Transaction& tx, AccountId account,
                                                       const std::string& channel_id, std::size_t limit);

/// Rule state by (account, rule, instance), written together with what came of it.
struct RuleState {
  AccountId account{};
  std::string rule_id;
  std::string instance;
  std::string state;  ///< the engine's own bytes; "" deletes
};
Result<void> put_rule_state(Transaction& tx, const RuleState& state);
Result<std::vector<RuleState>> load_rule_states(Transaction& tx);
/// The last journal offset whose consequences are in this database.
Result<std::uint64_t> evaluated_offset(Transaction& tx);
Result<void> set_evaluated_offset(Transaction& tx, std::uint64_t offset);

}  // namespace sentinella::catalog
