#include "agent/collect/mysql_session.h"

#include "agent/collect/sources.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxResult = 1 << 20;
constexpr int kMaxLoginSteps = 3;

}  // namespace

Result<std::unique_ptr<MysqlSession>> MysqlSession::open(const SourceConfig& config,
                                                         const std::string& address, Duration limit) {
  SourceConfig account = config;
  if (address.starts_with('/')) account.tls = false;
  SENT_TRY_ASSIGN(const std::string password, password_of(account));
  SENT_TRY_ASSIGN(Dialogue dialogue, Dialogue::open(address, limit));
  std::unique_ptr<MysqlSession> session(new MysqlSession(std::move(dialogue)));
  SENT_TRY(session->log_in(account, password));
  return session;
}

MysqlSession::~MysqlSession() {
  if (!logged_in_) return;
  number_ = 0;
  static_cast<void>(send(mysql_quit()));
}

Result<void> MysqlSession::log_in(const SourceConfig& config, const std::string& password) {
  SENT_TRY_ASSIGN(const std::string first, receive());
  SENT_TRY_ASSIGN(const MysqlGreeting greeting, parse_mysql_greeting(first));
  if (config.tls) SENT_TRY(start_tls(config, greeting));
  SENT_TRY(send(mysql_login(config.user, password, greeting.scramble, config.tls)));
  for (int step = 0; step < kMaxLoginSteps; ++step) {
    SENT_TRY_ASSIGN(const std::string payload, receive());
    SENT_TRY_ASSIGN(const MysqlLoginReply reply, parse_mysql_login_reply(payload, password));
    logged_in_ = reply.accepted;
    if (logged_in_) return {};
    SENT_TRY(send(*reply.answer));
  }
  return fail(Errc::kUnauthorized, "the database asks for one way of login after the other");
}

Result<DatabaseRows> MysqlSession::query(std::string_view statement) {
  number_ = 0;
  SENT_TRY(send(mysql_query(statement)));
  MysqlRows rows;
  for (std::size_t bytes = 0; bytes < kMaxResult;) {
    SENT_TRY_ASSIGN(const std::string payload, receive());
    bytes += payload.size() + 4;
    SENT_TRY_ASSIGN(const bool complete, rows.put(payload));
    if (complete) return rows.take();
  }
  return fail(Errc::kTooLarge, "the database's result is over {} bytes", kMaxResult);
}

Result<void> MysqlSession::start_tls(const SourceConfig& config, const MysqlGreeting& greeting) {
  if (!greeting.speaks_tls) return fail(Errc::kUnauthorized, "TLS is wanted, and the database has none");
  if (!buffer_.empty()) return fail(Errc::kCorrupt, "the database speaks before it is asked");
  SENT_TRY(send(mysql_tls_request()));
  return dialogue_.start_tls({.ca_file = config.ca_file, .verify = config.verify});
}

Result<std::string> MysqlSession::receive() {
  for (;;) {
    if (const auto packet = first_mysql_packet(buffer_)) {
      std::string payload(packet->payload);
      number_ = static_cast<std::uint8_t>(packet->number + 1);
      buffer_.erase(0, packet->size);
      return payload;
    }
    if (buffer_.size() > kMaxResult) return fail(Errc::kTooLarge, "a packet of the database is too large");
    SENT_TRY_ASSIGN(const std::string piece, dialogue_.receive());
    if (piece.empty()) return fail(Errc::kUnavailable, "the database has closed the connection");
    buffer_ += piece;
  }
}

}  // namespace sentinella::agent
