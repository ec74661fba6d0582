// For tests: every door over real stores in a temporary directory, with two accounts.
#pragma once

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "api/router.h"
#include "api/routes.h"
#include "api/schema_check.h"
#include "base/crypto.h"
#include "base/json.h"
#include "bus/embedded/segment_journal.h"
#include "catalog/accounts.h"
#include "events/embedded/embedded_event_store.h"
#include "logs/embedded/embedded_log_store.h"
#include "rules/rule_engine.h"
#include "rules/rule_queries.h"
#include "series/embedded/embedded_series_store.h"

namespace sentinella::api {

/// Unwraps what a test cannot do without.
template <typename T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(describe(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

class ApiTest : public testing::Test {
 protected:
  explicit ApiTest(alerts::AlarmModel::Name model = alerts::AlarmModel::Name::alerta)
      : directory(memory_or_disk() / ("api-" + to_hex(random_bytes(8)))), alarm_model(model) {
    std::filesystem::create_directory(directory);
    open_stores();
    need(database->write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(const auto first, catalog::create_account(tx, "ours", clock.now()));
      SENT_TRY_ASSIGN(const auto second, catalog::create_account(tx, "theirs", clock.now()));
      ours = first.id;
      theirs = second.id;
      return {};
    }));
    open_doors();
    for (const auto role : {Role::viewer, Role::responder, Role::operator_, Role::admin})
      keys[role] =
          need(authenticator->create_api_key(ours, std::string(to_string(role)), role, std::nullopt));
    their_admin = need(authenticator->create_api_key(theirs, "their key", Role::admin, std::nullopt));
  }
  ~ApiTest() override {
    router.reset();
    if (hosts) hosts->stop();
    intake.reset();  // its last answers go to doors that still stand
    context.reset();
    notifier.reset();
    std::filesystem::remove_all(directory);
  }

  /// Sends a request through the router and waits for its answer, which must be as described in openapi.json.
  net::Response send(net::Request request) {
    std::promise<net::Response> promise;
    auto future = promise.get_future();
    const auto method = request.method;
    const auto path = request.path;
    router->handle(std::move(request),
                   [&promise](net::Response response) { promise.set_value(std::move(response)); });
    auto response = future.get();
    take_pieces(response);
    EXPECT_TRUE(response.headers.has("X-Request-ID")) << path;
    if (const auto pattern = pattern_of(method, path); !pattern.empty()) {
      EXPECT_EQ(check_against_description(method, pattern, response), "") << method << " " << path << "\n"
                                                                          << response.body;
    }
    return response;
  }
  /// As a client sees a body that is sent in pieces.
  static void take_pieces(net::Response& response) {
    const std::atomic<bool> stays = false;
    for (bool more = static_cast<bool>(response.pieces); more;) {
      const std::string piece = need(response.pieces(stays));
      more = !piece.empty();
      response.body += piece;
    }
  }
  net::Response call(const std::string& method, const std::string& target, const std::string& credential,
                     const std::string& body = "", const std::string& content_type = "application/json") {
    net::Request request;
    request.method = method;
    request.path = target.substr(0, target.find('?'));
    if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
    request.peer = "192.0.2.1";
    if (!credential.empty()) request.headers.set("Authorization", "Bearer " + credential);
    if (!body.empty()) request.headers.set("Content-Type", content_type);
    request.body = body;
    return send(std::move(request));
  }
  net::Response get(const std::string& target) { return call("GET", target, keys[Role::admin]); }
  net::Response post(const std::string& target, const std::string& body) {
    return call("POST", target, keys[Role::admin], body);
  }
  static boost::json::object object(const net::Response& response) {
    return need(parse_json_object(response.body));
  }
  static std::string text(const net::Response& response, std::string_view field) {
    return std::string(object(response).at(field).as_string());
  }
  static boost::json::array items(const net::Response& response) {
    return object(response).at("items").as_array();
  }

  std::string agent_credential() {
    const auto secret = need(authenticator->rotate_account_key(ours));
    const auto agent = need(authenticator->enrol(secret, "", "compute1", "machine-1", "1.0"));
    return need(authenticator->agent_token(agent.agent_id, agent.agent_key)).access_token;
  }
  /// A log line by OTLP/JSON, as an operator's tool would send it.
  net::Response send_log(const std::string& credential, const std::string& line,
                         const std::string& host = "compute1") {
    JsonWriter json;
    json.object().key("resourceLogs").array().object().key("resource").object().key("attributes").array();
    json.object().field("key", "host.name").key("value").object().field("stringValue", host).end().end();
    json.object()
        .field("key", "service.name")
        .key("value")
        .object()
        .field("stringValue", "nova-api")
        .end()
        .end();
    json.end().end().key("scopeLogs").array().object().key("logRecords").array().object();
    json.field("timeUnixNano", std::to_string(clock.now().ns))
        .key("body")
        .object()
        .field("stringValue", line)
        .end();
    json.end().end().end().end().end().end().end();
    return call("POST", "/otlp/v1/logs", credential, json.take());
  }
  /// Batches are durable before they are readable: a change sent after them, which is answered when it is
  /// readable, comes after them.
  void settle() {
    ASSERT_EQ(
        post("/api/v1/changes", R"({"type":"test.settled","summary":"all before this is readable"})").status,
        201);
  }
  /// An agent has told that one process of a service runs there. Whatever is sent after it comes after it.
  void runs_on(const std::string& host, const std::string& service) {
    StateReport told;
    told.kind = StateReport::Kind::snapshot;
    told.at = clock.now();
    told.host = host;
    told.service = service;
    told.processes = 1;
    told.ever_seen = true;
    Batch batch;
    batch.account = ours;
    batch.received = clock.now();
    batch.reports.push_back(std::move(told));
    intake->submit(std::move(batch), ingest::Until::applied, [](Result<bus::Offset>) {});
  }
  /// As the server does: alerts, what is told of them, all in one transaction.
  /// The ids of the live alerts that they became, "" where there is none.
  Result<std::vector<std::string>> report(const std::vector<Signal>& signals) {
    const auto written = database->write([&](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY_ASSIGN(const auto notifications, alerts->apply(tx, signals, clock.now()));
      return desk->take(tx, notifications, clock.now());
    });
    if (!written) return std::unexpected(written.error());
    alerts->published();
    std::vector<std::string> ids;
    for (const Signal& signal : signals) {
      const auto known = alerts->find(signal);
      ids.push_back(known ? known->id : "");
    }
    return ids;
  }
  Alert raise(AccountId account, const std::string& host) {
    Signal signal;
    signal.account = account;
    signal.rule_id = "service-down";
    signal.event = "ServiceDown";
    signal.resource = host + "/nova-compute";
    signal.host = host;
    signal.service = "nova-compute";
    signal.severity = AlertSeverity::critical;
    signal.tier = Tier::page;
    signal.at = clock.now();
    signal.text = "nova-compute on " + host + " was killed by signal 9";
    need(report({signal}));
    for (auto& alert : alerts->live(account))
      if (alert.host == host) return alert;
    throw std::runtime_error("no alert was raised");
  }

  std::filesystem::path directory;
  alerts::AlarmModel::Name alarm_model;
  Time evaluated;                                      ///< what the overview says that rules have seen
  ManualClock clock{Time{1'772'446'272'000'000'000}};  // 2026-03-02T10:11:12Z
  std::unique_ptr<bus::Journal> journal;
  std::unique_ptr<series::SeriesStore> series;
  std::unique_ptr<logs::LogStore> logs;
  std::unique_ptr<events::EventStore> events;
  std::unique_ptr<catalog::Database> database;
  std::unique_ptr<auth::Authenticator> authenticator;
  std::unique_ptr<rules::RuleEngine> rules;
  std::unique_ptr<rules::RuleQueries> rule_queries;
  std::unique_ptr<alerts::AlertEngine> alerts;
  std::unique_ptr<notify::Notifier> notifier;
  std::unique_ptr<notify::Desk> desk;
  std::unique_ptr<LiveStream> live;
  std::unique_ptr<LogTail> log_tail;
  std::unique_ptr<KnownHosts> hosts;
  std::unique_ptr<ingest::Intake> intake;
  std::unique_ptr<Context> context;
  std::unique_ptr<Router> router;
  AccountId ours{}, theirs{};
  std::map<Role, std::string> keys;  ///< of our account
  std::string their_admin;
  int reloads = 0;
  BackupState backup;

 private:
  /// Nothing here is about durability, and a disk's fsync is most of what a test would wait for.
  static std::filesystem::path memory_or_disk() {
    const std::filesystem::path memory = "/dev/shm";
    return std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
  }
  void open_stores() {
    journal = need(bus::open_segment_journal({.directory = directory / "journal"}));
    series = need(series::open_embedded_series_store({.directory = directory / "series"}));
    logs = need(logs::open_embedded_log_store({.directory = directory / "logs"}));
    events = need(events::open_embedded_event_store({.directory = directory / "events"}));
    database = need(catalog::open_sqlite(directory / "catalog.db"));
  }
  void open_doors() {
    authenticator = need(auth::Authenticator::create(*database, clock));
    rule_queries = std::make_unique<rules::RuleQueries>(*series, clock);
    rules = rules::make_rule_engine(
        [this](AccountId account, SeriesId id) { return series->labels(account, id); });
    const auto no_lines = [](AccountId, const std::string&, const std::string&, Time) {
      return std::vector<EvidenceLine>();
    };
    const auto production = [](AccountId, const std::string&) { return std::string("Production"); };
    alerts = need(alerts::AlertEngine::create(*database, {.evidence = no_lines, .environment = production},
                                              alarm_model));
    notifier = need(notify::Notifier::create(
        *database, clock, [](const Alert& alert) { return alerts::to_json(alert, true); }, {}));
    desk = std::make_unique<notify::Desk>(*notifier,
                                          [](const Alert& alert) { return alerts::to_json(alert, true); });
    live = std::make_unique<LiveStream>("epoch");
    hosts = std::make_unique<KnownHosts>(*database);
    log_tail = std::make_unique<LogTail>(*logs, clock, 50ms);
    const auto tap = [this](const Batch& batch, bus::Offset offset) {
      rules->consume(batch, offset);
      if (!batch.signals.empty()) need(report(batch.signals));
      log_tail->take(batch, offset);
    };
    intake =
        need(ingest::Intake::open(*journal, {*series, *logs, *events}, tap, 0, directory / "watermarks"));
    context =
        std::make_unique<Context>(Context{.clock = clock,
                                          .database = *database,
                                          .authenticator = *authenticator,
                                          .intake = *intake,
                                          .series = *series,
                                          .logs = *logs,
                                          .events = *events,
                                          .rules = *rules,
                                          .rule_queries = *rule_queries,
                                          .alerts = *alerts,
                                          .notifier = *notifier,
                                          .desk = *desk,
                                          .live = *live,
                                          .hosts = *hosts,
                                          .info = {"1.2.3", "epoch", clock.now()},
                                          .reload_rules = [this](AccountId) -> Result<void> {
                                            ++reloads;
                                            return {};
                                          },
                                          .prepare_account = [](AccountId) -> Result<void> { return {}; },
                                          .logged_in = {},
                                          .policy_changed = [this]() -> Result<void> {
                                            desk->policy_changed();
                                            SENT_TRY(report({}));
                                            return {};
                                          },
                                          .start_backup = [this](const std::string& to) -> Result<void> {
                                            backup = {.phase = BackupState::Phase::running, .directory = to};
                                            return {};
                                          },
                                          .backup_state = [this] { return backup; },
                                          .evaluated_until = [this] { return evaluated; },
                                          .ready = [] { return true; }});
    context->log_tail = log_tail.get();
    router = std::make_unique<Router>(*context, all_routes(), nullptr);
  }
  static std::string pattern_of(const std::string& method, const std::string& path) {
    for (const auto& route : all_routes()) {
      const auto brace = route.pattern.find('{');
      const auto head = route.pattern.substr(0, brace);
      if (route.method != method) continue;
      if (brace == std::string_view::npos && head == path) return std::string(route.pattern);
      if (brace == std::string_view::npos || !path.starts_with(head)) continue;
      const auto tail = route.pattern.substr(route.pattern.find('}') + 1);
      const auto rest = std::string_view(path).substr(head.size());
      if (rest.ends_with(tail) &&
          rest.substr(0, rest.size() - tail.size()).find('/') == std::string_view::npos)
        return std::string(route.pattern);
    }
    return {};
  }
};

}  // namespace sentinella::api
