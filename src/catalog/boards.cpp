#include "catalog/boards.h"

#include "catalog/sql.h"

namespace sentinella::catalog {
namespace {

constexpr std::string_view kSelectBoard =
    "SELECT id, account, name, owner, shared, body, version, updated, updated_by FROM board WHERE account = "
    "?";

Board read_board(Columns c) {
  return {.id = c.text(),
          .account = c.account(),
          .name = c.text(),
          .owner = c.text(),
          .shared = c.flag(),
          .body = c.text(),
          .version = c.natural(),
          .updated = c.time(),
          .updated_by = c.text()};
}

}  // namespace

Result<void> insert_board(Transaction& tx, const Board& board) {
  return in_words(
      execute(tx,
              "INSERT INTO board (id, account, name, owner, shared, body, version, updated, updated_by) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
              {sql(board.id), sql(board.account), sql(board.name), sql(board.owner), sql(board.shared),
               sql(board.body), sql(board.version), sql(board.updated), sql(board.updated_by)}),
      "", "the account does not exist");
}

Result<void> update_board(Transaction& tx, const Board& board, std::uint64_t expected) {
  SENT_TRY_ASSIGN(const Board stored, find_board(tx, board.account, board.id));
  SENT_TRY_ASSIGN(const std::int64_t changed,
                  tx.execute("UPDATE board SET name = ?, shared = ?, body = ?, version = version + 1, "
                             "updated = ?, updated_by = ? WHERE account = ? AND id = ? AND version = ?",
                             {sql(board.name), sql(board.shared), sql(board.body), sql(board.updated),
                              sql(board.updated_by), sql(board.account), sql(board.id), sql(expected)}));
  if (changed == 0)
    return fail_field(Errc::kConflict, "version",
                      "the board is at version {} by {} now, not at {}: read it again", stored.version,
                      stored.updated_by, expected);
  return {};
}

Result<Board> find_board(Transaction& tx, AccountId account, const std::string& id) {
  return query_one(tx, std::string(kSelectBoard) + " AND id = ?", {sql(account), sql(id)}, read_board,
                   "board");
}

Result<std::vector<Board>> list_boards(Transaction& tx, AccountId account) {
  return query_all(tx, std::string(kSelectBoard) + " ORDER BY name, id", {sql(account)}, read_board);
}

Result<void> delete_board(Transaction& tx, AccountId account, const std::string& id) {
  return change_one(tx, "DELETE FROM board WHERE account = ? AND id = ?", {sql(account), sql(id)}, "board");
}

}  // namespace sentinella::catalog
