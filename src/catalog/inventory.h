// Clouds, and the nodes classified into them.
#pragma once

#include <string>
#include <vector>

#include "catalog/database.h"
#include "model/account.h"

namespace sentinella::catalog {

Result<void> insert_cloud(Transaction& tx,
                          const Cloud& cloud);  ///< kConflict: the name is taken in this account
Result<std::vector<Cloud>> list_clouds(Transaction& tx, AccountId account);
Result<void> delete_cloud(Transaction& tx, AccountId account, const std::string& id);

/// Adds the node when it is new.
Result<void> touch_node(Transaction& tx, AccountId account, const std::string& host, Time now);
Result<std::vector<Node>> list_nodes(Transaction& tx, AccountId account);
/// kNotFound: no such node, or no such cloud in this account. "" = not classified.
Result<void> classify_node(Transaction& tx, AccountId account, const std::string& host,
                           const std::string& cloud_id);
Result<void> delete_node(Transaction& tx, AccountId account, const std::string& host);

}  // namespace sentinella::catalog
