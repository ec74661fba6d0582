#include "catalog/states.h"

#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

StoredState read_state(Columns c) {
  return {.account = c.account(), .host = c.text(), .service = c.text(), .status = c.text(), .at = c.time()};
}

}  // namespace

Result<void> put_state(Transaction& tx, const StoredState& state) {
  return execute(tx,
                 "INSERT INTO state_change (account, host, service, time, status) VALUES (?, ?, ?, ?, ?) "
                 "ON CONFLICT (account, host, service, time) DO UPDATE SET status = excluded.status",
                 {sql(state.account), sql(state.host), sql(state.service), sql(state.at), sql(state.status)});
}

Result<std::vector<StoredState>> list_states(Transaction& tx, AccountId account, TimeRange range,
                                             const std::string& host) {
  return query_all(tx,
                   "SELECT s.account, s.host, s.service, s.status, s.time FROM state_change s "
                   "WHERE s.account = ? AND (? = '' OR s.host = ?) AND s.time < ? AND s.time >= "
                   "COALESCE((SELECT MAX(b.time) FROM state_change b WHERE b.account = s.account AND "
                   "b.host = s.host AND b.service = s.service AND b.time <= ?), 0) "
                   "ORDER BY s.host, s.service, s.time",
                   {sql(account), sql(host), sql(host), sql(range.until), sql(range.from)}, read_state);
}

Result<void> expire_states(Transaction& tx, Time before) {
  return execute(tx,
                 "DELETE FROM state_change WHERE time < ? AND EXISTS (SELECT 1 FROM state_change n WHERE "
                 "n.account = state_change.account AND n.host = state_change.host AND "
                 "n.service = state_change.service AND n.time > state_change.time AND n.time <= ?)",
                 {sql(before), sql(before)});
}

Result<void> forget_states(Transaction& tx, AccountId account, const std::string& host) {
  return execute(tx, "DELETE FROM state_change WHERE account = ? AND host = ?", {sql(account), sql(host)});
}

}  // namespace sentinella::catalog
