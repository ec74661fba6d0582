// A connection to MariaDB or MySQL that was logged in and answers statements. Blocking.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/dialogue.h"
#include "agent/collect/mysql_protocol.h"
#include "agent/config/config.h"

namespace sentinella::agent {

/// Not thread-safe. Errors are those of the protocol (mysql_protocol.h) and of Dialogue.
class MysqlSession {
 public:
  explicit MysqlSession(Dialogue dialogue) : dialogue_(std::move(dialogue)) {}

  Result<void> log_in(const SourceConfig& config, const std::string& password);
  /// kTooLarge: a result over 1 MiB.
  Result<DatabaseRows> query(std::string_view statement);

 private:
  Result<void> start_tls(const SourceConfig& config, const MysqlGreeting& greeting);
  Result<void> send(std::string_view payload) { return dialogue_.send(mysql_packet(number_++, payload)); }
  Result<std::string> receive();

  Dialogue dialogue_;
  std::string buffer_;
  std::uint8_t number_ = 0;
};

}  // namespace sentinella::agent
