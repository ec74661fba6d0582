#include "agent/collect/mariadb.h"

#include <algorithm>

#include "agent/collect/mysql_session.h"
#include "agent/collect/sources.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

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

}  // namespace

MariadbSource::MariadbSource(const SourceConfig& config)
    : config_(config),
      address_(
          config.url.substr(config.url.find("://") == std::string::npos ? 0 : config.url.find("://") + 3)) {}

void write_mariadb(const std::vector<DatabaseRow>& rows, std::string_view instance, SampleWriter& out) {
  // A server without Galera has its figures all the same, and they mean nothing.
  const bool galera = std::ranges::any_of(rows, [](const DatabaseRow& row) {
    return row.size() == 2 && iequals(row[0], "wsrep_provider_name") && !row[1].empty();
  });
  for (const DatabaseRow& row : rows) {
    if (row.size() != 2) continue;
    const std::string &name = row[0], &value = row[1];
    if (!galera && to_lower(name).starts_with("wsrep_")) continue;
    const auto* figure =
        std::ranges::find(kFigures, to_lower(name), &std::pair<std::string_view, const MetricInfo*>::first);
    if (figure != std::end(kFigures)) out.add(*figure->second, value_of(value), {{"instance", instance}});
  }
}

Result<void> MariadbSource::collect(SampleWriter& out) {
  const auto ask = [&]() -> Result<void> {
    SENT_TRY_ASSIGN(const auto session, MysqlSession::open(config_, address_, kLimit));
    SENT_TRY_ASSIGN(const auto status, session->query("SHOW GLOBAL STATUS"));
    SENT_TRY_ASSIGN(const auto variables, session->query("SHOW GLOBAL VARIABLES LIKE 'max_connections'"));
    write_mariadb(status.rows, address_, out);
    write_mariadb(variables.rows, address_, out);
    return status.complete();
  };
  const auto asked = ask();
  out.add(metric("mysql_up"), asked ? 1 : 0, "instance", address_);
  return asked;
}

}  // namespace sentinella::agent
