#include "catalog/schema.h"

#include <array>

namespace sentinella::catalog {
namespace {

constexpr std::array<std::string_view, 30> kVersion1{
    R"(CREATE TABLE account (
         id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, key_hash TEXT UNIQUE, created BIGINT NOT NULL))",
    // "user" is a reserved word in PostgreSQL.
    R"(CREATE TABLE person (
         id TEXT PRIMARY KEY, account BIGINT NOT NULL REFERENCES account (id), name TEXT NOT NULL UNIQUE,
         role TEXT NOT NULL, password_hash TEXT NOT NULL, server_admin BIGINT NOT NULL, created BIGINT NOT NULL))",
    "CREATE INDEX person_account ON person (account, name)",
    R"(CREATE TABLE api_key (
         id TEXT PRIMARY KEY, account BIGINT NOT NULL REFERENCES account (id), name TEXT NOT NULL, role TEXT NOT NULL,
         server_admin BIGINT NOT NULL, secret_hash TEXT NOT NULL UNIQUE, created BIGINT NOT NULL, expires BIGINT,
         last_used BIGINT))",
    "CREATE INDEX api_key_account ON api_key (account, created)",
    R"(CREATE TABLE agent (
         id TEXT PRIMARY KEY, account BIGINT NOT NULL REFERENCES account (id), host TEXT NOT NULL,
         machine_id TEXT NOT NULL, secret_hash TEXT NOT NULL, version TEXT NOT NULL, created BIGINT NOT NULL,
         revoked BIGINT NOT NULL))",
    "CREATE INDEX agent_account ON agent (account, host)",
    R"(CREATE TABLE one_time_token (
         secret_hash TEXT PRIMARY KEY, purpose TEXT NOT NULL, account BIGINT NOT NULL REFERENCES account (id),
         subject TEXT NOT NULL, expires BIGINT NOT NULL))",
    R"(CREATE TABLE session (
         id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
         token_hash TEXT NOT NULL UNIQUE, previous_token_hash TEXT NOT NULL, rotated BIGINT NOT NULL,
         expires BIGINT NOT NULL, client TEXT NOT NULL))",
    "CREATE INDEX session_person ON session (person)",
    "CREATE INDEX session_expires ON session (expires)",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",

    R"(CREATE TABLE cloud (
         id TEXT PRIMARY KEY, account BIGINT NOT NULL REFERENCES account (id), name TEXT NOT NULL,
         location TEXT NOT NULL, UNIQUE (account, name)))",
    R"(CREATE TABLE node (
         account BIGINT NOT NULL REFERENCES account (id), host TEXT NOT NULL,
         cloud_id TEXT REFERENCES cloud (id) ON DELETE SET NULL, first_seen BIGINT NOT NULL,
         PRIMARY KEY (account, host)))",
    "CREATE INDEX node_cloud ON node (cloud_id)",

    R"(CREATE TABLE rule (
         account BIGINT NOT NULL REFERENCES account (id), id TEXT NOT NULL, yaml TEXT NOT NULL,
         enabled BIGINT NOT NULL, builtin BIGINT NOT NULL, version BIGINT NOT NULL, updated BIGINT NOT NULL,
         updated_by TEXT NOT NULL, PRIMARY KEY (account, id)))",
    R"(CREATE TABLE channel (
         id TEXT PRIMARY KEY, account BIGINT NOT NULL REFERENCES account (id), name TEXT NOT NULL, kind TEXT NOT NULL,
         settings TEXT NOT NULL, min_tier TEXT NOT NULL, enabled BIGINT NOT NULL))",
    "CREATE INDEX channel_account ON channel (account, name)",
    R"(CREATE TABLE alert (
         id TEXT PRIMARY KEY, account BIGINT NOT NULL REFERENCES account (id), environment TEXT NOT NULL,
         resource TEXT NOT NULL, event TEXT NOT NULL, host TEXT NOT NULL, service TEXT NOT NULL,
         severity BIGINT NOT NULL, previous_severity BIGINT NOT NULL, status TEXT NOT NULL, tier TEXT NOT NULL,
         value TEXT NOT NULL, text TEXT NOT NULL, rule_id TEXT NOT NULL, playbook TEXT NOT NULL,
         duplicate_count BIGINT NOT NULL, create_time BIGINT NOT NULL, receive_time BIGINT NOT NULL,
         last_receive_time BIGINT NOT NULL, update_time BIGINT NOT NULL, evidence_hash BIGINT NOT NULL))",
    "CREATE UNIQUE INDEX alert_live ON alert (account, environment, resource, event) WHERE status <> "
    "'closed'",
    "CREATE INDEX alert_list ON alert (account, status, severity, create_time)",
    "CREATE INDEX alert_previous ON alert (account, resource, event, create_time)",
    R"(CREATE TABLE alert_evidence (
         alert_id TEXT NOT NULL REFERENCES alert (id) ON DELETE CASCADE, position BIGINT NOT NULL,
         record_offset BIGINT NOT NULL, record_index BIGINT NOT NULL, time BIGINT NOT NULL, host TEXT NOT NULL,
         service TEXT NOT NULL, severity BIGINT NOT NULL, text TEXT NOT NULL, request_id TEXT NOT NULL,
         traceback TEXT NOT NULL, PRIMARY KEY (alert_id, position)))",
    R"(CREATE TABLE alert_history (
         alert_id TEXT NOT NULL REFERENCES alert (id) ON DELETE CASCADE, position BIGINT NOT NULL,
         time BIGINT NOT NULL, type TEXT NOT NULL, severity BIGINT NOT NULL, status TEXT NOT NULL,
         event TEXT NOT NULL, value TEXT NOT NULL, text TEXT NOT NULL, actor TEXT NOT NULL,
         PRIMARY KEY (alert_id, position)))",
    R"(CREATE TABLE outbox (
         delivery_id TEXT NOT NULL, channel_id TEXT NOT NULL, account BIGINT NOT NULL REFERENCES account (id),
         alert_id TEXT NOT NULL, sequence BIGINT NOT NULL, transition TEXT NOT NULL, payload TEXT NOT NULL,
         state TEXT NOT NULL, attempts BIGINT NOT NULL, created BIGINT NOT NULL, next_attempt BIGINT NOT NULL,
         delivered BIGINT, last_error TEXT NOT NULL, PRIMARY KEY (delivery_id, channel_id)))",
    "CREATE INDEX outbox_pending ON outbox (created) WHERE state = 'pending'",
    "CREATE INDEX outbox_alert ON outbox (account, alert_id)",
    "CREATE INDEX outbox_channel ON outbox (account, channel_id, created)",
    R"(CREATE TABLE rule_state (
         account BIGINT NOT NULL REFERENCES account (id), rule_id TEXT NOT NULL, instance TEXT NOT NULL,
         state TEXT NOT NULL, PRIMARY KEY (account, rule_id, instance)))",
    "CREATE TABLE progress (name TEXT PRIMARY KEY, journal_offset BIGINT NOT NULL)",
};

/// Alerts of other senders, who was told what and why not, and what operators lay down about that.
constexpr std::array<std::string_view, 17> kVersion2{
    "ALTER TABLE alert ADD COLUMN fingerprint TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE alert ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE alert ADD COLUMN alert_group TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE alert ADD COLUMN type TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE alert ADD COLUMN timeout BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE alert ADD COLUMN status_until BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE alert ADD COLUMN cause TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE alert ADD COLUMN extras_hash BIGINT NOT NULL DEFAULT 0",
    "DROP INDEX alert_live",
    "CREATE UNIQUE INDEX alert_live ON alert (account, environment, resource, event, fingerprint) "
    "WHERE status <> 'closed' AND status <> 'expired'",
    R"(CREATE TABLE alert_attribute (
         alert_id TEXT NOT NULL REFERENCES alert (id) ON DELETE CASCADE, kind TEXT NOT NULL, name TEXT NOT NULL,
         value TEXT NOT NULL, PRIMARY KEY (alert_id, kind, name)))",
    R"(CREATE TABLE policy_item (
         account BIGINT NOT NULL REFERENCES account (id), kind TEXT NOT NULL, id TEXT NOT NULL,
         starts BIGINT NOT NULL, ends BIGINT NOT NULL, body TEXT NOT NULL, created BIGINT NOT NULL,
         created_by TEXT NOT NULL, reminded BIGINT NOT NULL, PRIMARY KEY (account, kind, id)))",
    R"(CREATE TABLE notice (
         alert_id TEXT PRIMARY KEY REFERENCES alert (id) ON DELETE CASCADE,
         account BIGINT NOT NULL REFERENCES account (id), conversation TEXT NOT NULL, group_key TEXT NOT NULL,
         pending TEXT NOT NULL, due BIGINT NOT NULL, stage TEXT NOT NULL, stage_id TEXT NOT NULL,
         stage_text TEXT NOT NULL, stage_until BIGINT NOT NULL, told BIGINT NOT NULL, last_told BIGINT NOT NULL,
         step BIGINT NOT NULL, flapping BIGINT NOT NULL))",
    "CREATE INDEX notice_account ON notice (account, conversation)",
    R"(CREATE TABLE delivery_attempt (
         delivery_id TEXT NOT NULL, channel_id TEXT NOT NULL, account BIGINT NOT NULL REFERENCES account (id),
         attempt BIGINT NOT NULL, time BIGINT NOT NULL, took BIGINT NOT NULL, ok BIGINT NOT NULL,
         answer TEXT NOT NULL, PRIMARY KEY (delivery_id, channel_id, attempt)))",
    "CREATE INDEX delivery_attempt_time ON delivery_attempt (account, channel_id, time)",
    "CREATE INDEX outbox_account ON outbox (account, created)",
};

/// What is metered: policies, types, resources with their revisions, metrics (catalog/resource.h).
constexpr std::array<std::string_view, 12> kMetered{
    R"(CREATE TABLE archive_policy (
         account BIGINT NOT NULL REFERENCES account (id), name TEXT NOT NULL, back_window BIGINT NOT NULL,
         methods TEXT NOT NULL, PRIMARY KEY (account, name)))",
    R"(CREATE TABLE archive_policy_roll_up (
         account BIGINT NOT NULL, policy TEXT NOT NULL, position BIGINT NOT NULL, granularity BIGINT NOT NULL,
         points BIGINT, PRIMARY KEY (account, policy, position)))",
    R"(CREATE TABLE archive_policy_rule (
         account BIGINT NOT NULL REFERENCES account (id), name TEXT NOT NULL, pattern TEXT NOT NULL,
         policy TEXT NOT NULL, PRIMARY KEY (account, name)))",
    R"(CREATE TABLE resource_type (
         account BIGINT NOT NULL REFERENCES account (id), name TEXT NOT NULL, PRIMARY KEY (account, name)))",
    R"(CREATE TABLE resource_type_attribute (
         account BIGINT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
         required BIGINT NOT NULL, least DOUBLE PRECISION, most DOUBLE PRECISION,
         PRIMARY KEY (account, type, name)))",
    R"(CREATE TABLE resource (
         account BIGINT NOT NULL REFERENCES account (id), id TEXT NOT NULL, revision BIGINT NOT NULL,
         type TEXT NOT NULL, original_id TEXT NOT NULL, creator TEXT NOT NULL, user_id TEXT, project_id TEXT,
         started_at BIGINT NOT NULL, ended_at BIGINT, revision_start BIGINT NOT NULL, revision_end BIGINT,
         PRIMARY KEY (account, id, revision)))",
    "CREATE INDEX resource_of_type ON resource (account, type)",
    R"(CREATE TABLE resource_attribute (
         account BIGINT NOT NULL, id TEXT NOT NULL, revision BIGINT NOT NULL, name TEXT NOT NULL,
         kind TEXT NOT NULL, text_value TEXT, number_value DOUBLE PRECISION,
         PRIMARY KEY (account, id, revision, name)))",
    R"(CREATE TABLE metric (
         account BIGINT NOT NULL REFERENCES account (id), id TEXT NOT NULL, name TEXT, unit TEXT,
         creator TEXT NOT NULL, resource TEXT, policy TEXT NOT NULL, PRIMARY KEY (account, id)))",
    "CREATE INDEX metric_resource ON metric (account, resource)",
    "CREATE INDEX metric_policy ON metric (account, policy)",
    "CREATE INDEX archive_policy_rule_policy ON archive_policy_rule (account, policy)",
};

/// People's own dashboards.
constexpr std::array<std::string_view, 2> kBoards{
    R"(CREATE TABLE board (
         id TEXT PRIMARY KEY, account BIGINT NOT NULL REFERENCES account (id), name TEXT NOT NULL, owner TEXT NOT NULL,
         shared BIGINT NOT NULL, body TEXT NOT NULL, version BIGINT NOT NULL, updated BIGINT NOT NULL,
         updated_by TEXT NOT NULL))",
    "CREATE INDEX board_account ON board (account, name)",
};

/// What uptime is computed from; heartbeats of other programs.
constexpr std::array<std::string_view, 2> kStates{
    R"(CREATE TABLE state_change (
         account BIGINT NOT NULL REFERENCES account (id), host TEXT NOT NULL, service TEXT NOT NULL,
         time BIGINT NOT NULL, status TEXT NOT NULL, PRIMARY KEY (account, host, service, time)))",
    R"(CREATE TABLE heartbeat (
         account BIGINT NOT NULL REFERENCES account (id), origin TEXT NOT NULL, id TEXT NOT NULL,
         tags TEXT NOT NULL, attributes TEXT NOT NULL, created BIGINT NOT NULL, received BIGINT NOT NULL,
         timeout BIGINT NOT NULL, max_latency BIGINT NOT NULL, PRIMARY KEY (account, origin)))",
};

/// What operators have agents do otherwise, and what became of it.
constexpr std::array<std::string_view, 3> kAgentSettings{
    R"(CREATE TABLE agent_settings (
         account BIGINT NOT NULL REFERENCES account (id), name TEXT NOT NULL, hosts TEXT NOT NULL, body TEXT NOT NULL,
         version BIGINT NOT NULL, updated BIGINT NOT NULL, updated_by TEXT NOT NULL, PRIMARY KEY (account, name)))",
    R"(CREATE TABLE agent_settings_version (
         account BIGINT PRIMARY KEY REFERENCES account (id), version BIGINT NOT NULL))",
    R"(CREATE TABLE agent_settings_report (
         agent_id TEXT PRIMARY KEY REFERENCES agent (id) ON DELETE CASCADE, version BIGINT NOT NULL,
         refused BIGINT NOT NULL, problem TEXT NOT NULL, time BIGINT NOT NULL))",
};

/// NULL: not yet.
constexpr std::array<std::string_view, 1> kUsedTokens{"ALTER TABLE one_time_token ADD COLUMN used BIGINT"};

constexpr std::array<std::string_view, 2> kShortLinks{
    R"(CREATE TABLE short_link (
         account BIGINT NOT NULL REFERENCES account (id), code TEXT NOT NULL, path TEXT NOT NULL, kept BIGINT NOT NULL,
         PRIMARY KEY (account, code)))",
    "CREATE INDEX short_link_kept ON short_link (account, kept)"};

/// When the escalation of a page began.
constexpr std::array<std::string_view, 2> kFirstTold{
    "ALTER TABLE notice ADD COLUMN first_told BIGINT NOT NULL DEFAULT 0",
    "UPDATE notice SET first_told = (SELECT receive_time FROM alert WHERE alert.id = alert_id) WHERE told > "
    "0"};

/// Whom messages of the outbox were for, as the storm guard counts them; since when a channel's failures
/// are those of its present settings; former versions of rules.
constexpr std::array<std::string_view, 3> kLanesAndVersions{
    "ALTER TABLE outbox ADD COLUMN lane TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE channel ADD COLUMN judged_after BIGINT NOT NULL DEFAULT 0",
    R"(CREATE TABLE rule_version (
         account BIGINT NOT NULL REFERENCES account (id), rule_id TEXT NOT NULL, version BIGINT NOT NULL,
         yaml TEXT NOT NULL, enabled BIGINT NOT NULL, builtin BIGINT NOT NULL, updated BIGINT NOT NULL,
         updated_by TEXT NOT NULL, PRIMARY KEY (account, rule_id, version)))"};

/// Where alerts follow the alarm model of ISA 18.2.
constexpr std::array<std::string_view, 1> kAlarmStates{
    "ALTER TABLE alert ADD COLUMN alarm_state TEXT NOT NULL DEFAULT ''"};

/// The entries of their history, too: of those before, only the status is known.
constexpr std::array<std::string_view, 1> kAlarmStatesOfHistory{
    "ALTER TABLE alert_history ADD COLUMN alarm_state TEXT NOT NULL DEFAULT ''"};

/// Who sees to an alert, and whom the entries of its history name; an index that finds alarms that are over
/// and wait for somebody without reading all that is closed.
constexpr std::array<std::string_view, 3> kOwners{
    "ALTER TABLE alert ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE alert_history ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX alert_returned ON alert (account, status, alarm_state, update_time)"};

constexpr std::array kMigrations{Migration{1, kVersion1},     Migration{2, kVersion2},
                                 Migration{3, kMetered},      Migration{4, kBoards},
                                 Migration{5, kStates},       Migration{6, kAgentSettings},
                                 Migration{7, kUsedTokens},   Migration{8, kShortLinks},
                                 Migration{9, kFirstTold},    Migration{10, kLanesAndVersions},
                                 Migration{11, kAlarmStates}, Migration{12, kAlarmStatesOfHistory},
                                 Migration{13, kOwners}};

Result<std::int64_t> current_version(Transaction& tx) {
  SENT_TRY(tx.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)"));
  std::int64_t version = 0;
  SENT_TRY(tx.query("SELECT COALESCE(MAX(version), 0) FROM schema_version", {},
                    [&](const Row& row) { version = row.integer(0); }));
  return version;
}

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

Result<void> migrate(Transaction& tx, std::span<const Migration> steps) {
  SENT_TRY_ASSIGN(const std::int64_t version, current_version(tx));
  const std::int64_t newest = steps.empty() ? 0 : steps.back().version;
  if (version > newest)
    return fail(
        Errc::kUnsupported,
        "the catalogue has format version {}, made by a newer program; this one knows versions up to {}: "
        "install the newer program again, or restore a backup made before the upgrade",
        version, newest);
  for (const Migration& step : steps) {
    if (step.version <= version) continue;
    for (std::string_view statement : step.statements) SENT_TRY(tx.execute(statement));
    SENT_TRY(tx.execute("INSERT INTO schema_version (version) VALUES (?)", {step.version}));
  }
  return {};
}

}  // namespace sentinella::catalog
