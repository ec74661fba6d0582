// As much of PostgreSQL's frontend/backend protocol 3.0 as it takes to log in and to read the text rows of
// one query. Source: PostgreSQL's documentation, chapter "Frontend/Backend Protocol"; SCRAM-SHA-256: RFC
// 5802, RFC 7677. Pure but for random bytes; no client library is loaded for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/database_rows.h"
#include "base/result.h"

namespace sentinella::agent {

/// A message of the server: 1 byte type, 4 bytes length with itself, payload.
struct PostgresMessage {
  char type = 0;
  std::string_view payload;
  std::size_t size = 0;  ///< with its head
};
/// The first message of `data`; nullopt: not all there yet. kCorrupt: its length cannot be.
Result<std::optional<PostgresMessage>> first_postgres_message(std::string_view data);

/// What asks for TLS; the answer is one byte, 'S' = go on in TLS.
std::string postgres_tls_request();
std::string postgres_startup(std::string_view user, std::string_view database);
std::string postgres_query(std::string_view statement);

/// The login, fed message by message: trust, password (over TLS only), md5, SCRAM-SHA-256.
class PostgresLogin {
 public:
  /// `nonce`: random text, for SCRAM.
  PostgresLogin(std::string user, std::string password, std::string nonce, bool over_tls)
      : user_(std::move(user)),
        password_(std::move(password)),
        nonce_(std::move(nonce)),
        over_tls_(over_tls) {}

  /// What is to be sent in answer; "" = nothing. kUnauthorized: refused, a way that is not spoken here, or a
  /// server that does not know the password itself.
  Result<std::string> put(const PostgresMessage& message);
  /// The server takes queries.
  bool ready() const { return ready_; }

 private:
  Result<std::string> authentication(std::string_view payload);
  std::string client_first() const;
  Result<std::string> begin_scram(std::string_view mechanisms);
  Result<std::string> answer_scram(std::string_view server_first);
  Result<std::string> end_scram(std::string_view server_final);

  const std::string user_, password_, nonce_;
  const bool over_tls_;
  bool authenticated_ = false;
  bool ready_ = false;
  std::string server_signature_;
};

/// Rows of one query, of at most DatabaseRows::kMostColumns. Fed message by message.
class PostgresRows {
 public:
  /// True when the result is complete. kInvalid: the server's error; kCorrupt.
  Result<bool> put(const PostgresMessage& message);
  DatabaseRows take() { return std::move(rows_); }

 private:
  DatabaseRows rows_;
};

}  // namespace sentinella::agent
