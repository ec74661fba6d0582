#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/bytes.h"
#include "base/hash.h"
#include "catalog/alert_columns.h"
#include "catalog/alert_condition.h"
#include "catalog/alerting.h"
#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

constexpr std::int64_t kHistoryKept = 100;
/// Takes an account and a limit.
constexpr std::string_view kNewestReturned =
    "SELECT id FROM alert WHERE account = ? AND status = 'closed' AND alarm_state = 'RTNUN' ORDER BY "
    "update_time DESC, id LIMIT ?";

std::string select_whole() {
  return select_alerts(kAlertFields.size());
}
constexpr auto* read_whole = read_alert<kAlertFields.size()>;

SqlValue sql_state(std::optional<AlarmState> state) {
  return sql(state ? to_string(*state) : "");
}

struct OwnedEvidence {
  std::string alert_id;
  EvidenceLine line;
};

OwnedEvidence read_evidence(Columns c) {
  OwnedEvidence owned{.alert_id = c.text(), .line = {}};
  EvidenceLine& line = owned.line;
  line.id = {.offset = c.natural(), .index = static_cast<std::uint32_t>(c.integer())};
  line.time = c.time();
  line.host = c.text();
  line.service = c.text();
  line.severity = static_cast<Severity>(c.integer());
  line.text = c.text();
  line.request_id = c.text();
  line.traceback = c.text();
  return owned;
}

struct OwnedHistory {
  std::string alert_id;
  AlertHistory entry;
};

OwnedHistory read_history(Columns c) {
  OwnedHistory owned{.alert_id = c.text(), .entry = {}};
  AlertHistory& entry = owned.entry;
  entry.time = c.time();
  entry.type = c.text();
  entry.severity = read_severity(c.integer());
  entry.status = parse_alert_status(c.text()).value_or(AlertStatus::open);
  entry.event = c.text();
  entry.value = c.text();
  entry.text = c.text();
  entry.user = c.text();
  entry.alarm_state = parse_alarm_state(c.text());
  entry.owner = c.text();
  return owned;
}

struct OwnedAttribute {
  std::string alert_id, kind, name, value;
};

OwnedAttribute read_attribute(Columns c) {
  return {.alert_id = c.text(), .kind = c.text(), .name = c.text(), .value = c.text()};
}

void add_attribute(AlertExtras& extras, const OwnedAttribute& attribute) {
  if (attribute.kind == "label") extras.labels.set(attribute.name, attribute.value);
  if (attribute.kind == "annotation") extras.annotations.set(attribute.name, attribute.value);
  if (attribute.kind == "tag") extras.tags.push_back(attribute.name);
  if (attribute.kind == "correlate") extras.correlate.push_back(attribute.name);
}

using AlertsById = std::unordered_map<std::string, Alert*>;

AlertsById by_id(std::vector<Alert>& alerts) {
  AlertsById out;
  for (Alert& alert : alerts) out[alert.id] = &alert;
  return out;
}

/// Adds labels, annotations, tags and correlated events to `alerts`, found as in fill().
Result<void> fill_attributes(Transaction& tx, const AlertsById& wanted, std::string_view condition,
                             const std::vector<SqlValue>& parameters) {
  std::string statement =
      "SELECT alert_id, kind, name, alert_attribute.value FROM alert_attribute JOIN alert ON alert.id = "
      "alert_id ";
  SENT_TRY_ASSIGN(const auto attributes,
                  query_all(tx, statement.append(condition).append(" ORDER BY alert_id, kind, name"),
                            parameters, read_attribute));
  for (const OwnedAttribute& attribute : attributes)
    if (const auto found = wanted.find(attribute.alert_id); found != wanted.end())
      add_attribute(found->second->extras, attribute);
  return {};
}

/// Adds evidence and history to `alerts`, which are all those that match `condition` on the table alert.
Result<void> fill(Transaction& tx, std::vector<Alert>& alerts, std::string_view condition,
                  const std::vector<SqlValue>& parameters) {
  const AlertsById wanted = by_id(alerts);
  std::string statement =
      "SELECT alert_id, record_offset, record_index, time, alert_evidence.host, alert_evidence.service, "
      "alert_evidence.severity, alert_evidence.text, request_id, traceback "
      "FROM alert_evidence JOIN alert ON alert.id = alert_id ";
  SENT_TRY_ASSIGN(auto evidence,
                  query_all(tx, statement.append(condition).append(" ORDER BY alert_id, position"),
                            parameters, read_evidence));
  for (OwnedEvidence& owned : evidence)
    if (const auto found = wanted.find(owned.alert_id); found != wanted.end())
      found->second->evidence.push_back(std::move(owned.line));

  statement =
      "SELECT alert_id, time, alert_history.type, alert_history.severity, alert_history.status, "
      "alert_history.event, alert_history.value, alert_history.text, actor, alert_history.alarm_state, "
      "alert_history.owner "
      "FROM alert_history JOIN alert ON alert.id = alert_id ";
  SENT_TRY_ASSIGN(auto history,
                  query_all(tx, statement.append(condition).append(" ORDER BY alert_id, position"),
                            parameters, read_history));
  for (OwnedHistory& owned : history)
    if (const auto found = wanted.find(owned.alert_id); found != wanted.end())
      found->second->history.push_back(std::move(owned.entry));
  return fill_attributes(tx, wanted, condition, parameters);
}

/// Tells whether evidence changed without reading it; 0 for none.
std::int64_t hash_of(const std::vector<EvidenceLine>& evidence) {
  if (evidence.empty()) return 0;
  std::string bytes;
  ByteWriter writer(bytes);
  for (const EvidenceLine& line : evidence) {
    writer.varint(line.id.offset);
    writer.varint(line.id.index);
    writer.svarint(line.time.ns);
    writer.text(line.host);
    writer.text(line.service);
    writer.varint(static_cast<std::uint64_t>(line.severity));
    writer.text(line.text);
    writer.text(line.request_id);
    writer.text(line.traceback);
  }
  return static_cast<std::int64_t>(hash64(bytes));
}

Result<void> replace_evidence(Transaction& tx, const std::string& alert_id,
                              const std::vector<EvidenceLine>& evidence) {
  SENT_TRY(execute(tx, "DELETE FROM alert_evidence WHERE alert_id = ?", {sql(alert_id)}));
  std::int64_t position = 0;
  for (const EvidenceLine& line : evidence)
    SENT_TRY(execute(
        tx,
        "INSERT INTO alert_evidence (alert_id, position, record_offset, record_index, time, host, service, "
        "severity, text, request_id, traceback) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {sql(alert_id), ++position, sql(line.id.offset), static_cast<std::int64_t>(line.id.index),
         sql(line.time), sql(line.host), sql(line.service), static_cast<std::int64_t>(line.severity),
         sql(line.text), sql(line.request_id), sql(line.traceback)}));
  return {};
}

/// As hash_of() for evidence.
std::int64_t hash_of(const AlertExtras& extras) {
  std::string bytes;
  ByteWriter writer(bytes);
  for (const Labels* labels : {&extras.labels, &extras.annotations}) {
    writer.varint(labels->size());
    for (const Label& label : *labels) writer.text(label.name), writer.text(label.value);
  }
  for (const auto* words : {&extras.tags, &extras.correlate}) {
    writer.varint(words->size());
    for (const std::string& word : *words) writer.text(word);
  }
  return bytes == std::string_view("\0\0\0\0", 4) ? 0 : static_cast<std::int64_t>(hash64(bytes));
}

Result<void> replace_attributes(Transaction& tx, const std::string& alert_id, const AlertExtras& extras) {
  SENT_TRY(execute(tx, "DELETE FROM alert_attribute WHERE alert_id = ?", {sql(alert_id)}));
  const auto put = [&](std::string_view kind, std::string_view name, std::string_view value) {
    return execute(tx,
                   "INSERT INTO alert_attribute (alert_id, kind, name, value) VALUES (?, ?, ?, ?) "
                   "ON CONFLICT (alert_id, kind, name) DO NOTHING",
                   {sql(alert_id), sql(kind), sql(name), sql(value)});
  };
  for (const Label& label : extras.labels) SENT_TRY(put("label", label.name, label.value));
  for (const Label& label : extras.annotations) SENT_TRY(put("annotation", label.name, label.value));
  for (const std::string& tag : extras.tags) SENT_TRY(put("tag", tag, ""));
  for (const std::string& event : extras.correlate) SENT_TRY(put("correlate", event, ""));
  return {};
}

/// The row that took an alert, and the hashes of the evidence and the extras it has.
struct Place {
  std::string id;
  std::int64_t evidence_hash = 0;
  std::int64_t extras_hash = 0;
};

Place read_place(Columns c) {
  return {.id = c.text(), .evidence_hash = c.integer(), .extras_hash = c.integer()};
}

/// In the order of kUpdateAlert and kUpsertAlert.
std::vector<SqlValue> columns_of(const Alert& alert) {
  return {sql(alert.environment),
          sql(alert.resource),
          sql(alert.event),
          sql(alert.host),
          sql(alert.service),
          static_cast<std::int64_t>(alert.severity),
          static_cast<std::int64_t>(alert.previous_severity),
          sql(to_string(alert.status)),
          sql(to_string(alert.tier)),
          sql(alert.value),
          sql(alert.text),
          sql(alert.rule_id),
          sql(alert.playbook),
          sql(alert.duplicate_count),
          sql(alert.create_time),
          sql(alert.receive_time),
          sql(alert.last_receive_time),
          sql(alert.update_time),
          sql(alert.extras.fingerprint),
          sql(alert.extras.origin),
          sql(alert.extras.group),
          sql(alert.extras.type),
          alert.extras.timeout.count(),
          sql(alert.status_until),
          sql(alert.cause),
          sql_state(alert.alarm_state),
          sql(alert.owner),
          sql(alert.id),
          sql(alert.account)};
}

constexpr std::string_view kUpdateAlert =
    "UPDATE alert SET environment = ?, resource = ?, event = ?, host = ?, service = ?, severity = ?, "
    "previous_severity = ?, status = ?, tier = ?, value = ?, text = ?, rule_id = ?, playbook = ?, "
    "duplicate_count = ?, create_time = ?, receive_time = ?, last_receive_time = ?, update_time = ?, "
    "fingerprint = ?, origin = ?, alert_group = ?, type = ?, timeout = ?, status_until = ?, cause = ?, "
    "alarm_state = ?, owner = ? WHERE id = ? AND account = ? RETURNING id, evidence_hash, extras_hash";
constexpr std::string_view kUpsertAlert =
    "INSERT INTO alert (environment, resource, event, host, service, severity, previous_severity, status, "
    "tier, "
    "value, text, rule_id, playbook, duplicate_count, create_time, receive_time, last_receive_time, "
    "update_time, fingerprint, origin, alert_group, type, timeout, status_until, cause, alarm_state, owner, "
    "id, "
    "account, evidence_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, "
    "?, ?, ?, ?, 0) "
    "ON CONFLICT (account, environment, resource, event, fingerprint) WHERE status <> 'closed' AND "
    "status <> 'expired' DO UPDATE SET "
    "host = excluded.host, service = excluded.service, severity = excluded.severity, "
    "previous_severity = excluded.previous_severity, status = excluded.status, tier = excluded.tier, "
    "value = excluded.value, text = excluded.text, rule_id = excluded.rule_id, playbook = excluded.playbook, "
    "duplicate_count = excluded.duplicate_count, create_time = excluded.create_time, "
    "receive_time = excluded.receive_time, last_receive_time = excluded.last_receive_time, "
    "update_time = excluded.update_time, origin = excluded.origin, alert_group = excluded.alert_group, "
    "type = excluded.type, timeout = excluded.timeout, status_until = excluded.status_until, "
    "cause = excluded.cause, alarm_state = excluded.alarm_state, owner = excluded.owner RETURNING id, "
    "evidence_hash, extras_hash";

/// By id, so that an alert may change its key and status; else by the live key, so that there never are two.
Result<Place> store(Transaction& tx, const Alert& alert) {
  const std::vector<SqlValue> values = columns_of(alert);
  SENT_TRY_ASSIGN(std::vector<Place> places, query_all(tx, kUpdateAlert, values, read_place));
  if (!places.empty()) return std::move(places.front());
  return query_one(tx, kUpsertAlert, values, read_place, "alert");
}

/// Extras and evidence, where they have changed.
Result<void> store_details(Transaction& tx, const Alert& alert, const Place& place) {
  if (const std::int64_t extras_hash = hash_of(alert.extras); place.extras_hash != extras_hash) {
    SENT_TRY(execute(tx, "UPDATE alert SET extras_hash = ? WHERE id = ?", {extras_hash, sql(place.id)}));
    SENT_TRY(replace_attributes(tx, place.id, alert.extras));
  }
  const std::int64_t evidence_hash = hash_of(alert.evidence);
  if (place.evidence_hash == evidence_hash) return {};
  SENT_TRY(execute(tx, "UPDATE alert SET evidence_hash = ? WHERE id = ?", {evidence_hash, sql(place.id)}));
  return replace_evidence(tx, place.id, alert.evidence);
}

}  // namespace

Result<void> put_alert(Transaction& tx, const Alert& alert) {
  Result<Place> place = store(tx, alert);
  if (!place && place.error().code == Errc::kConflict)
    return fail(
        Errc::kConflict,
        "alert {} cannot be stored: the id is another account's, the account does not exist, or {} on {} has "
        "another live alert",
        alert.id, alert.event, alert.resource);
  SENT_TRY(place);
  return store_details(tx, alert, *place);
}

Result<void> put_repeats(Transaction& tx, const Alert& alert) {
  SENT_TRY_ASSIGN(
      const std::vector<Place> places,
      query_all(tx,
                "UPDATE alert SET service = ?, value = ?, text = ?, rule_id = ?, duplicate_count = ?, "
                "last_receive_time = ?, origin = ?, alert_group = ?, type = ?, timeout = ? "
                "WHERE id = ? AND account = ? RETURNING id, evidence_hash, extras_hash",
                {sql(alert.service), sql(alert.value), sql(alert.text), sql(alert.rule_id),
                 sql(alert.duplicate_count), sql(alert.last_receive_time), sql(alert.extras.origin),
                 sql(alert.extras.group), sql(alert.extras.type), alert.extras.timeout.count(), sql(alert.id),
                 sql(alert.account)},
                read_place));
  return places.empty() ? Result<void>() : store_details(tx, alert, places.front());
}

Result<void> append_history(Transaction& tx, const std::string& alert_id, const AlertHistory& entry) {
  std::int64_t position = 0;
  SENT_TRY(tx.query("SELECT COALESCE(MAX(position), 0) + 1 FROM alert_history WHERE alert_id = ?",
                    {sql(alert_id)}, [&](const Row& row) { position = row.integer(0); }));
  Result<void> inserted = execute(
      tx,
      "INSERT INTO alert_history (alert_id, position, time, type, severity, status, event, value, text, "
      "actor, alarm_state, owner) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {sql(alert_id), position, sql(entry.time), sql(entry.type), static_cast<std::int64_t>(entry.severity),
       sql(to_string(entry.status)), sql(entry.event), sql(entry.value), sql(entry.text), sql(entry.user),
       sql_state(entry.alarm_state), sql(entry.owner)});
  if (!inserted && inserted.error().code == Errc::kConflict) return fail(Errc::kNotFound, "no such alert");
  SENT_TRY(inserted);
  return execute(tx, "DELETE FROM alert_history WHERE alert_id = ? AND position <= ?",
                 {sql(alert_id), position - kHistoryKept});
}

Result<void> change_note(Transaction& tx, const std::string& alert_id, Time of,
                         const std::optional<std::string>& text) {
  constexpr std::string_view kNote = " WHERE alert_id = ? AND type = 'note' AND time = ?";
  if (!text)
    return change_one(tx, std::string("DELETE FROM alert_history").append(kNote), {sql(alert_id), sql(of)},
                      "note");
  return change_one(tx, std::string("UPDATE alert_history SET text = ?").append(kNote),
                    {sql(*text), sql(alert_id), sql(of)}, "note");
}

Result<Alert> find_alert(Transaction& tx, AccountId account, const std::string& id) {
  constexpr std::string_view kCondition = "WHERE alert.id = ? AND alert.account = ?";
  const std::vector<SqlValue> parameters{sql(id), sql(account)};
  SENT_TRY_ASSIGN(Alert alert,
                  query_one(tx, select_whole().append(kCondition), parameters, read_whole, "alert"));
  std::vector<Alert> one{std::move(alert)};
  SENT_TRY(fill(tx, one, kCondition, parameters));
  return std::move(one.front());
}

Result<std::vector<Alert>> load_live_alerts(Transaction& tx) {
  constexpr std::string_view kCondition = "WHERE alert.status <> 'closed' AND alert.status <> 'expired'";
  SENT_TRY_ASSIGN(
      std::vector<Alert> alerts,
      query_all(tx, select_whole().append(kCondition).append(" ORDER BY create_time, id"), {}, read_whole));
  SENT_TRY(fill(tx, alerts, kCondition, {}));
  return alerts;
}

Result<std::vector<Alert>> newest_ended_alerts(Transaction& tx, AccountId account, std::size_t limit,
                                               bool and_returned) {
  std::string condition =
      "WHERE alert.id IN (SELECT id FROM (SELECT id FROM alert WHERE account = ? AND status IN ('closed', "
      "'expired') ORDER BY update_time DESC, id LIMIT ?)";
  std::vector<SqlValue> parameters{sql(account), sql(limit)};
  if (and_returned) {
    condition.append(" UNION SELECT id FROM (").append(kNewestReturned).append(")");
    parameters.insert(parameters.end(), {sql(account), sql(limit)});
  }
  condition += ")";
  SENT_TRY_ASSIGN(std::vector<Alert> alerts,
                  query_all(tx, select_whole().append(condition).append(" ORDER BY update_time DESC, id"),
                            parameters, read_whole));
  SENT_TRY(fill(tx, alerts, condition, parameters));
  return alerts;
}

Result<std::vector<Alert>> returned_alerts(Transaction& tx, AccountId account, std::size_t limit) {
  const std::string condition = std::string("WHERE alert.id IN (").append(kNewestReturned).append(")");
  const std::vector<SqlValue> parameters{sql(account), sql(limit)};
  SENT_TRY_ASSIGN(std::vector<Alert> alerts,
                  query_all(tx, select_whole().append(condition).append(" ORDER BY update_time DESC, id"),
                            parameters, read_whole));
  SENT_TRY(fill_attributes(tx, by_id(alerts), condition, parameters));
  return alerts;
}

Result<std::map<std::string, std::size_t>> count_returned(Transaction& tx, AccountId account) {
  std::map<std::string, std::size_t> counts;
  SENT_TRY(tx.query(
      "SELECT environment, COUNT(*) FROM alert WHERE account = ? AND status = 'closed' AND alarm_state = "
      "'RTNUN' GROUP BY environment",
      {sql(account)},
      [&](const Row& row) { counts[row.text(0)] = static_cast<std::size_t>(row.integer(1)); }));
  return counts;
}

Result<AlertList> list_alerts(Transaction& tx, AccountId account, const AlertFilter& filter) {
  SENT_TRY(check(filter));
  AlertCondition condition = condition_of(account, filter);
  AlertList list;
  SENT_TRY(tx.query("SELECT COUNT(*) FROM alert " + condition.text, condition.parameters,
                    [&](const Row& row) { list.total = static_cast<std::size_t>(row.integer(0)); }));
  condition.parameters.push_back(sql(filter.page_size));
  condition.parameters.push_back(sql((filter.page - 1) * filter.page_size));
  SENT_TRY_ASSIGN(list.alerts,
                  query_all(tx,
                            select_whole()
                                .append(condition.text)
                                .append(" ORDER BY severity, create_time DESC, id LIMIT ? OFFSET ?"),
                            condition.parameters, read_whole));
  return list;
}

Result<std::vector<Alert>> previous_alerts(Transaction& tx, const Alert& alert, std::size_t limit) {
  return query_all(tx,
                   select_whole() +
                       "WHERE account = ? AND resource = ? AND event = ? AND fingerprint = ? AND id <> ? "
                       "ORDER BY create_time DESC, id LIMIT ?",
                   {sql(alert.account), sql(alert.resource), sql(alert.event), sql(alert.extras.fingerprint),
                    sql(alert.id), sql(limit)},
                   read_whole);
}

Result<std::string> correlated_alert(Transaction& tx, const Alert& alert) {
  std::string id;
  SENT_TRY(
      tx.query("SELECT alert.id FROM alert JOIN alert_attribute ON alert_id = alert.id AND kind = "
               "'correlate' AND name = ? "
               "WHERE account = ? AND resource = ? AND fingerprint = ? ORDER BY update_time DESC LIMIT 1",
               {sql(alert.event), sql(alert.account), sql(alert.resource), sql(alert.extras.fingerprint)},
               [&](const Row& row) { id = row.text(0); }));
  return id;
}

Result<void> delete_alert(Transaction& tx, AccountId account, const std::string& id) {
  return change_one(tx, "DELETE FROM alert WHERE id = ? AND account = ?", {sql(id), sql(account)}, "alert");
}

Result<void> expire_alerts(Transaction& tx, Time before) {
  SENT_TRY(execute(tx,
                   "DELETE FROM alert WHERE (status = 'closed' OR status = 'expired') AND update_time < ?",
                   {sql(before)}));
  SENT_TRY(execute(tx, "DELETE FROM delivery_attempt WHERE time < ?", {sql(before)}));
  return execute(tx, "DELETE FROM outbox WHERE state <> 'pending' AND created < ?", {sql(before)});
}

}  // namespace sentinella::catalog
