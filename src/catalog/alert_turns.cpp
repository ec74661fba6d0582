#include "catalog/alert_turns.h"

#include <algorithm>

#include "catalog/alert_condition.h"
#include "catalog/sql.h"

namespace sentinella::catalog {

Result<std::vector<AlertTurns>> alert_turns(Transaction& tx, AccountId account, const AlertFilter& filter,
                                            TimeRange range, std::size_t buckets) {
  SENT_TRY(check(filter));
  AlertFilter standing = filter;
  standing.stood = range;  // nothing begins or ends of an alert that did not stand
  AlertCondition condition = condition_of(account, standing);
  const std::int64_t width =
      std::max<std::int64_t>(1, (range.until - range.from).count() / static_cast<std::int64_t>(buckets));
  std::vector<SqlValue> parameters{sql(range.from), width};
  parameters.insert(parameters.end(), condition.parameters.begin(), condition.parameters.end());
  parameters.insert(parameters.end(), {sql(range.from), sql(range.until)});
  std::vector<AlertTurns> turns(buckets);
  // The kinds of entries are those of alerts/alert_change.cpp.
  SENT_TRY(
      tx.query("SELECT (time - ?) / ?, type IN ('new', 'open'), COUNT(*) FROM alert_history "
               "WHERE alert_id IN (SELECT id FROM alert " +
                   condition.text +
                   ") AND time >= ? AND time < ? AND (type IN ('new', 'open') AND status <> 'closed' OR type "
                   "IN ('close', 'expired')) GROUP BY 1, 2",
               parameters, [&](const Row& row) {
                 // What the division leaves over belongs to the last part.
                 const auto at = std::min(static_cast<std::size_t>(row.integer(0)), buckets - 1);
                 const auto count = static_cast<std::size_t>(row.integer(2));
                 (row.integer(1) != 0 ? turns[at].opened : turns[at].closed) += count;
               }));
  return turns;
}

}  // namespace sentinella::catalog
