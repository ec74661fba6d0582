#include "catalog/inventory.h"

#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

Cloud read_cloud(Columns c) {
  return {.id = c.text(), .account = c.account(), .name = c.text(), .location = c.text()};
}

Node read_node(Columns c) {
  return {.account = c.account(), .host = c.text(), .cloud_id = c.text(), .first_seen = c.time()};
}

}  // namespace

Result<void> insert_cloud(Transaction& tx, const Cloud& cloud) {
  return in_words(execute(tx, "INSERT INTO cloud (id, account, name, location) VALUES (?, ?, ?, ?)",
                          {sql(cloud.id), sql(cloud.account), sql(cloud.name), sql(cloud.location)}),
                  "name", fmt::format("there is a cloud {} already", cloud.name));
}

Result<std::vector<Cloud>> list_clouds(Transaction& tx, AccountId account) {
  return query_all(tx, "SELECT id, account, name, location FROM cloud WHERE account = ? ORDER BY name",
                   {sql(account)}, read_cloud);
}

Result<void> delete_cloud(Transaction& tx, AccountId account, const std::string& id) {
  return change_one(tx, "DELETE FROM cloud WHERE id = ? AND account = ?", {sql(id), sql(account)}, "cloud");
}

Result<void> touch_node(Transaction& tx, AccountId account, const std::string& host, Time now) {
  return execute(
      tx,
      "INSERT INTO node (account, host, first_seen) VALUES (?, ?, ?) ON CONFLICT (account, host) DO NOTHING",
      {sql(account), sql(host), sql(now)});
}

Result<std::vector<Node>> list_nodes(Transaction& tx, AccountId account) {
  return query_all(tx, "SELECT account, host, cloud_id, first_seen FROM node WHERE account = ? ORDER BY host",
                   {sql(account)}, read_node);
}

Result<void> classify_node(Transaction& tx, AccountId account, const std::string& host,
                           const std::string& cloud_id) {
  if (cloud_id.empty())
    return change_one(tx, "UPDATE node SET cloud_id = NULL WHERE account = ? AND host = ?",
                      {sql(account), sql(host)}, "node");
  SENT_TRY(query_one(tx, "SELECT id, account, name, location FROM cloud WHERE id = ? AND account = ?",
                     {sql(cloud_id), sql(account)}, read_cloud, "cloud"));
  return change_one(tx, "UPDATE node SET cloud_id = ? WHERE account = ? AND host = ?",
                    {sql(cloud_id), sql(account), sql(host)}, "node");
}

Result<void> delete_node(Transaction& tx, AccountId account, const std::string& host) {
  return change_one(tx, "DELETE FROM node WHERE account = ? AND host = ?", {sql(account), sql(host)}, "node");
}

}  // namespace sentinella::catalog
