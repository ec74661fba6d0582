#include "catalog/policy.h"

#include <algorithm>

#include "base/crypto.h"
#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

constexpr std::string_view kSelectItem =
    "SELECT account, kind, id, starts, ends, body, created, created_by, reminded FROM policy_item ";

PolicyItem read_item(Columns c) {
  return {.account = c.account(),
          .kind = c.text(),
          .id = c.text(),
          .starts = c.time(),
          .ends = c.time(),
          .body = c.text(),
          .created = c.time(),
          .created_by = c.text(),
          .reminded = c.flag()};
}

constexpr std::string_view kSelectNotice =
    "SELECT alert_id, notice.account, conversation, group_key, pending, due, stage, stage_id, stage_text, "
    "stage_until, told, first_told, last_told, step, flapping FROM notice ";

Notice read_notice(Columns c) {
  return {.alert_id = c.text(),
          .account = c.account(),
          .conversation = c.text(),
          .group_key = c.text(),
          .pending = c.text(),
          .due = c.time(),
          .stage = c.text(),
          .stage_id = c.text(),
          .stage_text = c.text(),
          .stage_until = c.time(),
          .told = c.natural(),
          .first_told = c.time(),
          .last_told = c.time(),
          .step = c.natural(),
          .flapping = c.flag()};
}

DeliveryAttempt read_attempt(Columns c) {
  return {.delivery_id = c.text(),
          .channel_id = c.text(),
          .account = c.account(),
          .attempt = static_cast<std::uint32_t>(c.integer()),
          .time = c.time(),
          .took = Duration(c.integer()),
          .ok = c.flag(),
          .answer = c.text()};
}

}  // namespace

Result<void> put_policy(Transaction& tx, const PolicyItem& item) {
  SENT_TRY(in_words(
      execute(
          tx,
          "INSERT INTO policy_item (account, kind, id, starts, ends, body, created, created_by, reminded) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, kind, id) DO UPDATE SET "
          "starts = excluded.starts, ends = excluded.ends, body = excluded.body, "
          "created_by = excluded.created_by, reminded = excluded.reminded",
          {sql(item.account), sql(item.kind), sql(item.id), sql(item.starts), sql(item.ends), sql(item.body),
           sql(item.created), sql(item.created_by), sql(item.reminded)}),
      "", "the account does not exist"));
  SENT_TRY(touch_policy(tx));
  return {};
}

Result<std::vector<PolicyItem>> list_policy(Transaction& tx, std::optional<AccountId> account,
                                            const std::string& kind) {
  std::string statement = std::string(kSelectItem) + "WHERE 1 = 1";
  std::vector<SqlValue> parameters;
  if (account) {
    statement += " AND account = ?";
    parameters.push_back(sql(*account));
  }
  if (!kind.empty()) {
    statement += " AND kind = ?";
    parameters.push_back(sql(kind));
  }
  return query_all(tx, statement + " ORDER BY account, kind, created, id", parameters, read_item);
}

Result<PolicyItem> find_policy(Transaction& tx, AccountId account, const std::string& kind,
                               const std::string& id) {
  return query_one(tx, std::string(kSelectItem) + "WHERE account = ? AND kind = ? AND id = ?",
                   {sql(account), sql(kind), sql(id)}, read_item, kind);
}

Result<void> delete_policy(Transaction& tx, AccountId account, const std::string& kind,
                           const std::string& id) {
  SENT_TRY(change_one(tx, "DELETE FROM policy_item WHERE account = ? AND kind = ? AND id = ?",
                      {sql(account), sql(kind), sql(id)}, kind));
  SENT_TRY(touch_policy(tx));
  return {};
}

Result<void> expire_policy(Transaction& tx, Time before) {
  return execute(tx, "DELETE FROM policy_item WHERE ends > 0 AND ends < ?", {sql(before)});
}

Result<std::uint64_t> policy_version(Transaction& tx) {
  std::uint64_t version = 0;
  SENT_TRY(tx.query("SELECT journal_offset FROM progress WHERE name = 'policy'", {},
                    [&](const Row& row) { version = Columns(row).natural(); }));
  return version;
}

Result<std::uint64_t> touch_policy(Transaction& tx) {
  const std::string bytes = random_bytes(7);
  std::uint64_t version = 0;
  for (const char byte : bytes) version = version << 8 | static_cast<std::uint8_t>(byte);
  SENT_TRY(execute(tx,
                   "INSERT INTO progress (name, journal_offset) VALUES ('policy', ?) "
                   "ON CONFLICT (name) DO UPDATE SET journal_offset = excluded.journal_offset",
                   {sql(version)}));
  return version;
}

Result<void> put_notice(Transaction& tx, const Notice& notice) {
  return execute(
      tx,
      "INSERT INTO notice (alert_id, account, conversation, group_key, pending, due, stage, stage_id, "
      "stage_text, stage_until, told, first_told, last_told, step, flapping) "
      "SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM alert WHERE id = ? "
      "ON CONFLICT (alert_id) DO UPDATE SET "
      "conversation = excluded.conversation, group_key = excluded.group_key, "
      "pending = excluded.pending, due = excluded.due, stage = excluded.stage, "
      "stage_id = excluded.stage_id, stage_text = excluded.stage_text, "
      "stage_until = excluded.stage_until, told = excluded.told, first_told = excluded.first_told, "
      "last_told = excluded.last_told, "
      "step = excluded.step, flapping = excluded.flapping",
      {sql(notice.account), sql(notice.conversation), sql(notice.group_key), sql(notice.pending),
       sql(notice.due), sql(notice.stage), sql(notice.stage_id), sql(notice.stage_text),
       sql(notice.stage_until), sql(notice.told), sql(notice.first_told), sql(notice.last_told),
       sql(notice.step), sql(notice.flapping), sql(notice.alert_id)});
}

Result<Notice> find_notice(Transaction& tx, AccountId account, const std::string& alert_id) {
  return query_one(tx, std::string(kSelectNotice) + "WHERE alert_id = ? AND account = ?",
                   {sql(alert_id), sql(account)}, read_notice, "notice");
}

Result<std::vector<Notice>> load_notices(Transaction& tx) {
  return query_all(tx,
                   std::string(kSelectNotice) +
                       "JOIN alert ON alert.id = alert_id WHERE (alert.status <> 'closed' AND "
                       "alert.status <> 'expired') OR pending <> '' OR flapping = 1 ORDER BY alert_id",
                   {}, read_notice);
}

Result<std::map<std::string, std::string>> held_alerts(Transaction& tx, AccountId account) {
  std::map<std::string, std::string> out;
  SENT_TRY(
      tx.query("SELECT alert_id, stage_id FROM notice JOIN alert ON alert.id = alert_id WHERE "
               "notice.account = ? AND stage IN ('cause', 'inhibition') AND alert.status <> 'closed' "
               "AND alert.status <> 'expired'",
               {sql(account)}, [&](const Row& row) {
                 Columns c(row);
                 std::string id = c.text();
                 out[std::move(id)] = c.text();
               }));
  return out;
}

Result<std::uint64_t> last_sequence(Transaction& tx) {
  std::uint64_t last = 0;
  SENT_TRY(tx.query("SELECT COALESCE(MAX(sequence), 0) FROM outbox", {},
                    [&](const Row& row) { last = Columns(row).natural(); }));
  return last;
}

Result<std::map<std::string, std::vector<Time>>> messages_since(Transaction& tx, AccountId account,
                                                                Time since) {
  std::map<std::string, std::vector<Time>> times;
  SENT_TRY(
      tx.query("SELECT lane, MIN(created) FROM outbox WHERE account = ? AND created > ? AND transition "
               "<> 'closed' AND transition <> 'status' GROUP BY delivery_id, lane ORDER BY MIN(created)",
               {sql(account), sql(since)}, [&](const Row& row) {
                 Columns c(row);
                 std::vector<Time>& of_lane = times[c.text()];
                 of_lane.push_back(c.time());
               }));
  return times;
}

Result<void> insert_attempt(Transaction& tx, const DeliveryAttempt& attempt) {
  return execute(
      tx,
      "INSERT INTO delivery_attempt (delivery_id, channel_id, account, attempt, time, took, ok, answer) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (delivery_id, channel_id, attempt) DO NOTHING",
      {sql(attempt.delivery_id), sql(attempt.channel_id), sql(attempt.account),
       static_cast<std::int64_t>(attempt.attempt), sql(attempt.time), attempt.took.count(), sql(attempt.ok),
       sql(attempt.answer)});
}

Result<Time> last_success(Transaction& tx, AccountId account, const std::string& channel_id) {
  Time last;
  SENT_TRY(tx.query(
      "SELECT COALESCE(MAX(time), 0) FROM delivery_attempt WHERE account = ? AND channel_id = ? AND ok = 1",
      {sql(account), sql(channel_id)}, [&](const Row& row) { last = {row.integer(0)}; }));
  return last;
}

Result<ChannelTrouble> channel_trouble(Transaction& tx, AccountId account, const std::string& channel_id,
                                       bool as_set_up) {
  SENT_TRY_ASSIGN(Time after, last_success(tx, account, channel_id));
  if (as_set_up)
    SENT_TRY(tx.query("SELECT judged_after FROM channel WHERE account = ? AND id = ?",
                      {sql(account), sql(channel_id)},
                      [&](const Row& row) { after = std::max(after, Time{row.integer(0)}); }));
  const std::vector<SqlValue> parameters{sql(account), sql(channel_id), sql(after)};
  ChannelTrouble out;
  SENT_TRY(tx.query(
      "SELECT COUNT(*), COALESCE(SUM(CASE WHEN outbox.state = 'failed' THEN 1 ELSE 0 END), 0), "
      "COALESCE(MIN(time), 0) FROM delivery_attempt LEFT JOIN outbox ON outbox.delivery_id = "
      "delivery_attempt.delivery_id AND outbox.channel_id = delivery_attempt.channel_id "
      "WHERE delivery_attempt.account = ? AND delivery_attempt.channel_id = ? AND ok = 0 AND time > ?",
      parameters, [&](const Row& row) {
        Columns c(row);
        out.attempts = c.natural();
        out.given_up = c.natural();
        out.since = c.time();
      }));
  SENT_TRY(
      tx.query("SELECT answer FROM delivery_attempt WHERE account = ? AND channel_id = ? AND ok = 0 AND "
               "time > ? ORDER BY time DESC LIMIT 1",
               parameters, [&](const Row& row) { out.answer = row.text(0); }));
  return out;
}

Result<std::string> last_answer(Transaction& tx, AccountId account, const std::string& channel_id,
                                const std::string& alert_id) {
  std::string answer;
  SENT_TRY(tx.query(
      "SELECT answer FROM delivery_attempt JOIN outbox ON outbox.delivery_id = "
      "delivery_attempt.delivery_id AND outbox.channel_id = delivery_attempt.channel_id "
      "WHERE outbox.account = ? AND outbox.alert_id = ? AND outbox.channel_id = ? AND ok = 1 "
      "ORDER BY time DESC LIMIT 1",
      {sql(account), sql(alert_id), sql(channel_id)}, [&](const Row& row) { answer = row.text(0); }));
  return answer;
}

Result<std::vector<DeliveryAttempt>> attempts_of(Transaction& tx, AccountId account,
                                                 const std::string& delivery_id) {
  return query_all(tx,
                   "SELECT delivery_id, channel_id, account, attempt, time, took, ok, answer FROM "
                   "delivery_attempt WHERE delivery_id = ? AND account = ? ORDER BY time, channel_id",
                   {sql(delivery_id), sql(account)}, read_attempt);
}

}  // namespace sentinella::catalog
