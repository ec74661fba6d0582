#include "agent/collect/postgres_session.h"

#include "agent/collect/sources.h"
#include "base/crypto.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxPostgresResult = 1 << 20;
constexpr int kMaxLoginMessages = 100;

}  // namespace

Result<void> PostgresSession::start_tls(const SourceConfig& config) {
  SENT_TRY(dialogue_.send(postgres_tls_request()));
  // One byte and no more: what came with it would be taken for said in TLS.
  SENT_TRY_ASSIGN(const std::string answer, dialogue_.receive(1));
  if (answer != "S") return fail(Errc::kUnauthorized, "TLS is wanted, and the database has none");
  return dialogue_.start_tls({.ca_file = config.ca_file, .verify = config.verify});
}

Result<void> PostgresSession::log_in(const SourceConfig& config, const std::string& database) {
  SENT_TRY_ASSIGN(std::string password, password_of(config));
  PostgresLogin login(config.user, std::move(password), random_token(18), config.tls);
  SENT_TRY(dialogue_.send(postgres_startup(config.user, database)));
  for (int i = 0; i < kMaxLoginMessages && !login.ready(); ++i) {
    SENT_TRY(fill());
    SENT_TRY_ASSIGN(const std::string answer, login.put(message_));
    if (!answer.empty()) SENT_TRY(dialogue_.send(answer));
  }
  if (!login.ready()) return fail(Errc::kCorrupt, "the database's login does not end");
  return {};
}

Result<DatabaseRows> PostgresSession::query(std::string_view statement) {
  SENT_TRY(dialogue_.send(postgres_query(statement)));
  PostgresRows rows;
  for (std::size_t bytes = 0; bytes < kMaxPostgresResult; bytes += message_.size) {
    SENT_TRY(fill());
    SENT_TRY_ASSIGN(const bool complete, rows.put(message_));
    if (complete) return rows.take();
  }
  return fail(Errc::kTooLarge, "the database's result is over {} bytes", kMaxPostgresResult);
}

/// The next message, into message_.
Result<void> PostgresSession::fill() {
  buffer_.erase(0, message_.size);
  message_ = {};
  for (;;) {
    SENT_TRY_ASSIGN(const auto message, first_postgres_message(buffer_));
    if (message) {
      message_ = *message;
      return {};
    }
    SENT_TRY_ASSIGN(const std::string piece, dialogue_.receive());
    if (piece.empty()) return fail(Errc::kUnavailable, "the database has closed the connection");
    buffer_ += piece;
  }
}

}  // namespace sentinella::agent
