#include "catalog/resource_tables.h"

#include <array>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

SqlValue sql(const std::optional<std::string>& text) {
  return text ? SqlValue(*text) : SqlValue();
}
SqlValue sql(const std::optional<double>& number) {
  return number ? SqlValue(*number) : SqlValue();
}
SqlValue sql(const Uuid& id) {
  return to_text(id);
}

std::optional<std::string> optional_text(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.text(column);
}
std::optional<double> optional_real(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.real(column);
}
Uuid id_of(const Row& row, int column) {
  return parse_uuid(row.text(column)).value_or(Uuid{});
}
AccountId account_of(const Row& row) {
  return static_cast<AccountId>(row.integer(0));
}

/// An attribute's value as the two columns that can hold it, and which one does.
struct StoredValue {
  std::string kind;
  SqlValue text;
  SqlValue number;
};
StoredValue stored(const AttributeValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return {"boolean", {}, *flag ? 1.0 : 0.0};
  if (const auto* number = std::get_if<double>(&value)) return {"number", {}, *number};
  if (const auto* text = std::get_if<std::string>(&value)) return {"text", *text, {}};
  if (const auto* time = std::get_if<Time>(&value)) return {"time", std::to_string(time->ns), {}};
  return {};
}
AttributeValue value_of(const Row& row, int kind, int text, int number) {
  const std::string what = row.text(kind);
  if (what == "boolean") return row.real(number) != 0;
  if (what == "number") return row.real(number);
  if (what == "text") return row.text(text);
  if (what == "time") return Time{std::strtoll(row.text(text).c_str(), nullptr, 10)};
  return {};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

}  // namespace

std::string_view to_string(AttributeKind kind) {
  constexpr std::array<std::string_view, 5> kNames{"string", "uuid", "number", "bool", "datetime"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<AttributeKind> parse_attribute_kind(std::string_view text) {
  for (const auto kind : {AttributeKind::string, AttributeKind::uuid, AttributeKind::number,
                          AttributeKind::boolean, AttributeKind::datetime})
    if (to_string(kind) == text) return kind;
  return std::nullopt;
}

Result<std::vector<Owned<ArchivePolicy>>> list_archive_policies(Transaction& tx) {
  std::vector<Owned<ArchivePolicy>> all;
  std::map<std::pair<AccountId, std::string>, std::size_t> places;
  SENT_TRY(tx.query("SELECT account, name, back_window, methods FROM archive_policy ORDER BY account, name",
                    {}, [&](const Row& row) {
                      ArchivePolicy policy{row.text(1), row.integer(2), {}, {}};
                      const std::string methods = row.text(3);
                      for (const auto method : split(methods, ',')) policy.methods.emplace_back(method);
                      places[{account_of(row), policy.name}] = all.size();
                      all.push_back({account_of(row), std::move(policy)});
                    }));
  SENT_TRY(tx.query(
      "SELECT account, policy, granularity, points FROM archive_policy_roll_up ORDER BY account, policy, "
      "position",
      {}, [&](const Row& row) {
        const auto place = places.find({account_of(row), row.text(1)});
        if (place == places.end()) return;
        RollUp roll_up{Duration(row.integer(2)), std::nullopt};
        if (!row.is_null(3)) roll_up.points = static_cast<std::uint64_t>(row.integer(3));
        all[place->second].value.roll_ups.push_back(roll_up);
      }));
  return all;
}

Result<std::vector<Owned<PolicyRule>>> list_policy_rules(Transaction& tx) {
  std::vector<Owned<PolicyRule>> all;
  SENT_TRY(tx.query(
      "SELECT account, name, pattern, policy FROM archive_policy_rule", {},
      [&](const Row& row) { all.push_back({account_of(row), {row.text(1), row.text(2), row.text(3)}}); }));
  return all;
}

Result<std::vector<Owned<ResourceType>>> list_resource_types(Transaction& tx) {
  std::map<std::pair<AccountId, std::string>, ResourceType> types;
  SENT_TRY(tx.query("SELECT account, name FROM resource_type", {},
                    [&](const Row& row) { types[{account_of(row), row.text(1)}].name = row.text(1); }));
  SENT_TRY(tx.query("SELECT account, type, name, kind, required, least, most FROM resource_type_attribute",
                    {}, [&](const Row& row) {
                      const auto type = types.find({account_of(row), row.text(1)});
                      if (type == types.end()) return;
                      type->second.attributes[row.text(2)] = {
                          parse_attribute_kind(row.text(3)).value_or(AttributeKind::string),
                          row.integer(4) != 0, optional_real(row, 5), optional_real(row, 6)};
                    }));
  std::vector<Owned<ResourceType>> all;
  for (auto& [key, type] : types) all.push_back({key.first, std::move(type)});
  return all;
}

namespace {

/// Revisions as their rows come: a row for each attribute, or one with none.
class RevisionReader {
 public:
  using Visit = std::function<void(Owned<Resource>)>;
  explicit RevisionReader(const Visit& visit) : visit_(visit) {}
  ~RevisionReader() { give(); }

  /// `where`: of resource r. From the oldest to the newest of one resource.
  static Result<void> read(Transaction& tx, std::string_view where, const std::vector<SqlValue>& parameters,
                           const Visit& visit) {
    RevisionReader reader(visit);
    return tx.query(
        fmt::format(
            "SELECT r.account, r.id, r.revision, r.type, r.original_id, r.creator, r.user_id, r.project_id, "
            "r.started_at, r.ended_at, r.revision_start, r.revision_end, a.name, a.kind, a.text_value, "
            "a.number_value FROM resource r LEFT JOIN resource_attribute a ON a.account = r.account AND "
            "a.id = r.id AND a.revision = r.revision WHERE {} ORDER BY r.account, r.id, r.revision",
            where),
        parameters, [&reader](const Row& row) { reader.take(row); });
  }

 private:
  void take(const Row& row) {
    const std::string id = row.text(1);
    if (!now_ || now_->account != account_of(row) || now_->value.revision != row.integer(2) || id != id_)
      begin(row, id);
    if (!row.is_null(12)) now_->value.attributes[row.text(12)] = value_of(row, 13, 14, 15);
  }

  void begin(const Row& row, const std::string& id) {
    give();
    id_ = id;
    const auto time = [&](int column) {
      return row.is_null(column) ? std::optional<Time>() : Time{row.integer(column)};
    };
    now_ = {account_of(row),
            {.id = id_of(row, 1),
             .revision = row.integer(2),
             .type = row.text(3),
             .original_id = row.text(4),
             .creator = row.text(5),
             .user_id = optional_text(row, 6),
             .project_id = optional_text(row, 7),
             .started_at = Time{row.integer(8)},
             .ended_at = time(9),
             .revision_start = Time{row.integer(10)},
             .revision_end = time(11),
             .attributes = {}}};
  }

  void give() {
    if (now_) visit_(*std::move(now_));
    now_.reset();
  }

  const Visit& visit_;
  std::string id_;
  std::optional<Owned<Resource>> now_;
};

}  // namespace

Result<std::vector<Owned<Resource>>> list_resources(Transaction& tx) {
  std::vector<Owned<Resource>> all;
  SENT_TRY(RevisionReader::read(tx, "r.revision_end IS NULL", {},
                                [&](Owned<Resource> one) { all.push_back(std::move(one)); }));
  return all;
}

Result<void> visit_past(Transaction& tx, AccountId account, const WhosePast& whose,
                        const std::function<void(Resource)>& visit) {
  std::string where = "r.account = ? AND r.revision_end IS NOT NULL";
  std::vector<SqlValue> parameters{sql(account)};
  if (whose.id) {
    where += " AND r.id = ?";
    parameters.push_back(sql(*whose.id));
  }
  if (!whose.type.empty()) {
    where += " AND r.type = ?";
    parameters.push_back(sql(whose.type));
  }
  return RevisionReader::read(tx, where, parameters,
                              [&](Owned<Resource> one) { visit(std::move(one.value)); });
}

Result<std::vector<Owned<Metric>>> list_metrics(Transaction& tx) {
  std::vector<Owned<Metric>> all;
  SENT_TRY(tx.query("SELECT account, id, name, unit, creator, resource, policy FROM metric", {},
                    [&](const Row& row) {
                      Metric metric{.id = id_of(row, 1),
                                    .name = optional_text(row, 2),
                                    .unit = optional_text(row, 3),
                                    .creator = row.text(4),
                                    .resource = std::nullopt,
                                    .policy = row.text(6)};
                      if (!row.is_null(5)) metric.resource = id_of(row, 5);
                      all.push_back({account_of(row), std::move(metric)});
                    }));
  return all;
}

Result<void> put_archive_policy(Transaction& tx, AccountId account, const ArchivePolicy& policy) {
  SENT_TRY(delete_archive_policy(tx, account, policy.name));
  SENT_TRY(execute(tx, "INSERT INTO archive_policy (account, name, back_window, methods) VALUES (?, ?, ?, ?)",
                   {sql(account), sql(policy.name), policy.back_window, sql(joined(policy.methods))}));
  std::int64_t position = 0;
  for (const RollUp& roll_up : policy.roll_ups)
    SENT_TRY(
        execute(tx,
                "INSERT INTO archive_policy_roll_up (account, policy, position, granularity, points) VALUES "
                "(?, ?, ?, ?, ?)",
                {sql(account), sql(policy.name), position++, roll_up.granularity.count(),
                 roll_up.points ? SqlValue(static_cast<std::int64_t>(*roll_up.points)) : SqlValue()}));
  return {};
}

Result<void> delete_archive_policy(Transaction& tx, AccountId account, const std::string& name) {
  SENT_TRY(execute(tx, "DELETE FROM archive_policy_roll_up WHERE account = ? AND policy = ?",
                   {sql(account), sql(name)}));
  return execute(tx, "DELETE FROM archive_policy WHERE account = ? AND name = ?", {sql(account), sql(name)});
}

Result<void> put_policy_rule(Transaction& tx, AccountId account, const PolicyRule& rule) {
  SENT_TRY(delete_policy_rule(tx, account, rule.name));
  return execute(tx, "INSERT INTO archive_policy_rule (account, name, pattern, policy) VALUES (?, ?, ?, ?)",
                 {sql(account), sql(rule.name), sql(rule.pattern), sql(rule.policy)});
}

Result<void> delete_policy_rule(Transaction& tx, AccountId account, const std::string& name) {
  return execute(tx, "DELETE FROM archive_policy_rule WHERE account = ? AND name = ?",
                 {sql(account), sql(name)});
}

Result<void> put_resource_type(Transaction& tx, AccountId account, const ResourceType& type) {
  SENT_TRY(delete_resource_type(tx, account, type.name));
  SENT_TRY(
      execute(tx, "INSERT INTO resource_type (account, name) VALUES (?, ?)", {sql(account), sql(type.name)}));
  for (const auto& [name, spec] : type.attributes)
    SENT_TRY(execute(tx,
                     "INSERT INTO resource_type_attribute (account, type, name, kind, required, least, most) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?)",
                     {sql(account), sql(type.name), sql(name), sql(to_string(spec.kind)), sql(spec.required),
                      sql(spec.min), sql(spec.max)}));
  return {};
}

Result<void> delete_resource_type(Transaction& tx, AccountId account, const std::string& name) {
  SENT_TRY(execute(tx, "DELETE FROM resource_type_attribute WHERE account = ? AND type = ?",
                   {sql(account), sql(name)}));
  return execute(tx, "DELETE FROM resource_type WHERE account = ? AND name = ?", {sql(account), sql(name)});
}

Result<void> insert_resource(Transaction& tx, AccountId account, const Resource& resource) {
  SENT_TRY(execute(
      tx,
      "INSERT INTO resource (account, id, revision, type, original_id, creator, user_id, project_id, "
      "started_at, ended_at, revision_start, revision_end) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {sql(account), sql(resource.id), resource.revision, sql(resource.type), sql(resource.original_id),
       sql(resource.creator), sql(resource.user_id), sql(resource.project_id), sql(resource.started_at),
       sql(resource.ended_at), sql(resource.revision_start), sql(resource.revision_end)}));
  for (const auto& [name, value] : resource.attributes) {
    if (std::holds_alternative<std::monostate>(value)) continue;
    const StoredValue as = stored(value);
    SENT_TRY(execute(
        tx,
        "INSERT INTO resource_attribute (account, id, revision, name, kind, text_value, "
        "number_value) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {sql(account), sql(resource.id), resource.revision, sql(name), sql(as.kind), as.text, as.number}));
  }
  return {};
}

Result<void> end_revision(Transaction& tx, AccountId account, const Uuid& id, std::int64_t revision,
                          Time end) {
  return change_one(tx, "UPDATE resource SET revision_end = ? WHERE account = ? AND id = ? AND revision = ?",
                    {sql(end), sql(account), sql(id), revision}, "revision of a resource");
}

Result<void> delete_resource(Transaction& tx, AccountId account, const Uuid& id) {
  SENT_TRY(execute(tx, "UPDATE metric SET resource = NULL WHERE account = ? AND resource = ?",
                   {sql(account), sql(id)}));
  SENT_TRY(
      execute(tx, "DELETE FROM resource_attribute WHERE account = ? AND id = ?", {sql(account), sql(id)}));
  return execute(tx, "DELETE FROM resource WHERE account = ? AND id = ?", {sql(account), sql(id)});
}

Result<void> set_attribute_everywhere(Transaction& tx, AccountId account, const std::string& type,
                                      const std::string& attribute, const AttributeValue& value) {
  SENT_TRY(execute(tx,
                   "DELETE FROM resource_attribute WHERE account = ? AND name = ? AND id IN (SELECT id FROM "
                   "resource WHERE account = ? AND type = ?)",
                   {sql(account), sql(attribute), sql(account), sql(type)}));
  if (std::holds_alternative<std::monostate>(value)) return {};
  const StoredValue as = stored(value);
  return execute(tx,
                 "INSERT INTO resource_attribute (account, id, revision, name, kind, text_value, "
                 "number_value) SELECT account, id, revision, ?, ?, ?, ? FROM resource WHERE account = ? AND "
                 "type = ?",
                 {sql(attribute), sql(as.kind), as.text, as.number, sql(account), sql(type)});
}

Result<void> put_metric(Transaction& tx, AccountId account, const Metric& metric) {
  return execute(
      tx,
      "INSERT INTO metric (account, id, name, unit, creator, resource, policy) VALUES (?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (account, id) DO UPDATE SET name = excluded.name, unit = excluded.unit, resource = "
      "excluded.resource, policy = excluded.policy",
      {sql(account), sql(metric.id), sql(metric.name), sql(metric.unit), sql(metric.creator),
       metric.resource ? sql(*metric.resource) : SqlValue(), sql(metric.policy)});
}

Result<void> delete_metric(Transaction& tx, AccountId account, const Uuid& id) {
  return execute(tx, "DELETE FROM metric WHERE account = ? AND id = ?", {sql(account), sql(id)});
}

}  // namespace sentinella::catalog
