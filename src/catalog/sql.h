// What the catalogue's statements have in common: values in, rows out, and errors in the words of the caller.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "catalog/database.h"
#include "model/account.h"

namespace sentinella::catalog {

inline SqlValue sql(AccountId account) {
  return static_cast<std::int64_t>(account);
}
inline SqlValue sql(Time time) {
  return time.ns;
}
inline SqlValue sql(bool flag) {
  return static_cast<std::int64_t>(flag);
}
inline SqlValue sql(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}
inline SqlValue sql(std::string_view text) {
  return std::string(text);
}
inline SqlValue sql(const std::string& text) {
  return text;
}
inline SqlValue sql(const char* text) = delete;
inline SqlValue sql(const std::optional<Time>& time) {
  return time ? SqlValue(time->ns) : SqlValue();
}

/// Reads the columns of a row from left to right.
class Columns {
 public:
  explicit Columns(const Row& row) : row_(row) {}
  std::string text() { return row_.text(next_++); }
  std::int64_t integer() { return row_.integer(next_++); }
  bool flag() { return integer() != 0; }
  Time time() { return {integer()}; }
  AccountId account() { return static_cast<AccountId>(integer()); }
  std::uint64_t natural() { return static_cast<std::uint64_t>(integer()); }
  std::optional<Time> optional_time() {
    if (!row_.is_null(next_)) return time();
    ++next_;
    return std::nullopt;
  }

 private:
  const Row& row_;
  int next_ = 0;
};

/// Every row, as `read` makes it from its columns.
template <typename T>
Result<std::vector<T>> query_all(Transaction& tx, std::string_view statement,
                                 const std::vector<SqlValue>& parameters, T (*read)(Columns)) {
  std::vector<T> all;
  SENT_TRY(tx.query(statement, parameters, [&](const Row& row) { all.push_back(read(Columns(row))); }));
  return all;
}

/// The one row; kNotFound "no such <what>" when there is none.
template <typename T>
Result<T> query_one(Transaction& tx, std::string_view statement, const std::vector<SqlValue>& parameters,
                    T (*read)(Columns), std::string_view what) {
  std::optional<T> found;
  SENT_TRY(tx.query(statement, parameters, [&](const Row& row) { found = read(Columns(row)); }));
  if (!found) return fail(Errc::kNotFound, "no such {}", what);
  return *std::move(found);
}

/// Runs a change; kNotFound "no such <what>" when it touched nothing.
inline Result<void> change_one(Transaction& tx, std::string_view statement,
                               const std::vector<SqlValue>& parameters, std::string_view what) {
  SENT_TRY_ASSIGN(const std::int64_t changed, tx.execute(statement, parameters));
  if (changed == 0) return fail(Errc::kNotFound, "no such {}", what);
  return {};
}

/// The database's own words about a broken key are replaced by ours.
inline Result<void> in_words(Result<void> result, std::string_view field, const std::string& conflict) {
  if (!result && result.error().code == Errc::kConflict)
    return std::unexpected(Error{Errc::kConflict, conflict, std::string(field)});
  return result;
}

/// execute(), when the number of rows does not matter.
inline Result<void> execute(Transaction& tx, std::string_view statement,
                            const std::vector<SqlValue>& parameters) {
  SENT_TRY(tx.execute(statement, parameters));
  return {};
}

}  // namespace sentinella::catalog
