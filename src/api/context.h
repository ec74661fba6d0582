// What a handler may use, and the one request it is about.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "alerts/alert_engine.h"
#include "api/backup_state.h"
#include "api/known_hosts.h"
#include "api/live_stream.h"
#include "api/log_doors.h"
#include "api/log_tail.h"
#include "api/recent_answers.h"
#include "api/resolving_intake.h"
#include "auth/authenticator.h"
#include "base/time.h"
#include "catalog/database.h"
#include "events/event_store.h"
#include "ingest/intake.h"
#include "logs/log_store.h"
#include "model/account.h"
#include "model/metric_metadata.h"
#include "net/http.h"
#include "notify/desk.h"
#include "notify/notifier.h"
#include "scrape/scraper.h"
#include "series/series_store.h"

namespace sentinella::rules {
class RuleEngine;
class RuleQueries;
}  // namespace sentinella::rules
namespace sentinella::telemetry {
class DeadLetters;
class NotificationAgent;
class Poller;
class PublisherSet;
}  // namespace sentinella::telemetry

namespace sentinella::api {

/// The listener at a cloud's message bus; nullptr when there is none.
struct TelemetryAccess {
  AccountId account{};  ///< whose the cloud is
  telemetry::NotificationAgent* agent = nullptr;
  telemetry::DeadLetters* dead_letters = nullptr;
  const telemetry::PublisherSet* publishers = nullptr;
  const telemetry::Poller* poller = nullptr;  ///< nullptr also when only a bus is listened to
};

/// Facts about this run of the server.
struct ServerInfo {
  std::string version;
  std::string epoch;  ///< random at each start; the live stream's ids begin with it
  Time started;
};

/// Answers given, by first digit of the status; [0] is unused.
using AnswerCounters = std::array<std::atomic<std::uint64_t>, 6>;

/// References to what the wiring in src/server owns; all must outlive the router. Everything here is
/// thread-safe.
struct Context {
  const Clock& clock;
  catalog::Database& database;
  auth::Authenticator& authenticator;
  ingest::Intake& intake;
  series::SeriesStore& series;
  logs::LogStore& logs;
  events::EventStore& events;
  rules::RuleEngine& rules;
  rules::RuleQueries& rule_queries;
  alerts::AlertEngine& alerts;
  notify::Notifier& notifier;
  notify::Desk& desk;
  LiveStream& live;
  KnownHosts& hosts;
  ServerInfo info;
  /// Rules of an account were edited in the catalogue: hand them to the rule engine.
  std::function<Result<void>(AccountId)> reload_rules;
  /// A new account was made: give it the default rules and whatever else it starts with.
  std::function<Result<void>(AccountId)> prepare_account;
  /// A user has logged in with a password or a link.
  std::function<void(const Caller&)> logged_in;
  /// A node was taken out of the catalogue: its state goes and its alerts close (rules/rule_engine.h).
  std::function<Result<void>(AccountId, const std::string& host)> forget_host = {};
  /// Silences, rotas and the like were edited: what that changes is told now.
  std::function<Result<void>()> policy_changed = {};
  /// Begins to copy everything into a directory of the server's machine (server/backup.h).
  std::function<Result<void>(const std::string& directory)> start_backup = {};
  std::function<BackupState()> backup_state = {};
  /// How long logs are kept (logs/log_store.h).
  std::function<logs::Retention()> log_retention = {};
  /// What the server itself scrapes for an account, and how that went.
  std::function<std::vector<scrape::TargetStatus>(AccountId)> scrape_targets = {};
  /// What is known of an account's metrics, by name.
  std::function<std::vector<MetricMetadata>(AccountId)> metric_metadata = {};
  /// Hex SHA-256 of the certificate that agents must pin because nobody vouches for it; "" = none.
  std::function<std::string()> certificate_sha256 = {};
  /// Sites apart from this server whose pages may call the API: "https://apollo.example.org".
  std::vector<std::string> ui_origins = {};
  /// The time of the last batch or tick that rules have seen; zero = none of this run.
  std::function<Time()> evaluated_until = {};
  /// /readyz: replay is done and the journal takes batches.
  std::function<bool()> ready;
  LogTail* log_tail = nullptr;
  TelemetryAccess telemetry = {};
  /// What the listeners of log doors have seen.
  std::function<std::vector<ListenerFigures>()> listeners = {};
  std::unique_ptr<LogDoorCounters> log_doors = std::make_unique<LogDoorCounters>();
  std::unique_ptr<AnswerCounters> answers = std::make_unique<AnswerCounters>();
  std::unique_ptr<RecentAnswers> recent = std::make_unique<RecentAnswers>();
  std::unique_ptr<SeriesCaches> caches = std::make_unique<SeriesCaches>();
};

/// A request on its way through a handler.
struct RequestContext {
  Context& server;
  net::Request request;
  Caller caller;                                                 ///< empty on open routes
  std::vector<std::pair<std::string, std::string>> path_values;  ///< of the pattern's {names}
  std::string request_id;

  /// The value of a {name} in the route's pattern; "" when there is no such name.
  const std::string& path_value(std::string_view name) const;
};

using Reply = net::Response;
/// Called exactly once, from any thread.
using Answer = std::move_only_function<void(Result<Reply>)>;

}  // namespace sentinella::api
