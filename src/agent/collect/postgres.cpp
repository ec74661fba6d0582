#include "agent/collect/postgres.h"

#include <algorithm>

#include "agent/collect/postgres_session.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

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

void write_postgres(const std::vector<DatabaseRow>& rows, std::string_view instance, SampleWriter& out) {
  out.add(metric("pg_up"), 1, "instance", instance);
  for (const DatabaseRow& row : rows) {
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

Result<DatabaseRows> PostgresSource::ask() const {
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
  write_postgres(rows->rows, address_, out);
  return rows->complete();
}

}  // namespace sentinella::agent
