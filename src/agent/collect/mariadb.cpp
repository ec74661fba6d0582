#include "agent/collect/mariadb.h"

#include <algorithm>

#include "agent/collect/dialogue.h"
#include "agent/collect/mysql_protocol.h"
#include "agent/collect/sources.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxResult = 1 << 20;
constexpr int kMaxLoginSteps = 3;

constexpr std::pair<std::string_view, const MetricInfo*> kFigures[] = {
    {"threads_connected", &metric("mysql_global_status_threads_connected")},
    {"threads_running", &metric("mysql_global_status_threads_running")},
    {"aborted_connects", &metric("mysql_global_status_aborted_connects")},
    {"connection_errors_max_connections", &metric("mysql_global_status_connection_errors_max_connections")},
    {"questions", &metric("mysql_global_status_questions")},
    {"slow_queries", &metric("mysql_global_status_slow_queries")},
    {"innodb_row_lock_time", &metric("mysql_global_status_innodb_row_lock_time")},
    {"innodb_deadlocks", &metric("mysql_global_status_innodb_deadlocks")},
    {"uptime", &metric("mysql_global_status_uptime")},
    {"wsrep_cluster_size", &metric("mysql_global_status_wsrep_cluster_size")},
    {"wsrep_cluster_status", &metric("mysql_global_status_wsrep_cluster_status")},
    {"wsrep_ready", &metric("mysql_global_status_wsrep_ready")},
    {"wsrep_connected", &metric("mysql_global_status_wsrep_connected")},
    {"wsrep_local_state", &metric("mysql_global_status_wsrep_local_state")},
    {"wsrep_local_recv_queue_avg", &metric("mysql_global_status_wsrep_local_recv_queue_avg")},
    {"wsrep_flow_control_paused_ns", &metric("mysql_global_status_wsrep_flow_control_paused_ns")},
    {"max_connections", &metric("mysql_global_variables_max_connections")},
};

std::optional<double> value_of(std::string_view text) {
  if (const auto number = parse_double(text)) return number;
  for (std::string_view yes : {"ON", "Primary", "Yes"})
    if (iequals(text, yes)) return 1;
  for (std::string_view no : {"OFF", "non-Primary", "Disconnected", "No"})
    if (iequals(text, no)) return 0;
  return std::nullopt;
}

/// A connection that speaks in packets.
class Session {
 public:
  explicit Session(Dialogue dialogue) : dialogue_(std::move(dialogue)) {}

  Result<void> log_in(const SourceConfig& config, const std::string& password) {
    SENT_TRY_ASSIGN(const std::string first, receive());
    SENT_TRY_ASSIGN(const MysqlGreeting greeting, parse_mysql_greeting(first));
    if (config.tls) SENT_TRY(start_tls(config, greeting));
    SENT_TRY(send(mysql_login(config.user, password, greeting.scramble, config.tls)));
    for (int step = 0; step < kMaxLoginSteps; ++step) {
      SENT_TRY_ASSIGN(const std::string payload, receive());
      SENT_TRY_ASSIGN(const MysqlLoginReply reply, parse_mysql_login_reply(payload, password));
      if (reply.accepted) return {};
      SENT_TRY(send(*reply.answer));
    }
    return fail(Errc::kUnauthorized, "the database asks for one way of login after the other");
  }

  Result<std::vector<std::pair<std::string, std::string>>> query(std::string_view statement) {
    number_ = 0;
    SENT_TRY(send(mysql_query(statement)));
    MysqlRows rows;
    for (std::size_t bytes = 0; bytes < kMaxResult;) {
      SENT_TRY_ASSIGN(const std::string payload, receive());
      bytes += payload.size() + 4;
      SENT_TRY_ASSIGN(const bool complete, rows.put(payload));
      if (complete) return rows.rows();
    }
    return fail(Errc::kTooLarge, "the database's result is over {} bytes", kMaxResult);
  }

 private:
  Result<void> start_tls(const SourceConfig& config, const MysqlGreeting& greeting) {
    if (!greeting.speaks_tls) return fail(Errc::kUnauthorized, "TLS is wanted, and the database has none");
    if (!buffer_.empty()) return fail(Errc::kCorrupt, "the database speaks before it is asked");
    SENT_TRY(send(mysql_tls_request()));
    return dialogue_.start_tls({.ca_file = config.ca_file, .verify = config.verify});
  }

  Result<void> send(std::string_view payload) { return dialogue_.send(mysql_packet(number_++, payload)); }

  Result<std::string> receive() {
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

  Dialogue dialogue_;
  std::string buffer_;
  std::uint8_t number_ = 0;
};

}  // namespace

MariadbSource::MariadbSource(const SourceConfig& config)
    : config_(config),
      address_(
          config.url.substr(config.url.find("://") == std::string::npos ? 0 : config.url.find("://") + 3)) {
  if (address_.starts_with('/')) config_.tls = false;
}

void write_mariadb(const std::vector<std::pair<std::string, std::string>>& rows, std::string_view instance,
                   SampleWriter& out) {
  // A server without Galera has its figures all the same, and they mean nothing.
  const bool galera = std::ranges::any_of(
      rows, [](const auto& row) { return iequals(row.first, "wsrep_provider_name") && !row.second.empty(); });
  for (const auto& [name, value] : rows) {
    if (!galera && to_lower(name).starts_with("wsrep_")) continue;
    const auto* figure =
        std::ranges::find(kFigures, to_lower(name), &std::pair<std::string_view, const MetricInfo*>::first);
    if (figure != std::end(kFigures)) out.add(*figure->second, value_of(value), {{"instance", instance}});
  }
}

Result<void> MariadbSource::collect(SampleWriter& out) {
  const auto ask = [&]() -> Result<void> {
    SENT_TRY_ASSIGN(const std::string password, password_of(config_));
    SENT_TRY_ASSIGN(Dialogue dialogue, Dialogue::open(address_, kLimit));
    Session session(std::move(dialogue));
    SENT_TRY(session.log_in(config_, password));
    SENT_TRY_ASSIGN(const auto status, session.query("SHOW GLOBAL STATUS"));
    SENT_TRY_ASSIGN(const auto variables, session.query("SHOW GLOBAL VARIABLES LIKE 'max_connections'"));
    write_mariadb(status, address_, out);
    write_mariadb(variables, address_, out);
    return {};
  };
  const auto asked = ask();
  out.add(metric("mysql_up"), asked ? 1 : 0, "instance", address_);
  return asked;
}

}  // namespace sentinella::agent
