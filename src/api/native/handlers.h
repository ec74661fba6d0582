// The handlers of the native API, /api/v1. What each takes and gives is written down in openapi.json; who may
// call it, in api/routes.cpp. All are scoped to the caller's account: none takes an account from the request,
// except the server administrator's list of accounts.
#pragma once

#include "api/context.h"

namespace sentinella::api::native {

// auth.cpp
Result<Reply> login(RequestContext& call);
Result<Reply> login_with_link(RequestContext& call);
Result<Reply> refresh(RequestContext& call);
Result<Reply> logout(RequestContext& call);
Result<Reply> me(RequestContext& call);
Result<Reply> change_own_password(RequestContext& call);
Result<Reply> list_own_sessions(RequestContext& call);
Result<Reply> end_own_session(RequestContext& call);
Result<Reply> end_own_sessions(RequestContext& call);

// agents.cpp
Result<Reply> enrol_agent(RequestContext& call);
Result<Reply> agent_token(RequestContext& call);
Result<Reply> list_agents(RequestContext& call);
Result<Reply> revoke_agent(RequestContext& call);
Result<Reply> make_enrolment_token(RequestContext& call);

// overview.cpp
Result<Reply> overview(RequestContext& call);
Result<Reply> list_nodes(RequestContext& call);
Result<Reply> get_node(RequestContext& call);
Result<Reply> list_services(RequestContext& call);

// alerts.cpp
Result<Reply> list_alerts(RequestContext& call);
Result<Reply> get_alert(RequestContext& call);
Result<Reply> act_on_alert(RequestContext& call);
Result<Reply> put_alert_note(RequestContext& call);
Result<Reply> delete_alert_note(RequestContext& call);
Result<Reply> alert_notifications(RequestContext& call);
// alert_surroundings.cpp
Result<Reply> alert_surroundings(RequestContext& call);

// short_links.cpp
Result<Reply> make_short_link(RequestContext& call);
Result<Reply> get_short_link(RequestContext& call);
// boards.cpp
Result<Reply> list_boards(RequestContext& call);
Result<Reply> create_board(RequestContext& call);
Result<Reply> get_board(RequestContext& call);
Result<Reply> put_board(RequestContext& call);
Result<Reply> delete_board(RequestContext& call);

// policy.cpp: what operators lay down about who is told
enum class PolicyKind : std::uint8_t { silence, maintenance, inhibition, rota, escalation, team };
Result<Reply> list_policy(RequestContext& call, PolicyKind kind);
Result<Reply> create_policy(RequestContext& call, PolicyKind kind);
Result<Reply> get_policy(RequestContext& call, PolicyKind kind);
Result<Reply> put_policy(RequestContext& call, PolicyKind kind);
Result<Reply> delete_policy(RequestContext& call, PolicyKind kind);
Result<Reply> preview_silence(RequestContext& call);
Result<Reply> on_call(RequestContext& call);
Result<Reply> get_alerting_settings(RequestContext& call);
Result<Reply> put_alerting_settings(RequestContext& call);
/// A handler of one kind, for the table of routes.
template <PolicyKind kind, Result<Reply> (*handler)(RequestContext&, PolicyKind)>
Result<Reply> policy_of(RequestContext& call) {
  return handler(call, kind);
}

// samples.cpp
Result<Reply> list_series(RequestContext& call);
Result<Reply> get_samples(RequestContext& call);

// logs_search.cpp
Result<Reply> search_logs(RequestContext& call);
Result<Reply> get_log(RequestContext& call);
Result<Reply> log_context(RequestContext& call);

// logs_backtrace.cpp
Result<Reply> log_backtrace(RequestContext& call);

// logs_aggregate.cpp
Result<Reply> query_logs(RequestContext& call);
Result<Reply> log_histogram(RequestContext& call);

// logs_about.cpp
Result<Reply> log_levels(RequestContext& call);
Result<Reply> log_sources(RequestContext& call);
Result<Reply> log_retention(RequestContext& call);
// logs_lines.cpp
void post_lines(RequestContext& call, Answer answer);

// logs_tail.cpp
Result<Reply> tail_logs(RequestContext& call);

// logs_export.cpp
Result<Reply> export_logs(RequestContext& call);

// changes.cpp
Result<Reply> list_changes(RequestContext& call);
void post_change(RequestContext& call, Answer answer);

// events.cpp
Result<Reply> list_events(RequestContext& call);
Result<Reply> get_event(RequestContext& call);
Result<Reply> list_event_types(RequestContext& call);
Result<Reply> instance_story(RequestContext& call);

// telemetry.cpp
Result<Reply> telemetry_status(RequestContext& call);
Result<Reply> list_dead_letters(RequestContext& call);
Result<Reply> get_dead_letter(RequestContext& call);
Result<Reply> replay_dead_letter(RequestContext& call);
Result<Reply> delete_dead_letter(RequestContext& call);

// uptime.cpp
Result<Reply> uptime(RequestContext& call);

// public_status.cpp
Result<Reply> get_status_page(RequestContext& call);
Result<Reply> put_status_page(RequestContext& call);
Result<Reply> public_status(RequestContext& call);

// rules.cpp
Result<Reply> list_rules(RequestContext& call);
Result<Reply> create_rule(RequestContext& call);
Result<Reply> get_rule(RequestContext& call);
Result<Reply> put_rule(RequestContext& call);
Result<Reply> delete_rule(RequestContext& call);
Result<Reply> check_rule(RequestContext& call);

// rule_versions.cpp
Result<Reply> list_rule_versions(RequestContext& call);
Result<Reply> rule_backtest(RequestContext& call);

// weekly_report.cpp
Result<Reply> weekly_report(RequestContext& call);
Result<Reply> send_weekly_report(RequestContext& call);

// rules_insight.cpp: how rules stand, and how they would have stood
Result<Reply> rule_instances(RequestContext& call);
Result<Reply> rule_band(RequestContext& call);
Result<Reply> backtest_rule(RequestContext& call);

// rules_husbandry.cpp: which rules are worth their noise
Result<Reply> lint_rules(RequestContext& call);
Result<Reply> nightly_lints(RequestContext& call);
// husbandry_trend.cpp
Result<Reply> husbandry_trend(RequestContext& call);
Result<Reply> act_on_rule(RequestContext& call);

// channels.cpp
Result<Reply> list_channels(RequestContext& call);
Result<Reply> create_channel(RequestContext& call);
Result<Reply> get_channel(RequestContext& call);
Result<Reply> put_channel(RequestContext& call);
Result<Reply> delete_channel(RequestContext& call);
Result<Reply> test_channel(RequestContext& call);
Result<Reply> preview_channel(RequestContext& call);
Result<Reply> list_deliveries(RequestContext& call);

// inventory.cpp
Result<Reply> list_clouds(RequestContext& call);
Result<Reply> create_cloud(RequestContext& call);
Result<Reply> delete_cloud(RequestContext& call);
Result<Reply> classify_node(RequestContext& call);
Result<Reply> delete_node(RequestContext& call);

// people.cpp
Result<Reply> list_users(RequestContext& call);
Result<Reply> create_user(RequestContext& call);
Result<Reply> put_user(RequestContext& call);
Result<Reply> delete_user(RequestContext& call);
Result<Reply> list_keys(RequestContext& call);
Result<Reply> create_key(RequestContext& call);
Result<Reply> delete_key(RequestContext& call);
Result<Reply> rotate_account_key(RequestContext& call);

// accounts.cpp
Result<Reply> list_accounts(RequestContext& call);
Result<Reply> create_account(RequestContext& call);

// erase.cpp
void delete_series(RequestContext& call, Answer answer);

// backup.cpp
Result<Reply> start_backup(RequestContext& call);
Result<Reply> get_backup(RequestContext& call);

// status.cpp
Result<Reply> status(RequestContext& call);
Result<Reply> openapi(RequestContext& call);

// stream.cpp
Result<Reply> stream(RequestContext& call);

}  // namespace sentinella::api::native
