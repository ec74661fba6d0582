#include "catalog/heartbeats.h"

#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

Heartbeat read_heartbeat(Columns c) {
  return {.account = c.account(),
          .origin = c.text(),
          .id = c.text(),
          .tags = c.text(),
          .attributes = c.text(),
          .created = c.time(),
          .received = c.time(),
          .timeout = Duration(c.integer()),
          .max_latency = Duration(c.integer())};
}

std::string read_id(Columns c) {
  return c.text();
}

}  // namespace

Result<std::string> put_heartbeat(Transaction& tx, const Heartbeat& heartbeat) {
  SENT_TRY(execute(
      tx,
      "INSERT INTO heartbeat (account, origin, id, tags, attributes, created, received, timeout, "
      "max_latency) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, origin) DO UPDATE SET tags = excluded.tags, "
      "attributes = excluded.attributes, created = excluded.created, received = excluded.received, "
      "timeout = excluded.timeout, max_latency = excluded.max_latency",
      {sql(heartbeat.account), sql(heartbeat.origin), sql(heartbeat.id), sql(heartbeat.tags),
       sql(heartbeat.attributes), sql(heartbeat.created), sql(heartbeat.received),
       static_cast<std::int64_t>(heartbeat.timeout.count()),
       static_cast<std::int64_t>(heartbeat.max_latency.count())}));
  return query_one(tx, "SELECT id FROM heartbeat WHERE account = ? AND origin = ?",
                   {sql(heartbeat.account), sql(heartbeat.origin)}, read_id, "heartbeat");
}

Result<std::vector<Heartbeat>> list_heartbeats(Transaction& tx, AccountId account) {
  return query_all(tx,
                   "SELECT account, origin, id, tags, attributes, created, received, timeout, max_latency "
                   "FROM heartbeat WHERE account = ? ORDER BY origin",
                   {sql(account)}, read_heartbeat);
}

Result<void> delete_heartbeat(Transaction& tx, AccountId account, const std::string& id) {
  return change_one(tx, "DELETE FROM heartbeat WHERE account = ? AND id = ?", {sql(account), sql(id)},
                    "heartbeat");
}

}  // namespace sentinella::catalog
