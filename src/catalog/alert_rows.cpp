#include "catalog/alert_rows.h"

#include <array>
#include <unordered_map>
#include <utility>

#include "catalog/alert_columns.h"
#include "catalog/alert_condition.h"
#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

using enum AlertColumn;

struct Ordering {
  std::string_view name;
  AlertColumn column;
  std::string_view forward;
  std::string_view backward;
};

constexpr std::array<Ordering, 7> kOrderings{
    {{"severity", severity, "severity", "severity DESC"},
     {"text", text, "text COLLATE NOCASE", "text COLLATE NOCASE DESC"},
     {"host", host, "host COLLATE NOCASE", "host COLLATE NOCASE DESC"},
     {"service", service, "service COLLATE NOCASE", "service COLLATE NOCASE DESC"},
     {"status", status, "status = 'open' DESC, status", "status = 'open', status DESC"},
     {"times", times, "duplicate_count", "duplicate_count DESC"},
     {"age", age, "create_time DESC", "create_time"}}};

Result<std::size_t> count(Transaction& tx, const AlertCondition& condition) {
  std::size_t number = 0;
  SENT_TRY(tx.query("SELECT COUNT(*) FROM alert " + condition.text, condition.parameters,
                    [&](const Row& row) { number = static_cast<std::size_t>(row.integer(0)); }));
  return number;
}

std::vector<SqlValue> ids_of(const std::vector<std::string>& texts) {
  std::vector<SqlValue> out;
  for (const std::string& one : texts) out.push_back(sql(one));
  return out;
}

Result<std::size_t> count_muted(Transaction& tx, AlertCondition condition,
                                const std::vector<std::string>& muted) {
  if (muted.empty()) return 0;
  condition.require_one_of("id", ids_of(muted));
  return count(tx, condition);
}

/// Without those whose cause is meant by `all`.
AlertCondition without_symptoms(const AlertCondition& all) {
  AlertCondition folded = all;
  folded.text.append(" AND (cause = '' OR cause NOT IN (SELECT id FROM alert ").append(all.text).append("))");
  folded.parameters.insert(folded.parameters.end(), all.parameters.begin(), all.parameters.end());
  return folded;
}

Result<void> count_symptoms(Transaction& tx, AlertCondition condition, AlertRows& list) {
  list.symptoms.resize(list.alerts.size());
  std::unordered_map<std::string, std::size_t> place;
  std::vector<SqlValue> ids;
  for (std::size_t i = 0; i < list.alerts.size(); ++i) {
    place[list.alerts[i].id] = i;
    ids.push_back(sql(list.alerts[i].id));
  }
  if (ids.empty()) return {};
  condition.require_one_of("cause", ids);
  return tx.query("SELECT cause, COUNT(*) FROM alert " + condition.text + " GROUP BY cause",
                  condition.parameters, [&](const Row& row) {
                    const auto found = place.find(row.text(0));
                    if (found != place.end())
                      list.symptoms[found->second] = static_cast<std::size_t>(row.integer(1));
                  });
}

}  // namespace

std::optional<AlertColumn> parse_alert_column(std::string_view text) {
  for (const Ordering& one : kOrderings)
    if (one.name == text) return one.column;
  return std::nullopt;
}

Result<AlertRows> list_alert_rows(Transaction& tx, AccountId account, const AlertRowQuery& query) {
  SENT_TRY(check(query.filter));
  const AlertCondition meant = condition_of(account, query.filter);
  AlertCondition all = meant;
  all.require("cause", query.cause);
  AlertRows list;
  SENT_TRY_ASSIGN(list.muted, count_muted(tx, all, query.muted));
  if (query.only_muted && query.muted.empty()) return list;
  const std::vector<SqlValue> muted = ids_of(query.muted);
  query.only_muted ? all.require_one_of("id", muted) : all.require_none_of("id", muted);
  AlertCondition shown = query.folded ? without_symptoms(all) : all;
  SENT_TRY_ASSIGN(list.matching, count(tx, all));
  list.total = list.matching;
  if (query.folded) {
    SENT_TRY_ASSIGN(list.total, count(tx, shown));
  }
  const Ordering& order = kOrderings.at(static_cast<std::size_t>(std::to_underlying(query.column)));
  shown.text.append(" ORDER BY ")
      .append(query.descending ? order.backward : order.forward)
      .append(", create_time DESC, id LIMIT ? OFFSET ?");
  shown.parameters.push_back(sql(query.filter.page_size));
  shown.parameters.push_back(sql((query.filter.page - 1) * query.filter.page_size));
  SENT_TRY_ASSIGN(list.alerts, query_all(tx, select_alerts(kAlertFieldsOfARow) + shown.text, shown.parameters,
                                         read_alert<kAlertFieldsOfARow>));
  SENT_TRY(count_symptoms(tx, meant, list));
  return list;
}

}  // namespace sentinella::catalog
