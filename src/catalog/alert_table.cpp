#include <algorithm>
#include <unordered_map>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/text.h"
#include "catalog/alerting.h"
#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

constexpr std::int64_t kHistoryKept = 100;
constexpr std::size_t kMaxPageSize = 1000;
constexpr std::size_t kMaxSearchText = 256;

constexpr std::string_view kSelectAlert =
    "SELECT id, account, environment, resource, event, host, service, severity, previous_severity, status, "
    "tier, "
    "value, text, rule_id, playbook, duplicate_count, create_time, receive_time, last_receive_time, "
    "update_time "
    "FROM alert ";

AlertSeverity read_severity(std::int64_t number) {
  const bool known = number >= static_cast<std::int64_t>(AlertSeverity::critical) &&
                     number <= static_cast<std::int64_t>(AlertSeverity::normal);
  return known ? static_cast<AlertSeverity>(number) : AlertSeverity::indeterminate;
}

Alert read_alert(Columns c) {
  Alert alert;
  alert.id = c.text();
  alert.account = c.account();
  alert.environment = c.text();
  alert.resource = c.text();
  alert.event = c.text();
  alert.host = c.text();
  alert.service = c.text();
  alert.severity = read_severity(c.integer());
  alert.previous_severity = read_severity(c.integer());
  alert.status = parse_alert_status(c.text()).value_or(AlertStatus::open);
  alert.tier = parse_tier(c.text()).value_or(Tier::page);
  alert.value = c.text();
  alert.text = c.text();
  alert.rule_id = c.text();
  alert.playbook = c.text();
  alert.duplicate_count = c.natural();
  alert.create_time = c.time();
  alert.receive_time = c.time();
  alert.last_receive_time = c.time();
  alert.update_time = c.time();
  return alert;
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
  return owned;
}

/// Adds evidence and history to `alerts`, which are all those that match `condition` on the table alert.
Result<void> fill(Transaction& tx, std::vector<Alert>& alerts, std::string_view condition,
                  const std::vector<SqlValue>& parameters) {
  std::unordered_map<std::string, Alert*> by_id;
  for (Alert& alert : alerts) by_id[alert.id] = &alert;

  std::string statement =
      "SELECT alert_id, record_offset, record_index, time, alert_evidence.host, alert_evidence.service, "
      "alert_evidence.severity, alert_evidence.text, request_id, traceback "
      "FROM alert_evidence JOIN alert ON alert.id = alert_id ";
  SENT_TRY_ASSIGN(auto evidence,
                  query_all(tx, statement.append(condition).append(" ORDER BY alert_id, position"),
                            parameters, read_evidence));
  for (OwnedEvidence& owned : evidence)
    if (const auto found = by_id.find(owned.alert_id); found != by_id.end())
      found->second->evidence.push_back(std::move(owned.line));

  statement =
      "SELECT alert_id, time, type, alert_history.severity, alert_history.status, alert_history.event, "
      "alert_history.value, alert_history.text, actor FROM alert_history JOIN alert ON alert.id = alert_id ";
  SENT_TRY_ASSIGN(auto history,
                  query_all(tx, statement.append(condition).append(" ORDER BY alert_id, position"),
                            parameters, read_history));
  for (OwnedHistory& owned : history)
    if (const auto found = by_id.find(owned.alert_id); found != by_id.end())
      found->second->history.push_back(std::move(owned.entry));
  return {};
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

/// The row that took an alert, and the hash of the evidence it has.
struct Place {
  std::string id;
  std::int64_t evidence_hash = 0;
};

Place read_place(Columns c) {
  return {.id = c.text(), .evidence_hash = c.integer()};
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
          sql(alert.id),
          sql(alert.account)};
}

constexpr std::string_view kUpdateAlert =
    "UPDATE alert SET environment = ?, resource = ?, event = ?, host = ?, service = ?, severity = ?, "
    "previous_severity = ?, status = ?, tier = ?, value = ?, text = ?, rule_id = ?, playbook = ?, "
    "duplicate_count = ?, create_time = ?, receive_time = ?, last_receive_time = ?, update_time = ? "
    "WHERE id = ? AND account = ? RETURNING id, evidence_hash";
constexpr std::string_view kUpsertAlert =
    "INSERT INTO alert (environment, resource, event, host, service, severity, previous_severity, status, "
    "tier, "
    "value, text, rule_id, playbook, duplicate_count, create_time, receive_time, last_receive_time, "
    "update_time, id, "
    "account, evidence_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) "
    "ON CONFLICT (account, environment, resource, event) WHERE status <> 'closed' DO UPDATE SET "
    "host = excluded.host, service = excluded.service, severity = excluded.severity, "
    "previous_severity = excluded.previous_severity, status = excluded.status, tier = excluded.tier, "
    "value = excluded.value, text = excluded.text, rule_id = excluded.rule_id, playbook = excluded.playbook, "
    "duplicate_count = excluded.duplicate_count, create_time = excluded.create_time, "
    "receive_time = excluded.receive_time, last_receive_time = excluded.last_receive_time, "
    "update_time = excluded.update_time RETURNING id, evidence_hash";

/// By id, so that an alert may change its key and status; else by the live key, so that there never are two.
Result<Place> store(Transaction& tx, const Alert& alert) {
  const std::vector<SqlValue> values = columns_of(alert);
  SENT_TRY_ASSIGN(std::vector<Place> places, query_all(tx, kUpdateAlert, values, read_place));
  if (!places.empty()) return std::move(places.front());
  return query_one(tx, kUpsertAlert, values, read_place, "alert");
}

/// What list_alerts asks for, as SQL.
struct Condition {
  std::string text;
  std::vector<SqlValue> parameters;

  void require(std::string_view column, const std::string& value) {
    if (value.empty()) return;
    text.append(" AND ").append(column).append(" = ?");
    parameters.push_back(sql(value));
  }
  void require_one_of(std::string_view column, const std::vector<SqlValue>& values) {
    if (values.empty()) return;
    text.append(" AND ").append(column).append(" IN (?");
    for (std::size_t i = 1; i < values.size(); ++i) text.append(", ?");
    text.append(")");
    parameters.insert(parameters.end(), values.begin(), values.end());
  }
};

std::string like_pattern(std::string_view needle) {
  std::string pattern = "%";
  for (char c : to_lower(needle)) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + "%";
}

bool contains(const auto& list, auto wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

Condition condition_of(AccountId account, const AlertFilter& filter) {
  Condition condition{"WHERE account = ?", {sql(account)}};
  // Asked for each value once, however often a request repeats it.
  std::vector<SqlValue> statuses, severities;
  for (AlertStatus status : {AlertStatus::open, AlertStatus::ack, AlertStatus::closed})
    if (contains(filter.statuses, status)) statuses.push_back(sql(to_string(status)));
  for (std::int64_t number = 1; number <= static_cast<std::int64_t>(AlertSeverity::normal); ++number)
    if (contains(filter.severities, static_cast<AlertSeverity>(number))) severities.emplace_back(number);
  condition.require_one_of("status", statuses);
  condition.require_one_of("severity", severities);
  condition.require("host", filter.host);
  condition.require("service", filter.service);
  condition.require("rule_id", filter.rule_id);
  condition.require("environment", filter.environment);
  if (!filter.text.empty()) {
    condition.text +=
        " AND (LOWER(resource) LIKE ? ESCAPE '!' OR LOWER(event) LIKE ? ESCAPE '!' OR LOWER(text) LIKE ? "
        "ESCAPE '!')";
    condition.parameters.insert(condition.parameters.end(), 3, sql(like_pattern(filter.text)));
  }
  return condition;
}

Result<void> check(const AlertFilter& filter) {
  if (filter.page == 0) return fail_field(Errc::kInvalid, "page", "pages count from 1");
  if (filter.page > 1'000'000)
    return fail_field(Errc::kInvalid, "page", "page is {}, at most 1000000", filter.page);
  if (filter.page_size == 0 || filter.page_size > kMaxPageSize)
    return fail_field(Errc::kInvalid, "page_size", "page_size is {}, must be 1 to {}", filter.page_size,
                      kMaxPageSize);
  if (filter.text.size() > kMaxSearchText)
    return fail_field(Errc::kInvalid, "q", "the text to search for has {} bytes, at most {}",
                      filter.text.size(), kMaxSearchText);
  return {};
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
  const std::int64_t evidence_hash = hash_of(alert.evidence);
  if (place->evidence_hash == evidence_hash) return {};
  SENT_TRY(execute(tx, "UPDATE alert SET evidence_hash = ? WHERE id = ?", {evidence_hash, sql(place->id)}));
  return replace_evidence(tx, place->id, alert.evidence);
}

Result<void> append_history(Transaction& tx, const std::string& alert_id, const AlertHistory& entry) {
  std::int64_t position = 0;
  SENT_TRY(tx.query("SELECT COALESCE(MAX(position), 0) + 1 FROM alert_history WHERE alert_id = ?",
                    {sql(alert_id)}, [&](const Row& row) { position = row.integer(0); }));
  Result<void> inserted = execute(
      tx,
      "INSERT INTO alert_history (alert_id, position, time, type, severity, status, event, value, text, "
      "actor) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {sql(alert_id), position, sql(entry.time), sql(entry.type), static_cast<std::int64_t>(entry.severity),
       sql(to_string(entry.status)), sql(entry.event), sql(entry.value), sql(entry.text), sql(entry.user)});
  if (!inserted && inserted.error().code == Errc::kConflict) return fail(Errc::kNotFound, "no such alert");
  SENT_TRY(inserted);
  return execute(tx, "DELETE FROM alert_history WHERE alert_id = ? AND position <= ?",
                 {sql(alert_id), position - kHistoryKept});
}

Result<Alert> find_alert(Transaction& tx, AccountId account, const std::string& id) {
  constexpr std::string_view kCondition = "WHERE alert.id = ? AND alert.account = ?";
  const std::vector<SqlValue> parameters{sql(id), sql(account)};
  SENT_TRY_ASSIGN(Alert alert, query_one(tx, std::string(kSelectAlert).append(kCondition), parameters,
                                         read_alert, "alert"));
  std::vector<Alert> one{std::move(alert)};
  SENT_TRY(fill(tx, one, kCondition, parameters));
  return std::move(one.front());
}

Result<std::vector<Alert>> load_live_alerts(Transaction& tx) {
  constexpr std::string_view kCondition = "WHERE alert.status <> 'closed'";
  SENT_TRY_ASSIGN(
      std::vector<Alert> alerts,
      query_all(tx, std::string(kSelectAlert).append(kCondition).append(" ORDER BY create_time, id"), {},
                read_alert));
  SENT_TRY(fill(tx, alerts, kCondition, {}));
  return alerts;
}

Result<AlertList> list_alerts(Transaction& tx, AccountId account, const AlertFilter& filter) {
  SENT_TRY(check(filter));
  Condition condition = condition_of(account, filter);
  AlertList list;
  SENT_TRY(tx.query("SELECT COUNT(*) FROM alert " + condition.text, condition.parameters,
                    [&](const Row& row) { list.total = static_cast<std::size_t>(row.integer(0)); }));
  condition.parameters.push_back(sql(filter.page_size));
  condition.parameters.push_back(sql((filter.page - 1) * filter.page_size));
  SENT_TRY_ASSIGN(list.alerts,
                  query_all(tx,
                            std::string(kSelectAlert)
                                .append(condition.text)
                                .append(" ORDER BY severity, create_time DESC, id LIMIT ? OFFSET ?"),
                            condition.parameters, read_alert));
  return list;
}

Result<std::vector<Alert>> previous_alerts(Transaction& tx, const Alert& alert, std::size_t limit) {
  return query_all(tx,
                   std::string(kSelectAlert) +
                       "WHERE account = ? AND resource = ? AND event = ? AND id <> ? "
                       "ORDER BY create_time DESC, id LIMIT ?",
                   {sql(alert.account), sql(alert.resource), sql(alert.event), sql(alert.id), sql(limit)},
                   read_alert);
}

Result<void> expire_alerts(Transaction& tx, Time before) {
  SENT_TRY(execute(tx, "DELETE FROM alert WHERE status = 'closed' AND update_time < ?", {sql(before)}));
  return execute(tx, "DELETE FROM outbox WHERE state <> 'pending' AND created < ?", {sql(before)});
}

}  // namespace sentinella::catalog
