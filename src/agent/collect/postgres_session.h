// A connection to PostgreSQL that was logged in and answers statements. Blocking.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/dialogue.h"
#include "agent/collect/postgres_protocol.h"
#include "agent/config/config.h"

namespace sentinella::agent {

/// Not thread-safe. Errors are those of the protocol (postgres_protocol.h) and of Dialogue.
class PostgresSession {
 public:
  explicit PostgresSession(Dialogue dialogue) : dialogue_(std::move(dialogue)) {}

  Result<void> start_tls(const SourceConfig& config);
  Result<void> log_in(const SourceConfig& config, const std::string& database);
  /// kTooLarge: a result over 1 MiB.
  Result<DatabaseRows> query(std::string_view statement);

 private:
  Result<void> fill();

  Dialogue dialogue_;
  std::string buffer_;
  PostgresMessage message_;  ///< at the beginning of buffer_
};

}  // namespace sentinella::agent
