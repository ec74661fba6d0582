// A thin layer over SQL: the statements above it are one portable text (SQLite and PostgreSQL): typed
// columns, no JSON operators, compare-and-set for edits, '?' for parameters.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sentinella::catalog {

using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;

/// One row of an answer, valid inside the visitor.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string text(int column) const = 0;
};

/// A unit of work. Everything done through it happens, durably, or nothing does.
class Transaction {
 public:
  virtual ~Transaction() = default;
  /// Rows changed. kConflict: a unique or foreign key; kNoSpace; kIo.
  virtual Result<std::int64_t> execute(std::string_view sql,
                                       const std::vector<SqlValue>& parameters = {}) = 0;
  virtual Result<void> query(std::string_view sql, const std::vector<SqlValue>& parameters,
                             const std::function<void(const Row&)>& visit) = 0;
};

/// Thread-safe: writers run one after the other, readers beside them.
class Database {
 public:
  using Work = std::function<Result<void>(Transaction&)>;
  virtual ~Database() = default;
  /// Runs `work`, commits when it succeeds (durable on return), rolls back on its error and returns that.
  virtual Result<void> write(const Work& work) = 0;
  /// A consistent, read-only view.
  virtual Result<void> read(const Work& work) const = 0;
  /// One moment's state in a file, which must not exist, that open_sqlite() takes; on disk on return. Writers
  /// go on.
  virtual Result<void> copy_to(const std::filesystem::path& file) const = 0;
};

/// Creates or migrates (catalog/schema.cpp). kUnsupported: made by a newer program; says which version.
Result<std::unique_ptr<Database>> open_sqlite(const std::filesystem::path& file);

}  // namespace sentinella::catalog
