#include "api/routes.h"

#include "api/influxdb/influx_doors.h"
#include "api/native/handlers.h"
#include "api/otlp/otlp_door.h"
#include "api/prometheus/query_doors.h"
#include "api/prometheus/write_door.h"
#include "api/self/self_doors.h"

namespace sentinella::api {

std::vector<Route> all_routes() {
  using enum Access;
  constexpr bool kQuick = true;
  return {
      {"POST", "/otlp/v1/metrics", sender, &otlp::accept_metrics},
      {"POST", "/otlp/v1/logs", sender, &otlp::accept_logs},
      {"POST", "/prometheus/api/v1/write", sender, &prometheus::remote_write, kQuick},
      {"POST", "/influxdb/write", sender, &influxdb::write, kQuick},
      {"POST", "/influxdb/api/v2/write", sender, &influxdb::write, kQuick},
      {"GET", "/influxdb/ping", open, &influxdb::ping},
      {"GET", "/influxdb/query", sender, &influxdb::query},
      {"POST", "/influxdb/query", sender, &influxdb::query},

      {"GET", "/metrics", open, &self::metrics},
      {"GET", "/healthz", open, &self::healthz},
      {"GET", "/readyz", open, &self::readyz},

      {"GET", "/api/v1/openapi.json", open, &native::openapi},
      {"POST", "/api/v1/auth/login", open, &native::login},
      {"POST", "/api/v1/auth/link", open, &native::login_with_link},
      {"POST", "/api/v1/auth/refresh", open, &native::refresh},
      {"POST", "/api/v1/auth/logout", open, &native::logout},
      {"GET", "/api/v1/auth/me", viewer, &native::me},
      {"POST", "/api/v1/auth/password", viewer, &native::change_own_password},
      {"GET", "/api/v1/sessions", viewer, &native::list_own_sessions},
      {"DELETE", "/api/v1/sessions", viewer, &native::end_own_sessions},
      {"DELETE", "/api/v1/sessions/{id}", viewer, &native::end_own_session},

      {"POST", "/api/v1/agents/enrol", open, &native::enrol_agent},
      {"POST", "/api/v1/agents/token", open, &native::agent_token},
      {"GET", "/api/v1/agents", viewer, &native::list_agents},
      {"DELETE", "/api/v1/agents/{id}", operator_, &native::revoke_agent},
      {"POST", "/api/v1/enrolment-tokens", operator_, &native::make_enrolment_token},

      {"GET", "/api/v1/overview", viewer, &native::overview},
      {"GET", "/api/v1/nodes", viewer, &native::list_nodes},
      {"GET", "/api/v1/nodes/{host}", viewer, &native::get_node},
      {"PUT", "/api/v1/nodes/{host}", operator_, &native::classify_node},
      {"DELETE", "/api/v1/nodes/{host}", operator_, &native::delete_node},
      {"GET", "/api/v1/services", viewer, &native::list_services},
      {"GET", "/api/v1/clouds", viewer, &native::list_clouds},
      {"POST", "/api/v1/clouds", operator_, &native::create_cloud},
      {"DELETE", "/api/v1/clouds/{id}", operator_, &native::delete_cloud},

      {"GET", "/api/v1/alerts", viewer, &native::list_alerts},
      {"GET", "/api/v1/alerts/{id}", viewer, &native::get_alert},
      {"POST", "/api/v1/alerts/{id}/actions", responder, &native::act_on_alert},

      {"GET", "/api/v1/series", viewer, &native::list_series},
      {"GET", "/api/v1/samples", viewer, &native::get_samples},
      {"GET", "/api/v1/logs/search", viewer, &native::search_logs},
      {"GET", "/api/v1/logs/{id}", viewer, &native::get_log},
      {"GET", "/api/v1/changes", viewer, &native::list_changes},
      {"POST", "/api/v1/changes", operator_, &native::post_change},

      {"GET", "/api/v1/rules", viewer, &native::list_rules},
      {"POST", "/api/v1/rules", operator_, &native::create_rule},
      {"GET", "/api/v1/rules/{id}", viewer, &native::get_rule},
      {"PUT", "/api/v1/rules/{id}", operator_, &native::put_rule},
      {"DELETE", "/api/v1/rules/{id}", operator_, &native::delete_rule},

      {"GET", "/api/v1/channels", operator_, &native::list_channels},
      {"POST", "/api/v1/channels", admin, &native::create_channel},
      {"GET", "/api/v1/channels/{id}", operator_, &native::get_channel},
      {"PUT", "/api/v1/channels/{id}", admin, &native::put_channel},
      {"DELETE", "/api/v1/channels/{id}", admin, &native::delete_channel},
      {"POST", "/api/v1/channels/{id}/test", operator_, &native::test_channel},
      {"GET", "/api/v1/channels/{id}/deliveries", operator_, &native::list_deliveries},

      {"GET", "/api/v1/users", admin, &native::list_users},
      {"POST", "/api/v1/users", admin, &native::create_user},
      {"PUT", "/api/v1/users/{id}", admin, &native::put_user},
      {"DELETE", "/api/v1/users/{id}", admin, &native::delete_user},
      {"GET", "/api/v1/keys", admin, &native::list_keys},
      {"POST", "/api/v1/keys", admin, &native::create_key},
      {"DELETE", "/api/v1/keys/{id}", admin, &native::delete_key},
      {"POST", "/api/v1/account-key/rotate", admin, &native::rotate_account_key},
      {"GET", "/api/v1/accounts", server_admin, &native::list_accounts},
      {"POST", "/api/v1/accounts", server_admin, &native::create_account},

      {"GET", "/api/v1/status", viewer, &native::status},
      {"GET", "/api/v1/stream", viewer, &native::stream},

      {"GET", "/prometheus/api/v1/query", viewer, &prometheus::query},
      {"POST", "/prometheus/api/v1/query", viewer, &prometheus::query},
      {"GET", "/prometheus/api/v1/query_range", viewer, &prometheus::query_range},
      {"POST", "/prometheus/api/v1/query_range", viewer, &prometheus::query_range},
      {"GET", "/prometheus/api/v1/query_exemplars", viewer, &prometheus::query_exemplars},
      {"POST", "/prometheus/api/v1/query_exemplars", viewer, &prometheus::query_exemplars},
      {"GET", "/prometheus/api/v1/format_query", viewer, &prometheus::format_query},
      {"POST", "/prometheus/api/v1/format_query", viewer, &prometheus::format_query},
      {"GET", "/prometheus/api/v1/series", viewer, &prometheus::series},
      {"POST", "/prometheus/api/v1/series", viewer, &prometheus::series},
      {"GET", "/prometheus/api/v1/labels", viewer, &prometheus::labels},
      {"POST", "/prometheus/api/v1/labels", viewer, &prometheus::labels},
      {"GET", "/prometheus/api/v1/label/{name}/values", viewer, &prometheus::label_values},
      {"GET", "/prometheus/api/v1/metadata", viewer, &prometheus::metadata},
      {"GET", "/prometheus/api/v1/status/buildinfo", viewer, &prometheus::status_build_info},
      {"GET", "/prometheus/api/v1/status/runtimeinfo", viewer, &prometheus::status_runtime_info},
      {"GET", "/prometheus/api/v1/status/flags", viewer, &prometheus::status_flags},
      {"GET", "/prometheus/api/v1/status/config", viewer, &prometheus::status_config},
      {"GET", "/prometheus/api/v1/status/tsdb", viewer, &prometheus::status_tsdb},
  };
}

}  // namespace sentinella::api
