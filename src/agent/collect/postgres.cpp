#include "agent/collect/postgres.h"

#include <algorithm>

#include "agent/collect/dialogue.h"
#include "agent/collect/sources.h"
#include "base/crypto.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxPostgresResult = 1 << 20;
constexpr int kMaxLoginMessages = 100;

/// One statement, so that all figures are of one moment.
constexpr std::string_view kStatement = R"(
SELECT 'activity_count', coalesce(datname, ''), coalesce(state, ''), count(*)::text
  FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 2, 3
UNION ALL SELECT 'max_tx', coalesce(datname, ''), '', max(extract(epoch FROM now() - xact_start))::text
  FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 2
UNION ALL SELECT 'max_connections', '', '', setting FROM pg_settings WHERE name = 'max_connections'
UNION ALL SELECT 'locks_waiting', '', '', count(*)::text FROM pg_locks WHERE NOT granted
UNION ALL SELECT 'is_replica', '', '', pg_is_in_recovery()::int::text
UNION ALL SELECT 'replay_lag', '', '',
  CASE WHEN pg_is_in_recovery() THEN extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END::text
UNION ALL SELECT 'standby_lag', '', application_name, coalesce(extract(epoch FROM replay_lag), 0)::text
  FROM pg_stat_replication
UNION ALL SELECT f.name, d.datname, '', f.value::text FROM pg_stat_database d, LATERAL (VALUES
  ('xact_commit', xact_commit), ('xact_rollback', xact_rollback), ('blks_read', blks_read), ('blks_hit', blks_hit),
  ('deadlocks', deadlocks), ('temp_bytes', temp_bytes), ('conflicts', conflicts)) AS f(name, value)
  WHERE d.datname IS NOT NULL AND d.datname NOT LIKE 'template%')";

struct PostgresFigure {
  std::string_view name;
  const MetricInfo* info;
  std::string_view second_label = "";
};
constexpr PostgresFigure kPostgresFigures[] = {
    {"activity_count", &metric("pg_stat_activity_count"), "state"},
    {"max_tx", &metric("pg_stat_activity_max_tx_duration")},
    {"max_connections", &metric("pg_settings_max_connections")},
    {"locks_waiting", &metric("pg_locks_waiting")},
    {"is_replica", &metric("pg_replication_is_replica")},
    {"replay_lag", &metric("pg_replication_lag_seconds")},
    {"standby_lag", &metric("pg_stat_replication_replay_lag_seconds"), "application_name"},
    {"xact_commit", &metric("pg_stat_database_xact_commit")},
    {"xact_rollback", &metric("pg_stat_database_xact_rollback")},
    {"blks_read", &metric("pg_stat_database_blks_read")},
    {"blks_hit", &metric("pg_stat_database_blks_hit")},
    {"deadlocks", &metric("pg_stat_database_deadlocks")},
    {"temp_bytes", &metric("pg_stat_database_temp_bytes")},
    {"conflicts", &metric("pg_stat_database_conflicts")},
};

/// A connection that speaks in messages.
class PostgresSession {
 public:
  explicit PostgresSession(Dialogue dialogue) : dialogue_(std::move(dialogue)) {}

  Result<void> start_tls(const SourceConfig& config) {
    SENT_TRY(dialogue_.send(postgres_tls_request()));
    // One byte and no more: what came with it would be taken for said in TLS.
    SENT_TRY_ASSIGN(const std::string answer, dialogue_.receive(1));
    if (answer != "S") return fail(Errc::kUnauthorized, "TLS is wanted, and the database has none");
    return dialogue_.start_tls({.ca_file = config.ca_file, .verify = config.verify});
  }

  Result<void> log_in(const SourceConfig& config, const std::string& database) {
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

  Result<std::vector<PostgresRow>> query(std::string_view statement) {
    SENT_TRY(dialogue_.send(postgres_query(statement)));
    PostgresRows rows;
    for (std::size_t bytes = 0; bytes < kMaxPostgresResult; bytes += message_.size) {
      SENT_TRY(fill());
      SENT_TRY_ASSIGN(const bool complete, rows.put(message_));
      if (complete) return rows.rows();
    }
    return fail(Errc::kTooLarge, "the database's result is over {} bytes", kMaxPostgresResult);
  }

 private:
  /// The next message, into message_.
  Result<void> fill() {
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

  Dialogue dialogue_;
  std::string buffer_;
  PostgresMessage message_;  ///< at the beginning of buffer_
};

}  // namespace

PostgresSource::PostgresSource(const SourceConfig& config) : config_(config), address_(config.url) {
  if (address_.starts_with('/')) {
    config_.tls = false;
    return;
  }
  if (const std::size_t scheme = address_.find("://"); scheme != std::string::npos)
    address_.erase(0, scheme + 3);
  if (const std::size_t slash = address_.find('/'); slash != std::string::npos) {
    if (slash + 1 < address_.size()) database_ = address_.substr(slash + 1);
    address_.erase(slash);
  }
}

void write_postgres(const std::vector<PostgresRow>& rows, std::string_view instance, SampleWriter& out) {
  out.add(metric("pg_up"), 1, "instance", instance);
  for (const PostgresRow& row : rows) {
    if (row.size() != 4) continue;
    const auto* figure = std::ranges::find(kPostgresFigures, row[0], &PostgresFigure::name);
    if (figure == std::end(kPostgresFigures)) continue;
    const std::string_view label = figure->second_label.empty() ? "state" : figure->second_label;
    const std::string_view second =
        figure->second_label.empty() ? std::string_view() : std::string_view(row[2]);
    out.add(*figure->info, parse_double(row[3]),
            {{"instance", instance}, {"datname", row[1]}, {label, second}});
  }
}

Result<std::vector<PostgresRow>> PostgresSource::ask() const {
  SENT_TRY_ASSIGN(Dialogue dialogue, Dialogue::open(address_, kLimit));
  PostgresSession session(std::move(dialogue));
  if (config_.tls) SENT_TRY(session.start_tls(config_));
  SENT_TRY(session.log_in(config_, database_));
  return session.query(kStatement);
}

Result<void> PostgresSource::collect(SampleWriter& out) {
  const auto rows = ask();
  if (!rows) {
    out.add(metric("pg_up"), 0, "instance", address_);
    return std::unexpected(rows.error());
  }
  write_postgres(*rows, address_, out);
  return {};
}

}  // namespace sentinella::agent
