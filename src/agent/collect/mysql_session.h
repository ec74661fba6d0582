// A connection to MariaDB or MySQL that was logged in and answers statements. Blocking.
#pragma once

#include <memory>
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
  /// Connected to `address` ("host:port", or a socket's path, over which there is no TLS) and logged in;
  /// `limit` is for everything that is done with it.
  static Result<std::unique_ptr<MysqlSession>> open(const SourceConfig& config, const std::string& address,
                                                    Duration limit);
  /// Says goodbye: the database counts, and writes down, who does not.
  ~MysqlSession();
  MysqlSession(const MysqlSession&) = delete;
  MysqlSession& operator=(const MysqlSession&) = delete;

  /// kTooLarge: a result over 1 MiB.
  Result<DatabaseRows> query(std::string_view statement);

 private:
  explicit MysqlSession(Dialogue dialogue) : dialogue_(std::move(dialogue)) {}
  Result<void> log_in(const SourceConfig& config, const std::string& password);
  Result<void> start_tls(const SourceConfig& config, const MysqlGreeting& greeting);
  Result<void> send(std::string_view payload) { return dialogue_.send(mysql_packet(number_++, payload)); }
  Result<std::string> receive();

  Dialogue dialogue_;
  std::string buffer_;
  std::uint8_t number_ = 0;
  bool logged_in_ = false;
};

}  // namespace sentinella::agent
