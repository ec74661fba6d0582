// Boards: dashboards that people make for themselves and may share with their account. What a board shows is
// a JSON document of the API (openapi.json, BoardBody), kept as it came.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "catalog/database.h"
#include "model/account.h"

namespace sentinella::catalog {

struct Board {
  std::string id;  ///< UUID
  AccountId account{};
  std::string name;
  std::string owner;    ///< name of the user or key that made it
  bool shared = false;  ///< everybody in the account sees it
  std::string body;
  std::uint64_t version = 1;  ///< grows with every change
  Time updated;
  std::string updated_by;
};

Result<void> insert_board(Transaction& tx, const Board& board);
/// kConflict when the stored version is not `expected`; kNotFound.
Result<void> update_board(Transaction& tx, const Board& board, std::uint64_t expected);
/// kNotFound.
Result<Board> find_board(Transaction& tx, AccountId account, const std::string& id);
/// By name.
Result<std::vector<Board>> list_boards(Transaction& tx, AccountId account);
/// kNotFound.
Result<void> delete_board(Transaction& tx, AccountId account, const std::string& id);

}  // namespace sentinella::catalog
