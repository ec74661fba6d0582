// The catalogue's tables, as numbered migrations in SQL that SQLite and PostgreSQL both take.
//
// Conventions: a time is BIGINT, nanoseconds since the epoch; a flag is BIGINT 0 or 1; a severity is BIGINT,
// its enumerator's number, so that it sorts; every other enumeration is the text its to_string() gives.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "catalog/database.h"

namespace sentinella::catalog {

/// Brings the tables from version `version - 1` to `version`. Once released it never changes.
struct Migration {
  std::int64_t version = 0;
  std::span<const std::string_view> statements;
};

/// All of them, oldest first, numbered from 1 without gaps.
std::span<const Migration> migrations();

/// Applies what `tx` lacks. kUnsupported: the tables are of a newer version than the last of `steps`; nothing
/// is changed then.
Result<void> migrate(Transaction& tx, std::span<const Migration> steps);

}  // namespace sentinella::catalog
