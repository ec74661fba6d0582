// One statement, asked of PostgreSQL or of MariaDB and MySQL in their own protocols.
#pragma once

#include <string>
#include <string_view>

#include "agent/collect/database_rows.h"
#include "agent/config/config.h"
#include "base/result.h"

namespace sentinella::agent {

struct DatabaseAddress {
  bool postgres = false;  ///< else MariaDB or MySQL
  std::string address;    ///< "host:port", or a socket's path
  std::string database;   ///< of PostgreSQL
};
/// postgresql://host[:port][/database], mysql://host[:port], or either with a socket's path behind "://".
Result<DatabaseAddress> parse_database_url(std::string_view url);

/// `at`: url, user, password or its file, tls, ca_file, verify. kUnavailable, kUnauthorized; kInvalid: the
/// statement, in the database's words; kTooLarge: over 1 MiB. Blocking, at most `limit`.
Result<DatabaseRows> query_database(const SourceConfig& at, std::string_view statement, Duration limit);

}  // namespace sentinella::agent
