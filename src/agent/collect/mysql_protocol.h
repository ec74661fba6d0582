// As much of MariaDB's and MySQL's client/server protocol as it takes to log in and to read the text rows of
// one query. Source: MariaDB's documentation, "Client/Server Protocol" (handshake, TLS request,
// mysql_native_password, text result sets). Pure; no client library is loaded for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/database_rows.h"
#include "base/result.h"

namespace sentinella::agent {

/// A packet: 3 bytes length, 1 byte number, payload.
struct MysqlPacket {
  std::uint8_t number = 0;
  std::string_view payload;
  std::size_t size = 0;  ///< with its head
};
/// The first packet of `data`; nullopt: not all there yet.
std::optional<MysqlPacket> first_mysql_packet(std::string_view data);
std::string mysql_packet(std::uint8_t number, std::string_view payload);

struct MysqlGreeting {
  std::string version;
  std::string scramble;  ///< 20 bytes
  std::string plugin;
  bool speaks_tls = false;
};
/// kUnavailable: the server refuses (too many connections, blocked host), in its words.
Result<MysqlGreeting> parse_mysql_greeting(std::string_view payload);

/// The answer of mysql_native_password; "" for an empty password.
std::string mysql_native_answer(std::string_view password, std::string_view scramble);

/// What asks for TLS before the login, which then says so too.
std::string mysql_tls_request();
std::string mysql_login(std::string_view user, std::string_view password, std::string_view scramble,
                        bool over_tls = false);

struct MysqlLoginReply {
  bool accepted = false;
  /// The server wants another way; what is to be sent for it.
  std::optional<std::string> answer;
};
/// kUnauthorized: refused, or a way that is not spoken here.
Result<MysqlLoginReply> parse_mysql_login_reply(std::string_view payload, std::string_view password);

std::string mysql_query(std::string_view statement);
std::string mysql_quit();

/// Rows of one statement, of at most DatabaseRows::kMostColumns. Fed packet by packet.
class MysqlRows {
 public:
  /// True when the result is complete. kCorrupt, kInvalid: the server's error, or not a result.
  Result<bool> put(std::string_view payload);
  DatabaseRows take() { return std::move(rows_); }

 private:
  enum class Step { count, columns, rows } step_ = Step::count;
  std::uint64_t columns_ = 0;
  std::uint64_t columns_left_ = 0;
  DatabaseRows rows_;
};

}  // namespace sentinella::agent
