#include "server/server.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "alerts/alert_engine.h"
#include "api/native/findings.h"
#include "api/native/weekly_report.h"
#include "api/router.h"
#include "api/routes.h"
#include "api/ui/static_files.h"
#include "auth/authenticator.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/log.h"
#include "bus/embedded/segment_journal.h"
#include "catalog/accounts.h"
#include "catalog/alerting.h"
#include "catalog/inventory.h"
#include "catalog/policy.h"
#include "catalog/states.h"
#include "events/embedded/embedded_event_store.h"
#include "ingest/intake.h"
#include "logs/embedded/embedded_log_store.h"
#include "net/http_server.h"
#include "notify/desk.h"
#include "notify/notifier.h"
#include "rules/rule_engine.h"
#include "rules/rule_queries.h"
#include "series/embedded/embedded_series_store.h"
#include "server/alerting_chores.h"
#include "server/backup_job.h"
#include "server/bootstrap.h"
#include "server/evaluation.h"
#include "server/gnocchi_door.h"
#include "server/log_listeners.h"
#include "server/own_certificate.h"
#include "server/periodic_task.h"
#include "server/scraping.h"
#include "server/statsd_input.h"
#include "server/telemetry.h"
#include "server/version.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kLog = "server";
constexpr Duration kTick = 1s;
constexpr std::size_t kWorkers = 8;
constexpr std::size_t kMaxIoThreads = 4;

/// The name of the cloud that a host is classified into; "Production" without one, as Alerta has it.
std::string environment_of(const catalog::Database& database, AccountId account, const std::string& host) {
  std::string name = "Production";
  const auto read = database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto nodes, catalog::list_nodes(tx, account));
    SENT_TRY_ASSIGN(const auto clouds, catalog::list_clouds(tx, account));
    for (const Node& node : nodes)
      for (const Cloud& cloud : clouds)
        if (node.host == host && node.cloud_id == cloud.id) name = cloud.name;
    return {};
  });
  if (!read) log::warning(kLog, "cannot tell the cloud of {}: {}", host, describe(read.error()));
  return name;
}

net::Response not_ready_yet(const net::Request& request) {
  if (request.path == "/healthz") return {200, {}, "starting\n", {}};
  net::Response response{
      503, {}, R"({"error":{"code":"unavailable","message":"the server is starting"}})", {}};
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Retry-After", "1");
  return response;
}

std::string url_of(const ListenAddress& address, bool tls, std::uint16_t port) {
  const bool any = address.host == "0.0.0.0" || address.host == "::";
  const std::string host = any ? "localhost" : address.host;
  return fmt::format("{}://{}:{}", tls ? "https" : "http", host.contains(':') ? "[" + host + "]" : host,
                     port);
}

}  // namespace

/// In order of construction; destroyed from the last to the first.
struct Server::Parts {
  Config config;
  std::string url;
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
  std::unique_ptr<api::LiveStream> live;
  std::unique_ptr<api::LogTail> log_tail;
  std::unique_ptr<api::KnownHosts> hosts;
  std::unique_ptr<Evaluation> evaluation;
  std::unique_ptr<PeriodicTask> ticker;
  std::atomic<PeriodicTask*> running_ticker = nullptr;  ///< for the applying thread
  std::atomic<std::int64_t> next_tick_ns = 0;
  Time last_tick;  ///< zero until the first of this process
  std::unique_ptr<ingest::Intake> intake;
  std::unique_ptr<api::StaticFiles> files;
  std::unique_ptr<api::Context> context;
  std::unique_ptr<api::Router> router_owner;
  std::unique_ptr<GnocchiDoor> gnocchi;
  std::atomic<api::Router*> router = nullptr;
  std::unique_ptr<StatsdInput> statsd;
  std::unique_ptr<LogListeners> log_listeners;
  std::unique_ptr<PeriodicTask> checkpoints;
  Mutex checkpointing;  ///< held by a backup, too: the journal forgets nothing meanwhile
  std::unique_ptr<BackupJob> backup;
  std::unique_ptr<PeriodicTask> retention;
  std::atomic<bool> leaving = false;
  std::unique_ptr<PeriodicTask> heartbeat;
  std::unique_ptr<PeriodicTask> alerting_chores;
  std::unique_ptr<PeriodicTask> querier;
  bool settled = false;  ///< the hourly chores have run once
  std::unique_ptr<net::HttpServer> http;
  Scraping scraping;
  Telemetry telemetry;

  Result<void> open_stores();
  Result<void> skip_lost_records();
  Result<void> listen();
  Result<void> start_evaluation();
  Result<void> open_doors();
  std::optional<Time> next_deadline() const;
  Result<void> open_statsd();
  Result<void> open_log_listeners();
  Result<void> open_gnocchi();
  Result<void> open_telemetry();
  Duration tick();
  Duration checkpoint();
  Result<BackupReport> take_backup(const std::filesystem::path& directory, const BackupProgress& progress);
  template <typename Use>
  void each_cap(std::string_view option, const std::vector<RetentionCap>& caps, Use use);
  logs::Retention log_retention();
  series::Retention metric_retention();
  Duration enforce_retention();
  Duration ping_outside();
  Duration run_queries();
};

Result<void> Server::Parts::open_stores() {
  const auto& dir = config.data_dir;
  SENT_TRY(make_directories(dir, 0700));
  SENT_TRY(check_restored(dir));
  SENT_TRY_ASSIGN(journal, bus::open_segment_journal({.directory = dir / "journal",
                                                      .sync_interval = config.journal_sync,
                                                      .max_bytes = config.journal_bytes}));
  SENT_TRY_ASSIGN(series,
                  series::open_embedded_series_store({.directory = dir / "series",
                                                      .max_series_per_account = config.max_series_per_account,
                                                      .max_head_bytes = config.max_head_bytes,
                                                      .late_window = config.late_window}));
  SENT_TRY_ASSIGN(logs, logs::open_embedded_log_store({.directory = dir / "logs"}));
  SENT_TRY_ASSIGN(events, events::open_embedded_event_store({.directory = dir / "events"}));
  SENT_TRY_ASSIGN(database, catalog::open_sqlite(dir / "catalog.db"));
  return prepare_accounts(*database, system_clock().now());
}

/// A power failure may have taken records from a journal that is synced later, which the stores have seen.
Result<void> Server::Parts::skip_lost_records() {
  const auto seen = std::max({series->durable_offset(), logs->durable_offset(), events->durable_offset(),
                              evaluation->stored_offset()});
  if (config.journal_sync == Duration::zero() || seen <= journal->last()) return {};
  log::warning(kLog,
               "the journal lost its records {} to {}, which had been answered: the power must have failed",
               journal->last() + 1, seen);
  return journal->skip_to(seen);
}

/// Listens before the journal is replayed, so that a long start shows itself as "starting" and not as "down".
Result<void> Server::Parts::listen() {
  SENT_TRY_ASSIGN(const ListenAddress address, parse_listen(config.listen));
  net::ListenOptions options{.host = address.host, .port = address.port};
  options.io_threads = std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, kMaxIoThreads);
  options.quick = [this](const net::Request& request) {
    const api::Router* const open = router;
    return open == nullptr || open->quick(request);
  };
  SENT_TRY_ASSIGN(options.tls, tls_files(config, address));
  SENT_TRY_ASSIGN(http, net::start_http_server(
                            options,
                            [this](net::Request request, net::Respond respond) {
                              if (api::Router* open = router)
                                open->handle(std::move(request), std::move(respond));
                              else
                                respond(not_ready_yet(request));
                            },
                            kWorkers));
  url =
      config.public_url.empty() ? url_of(address, options.tls.has_value(), http->port()) : config.public_url;
  return {};
}

Result<void> Server::Parts::start_evaluation() {
  const Clock& clock = system_clock();
  SENT_TRY_ASSIGN(authenticator,
                  auth::Authenticator::create(*database, clock, {.access_life = config.access_life}));
  rules =
      rules::make_rule_engine([this](AccountId account, SeriesId id) { return series->labels(account, id); });
  rule_queries = std::make_unique<rules::RuleQueries>(*series, clock);
  SENT_TRY_ASSIGN(
      alerts, alerts::AlertEngine::create(
                  *database,
                  {.evidence = [this](AccountId account, const std::string& host, const std::string& service,
                                      Time at) { return last_lines(*logs, account, host, service, at); },
                   .environment =
                       [this](AccountId account, const std::string& host) {
                         return environment_of(*database, account, host);
                       },
                   .alone =
                       [this](const std::function<Result<void>()>& work) {
                         return evaluation ? evaluation->alone(work) : work();
                       }}));
  SENT_TRY_ASSIGN(notifier,
                  notify::Notifier::create(*database, clock,
                                           [](const Alert& alert) { return alerts::to_json(alert, true); },
                                           {.public_url = url}));
  desk = std::make_unique<notify::Desk>(*notifier,
                                        [](const Alert& alert) { return alerts::to_json(alert, true); });
  live = std::make_unique<api::LiveStream>(random_token(6));
  log_tail = std::make_unique<api::LogTail>(*logs, clock);
  hosts = std::make_unique<api::KnownHosts>(*database);
  evaluation = std::make_unique<Evaluation>(
      Evaluation::Parts{*database, *rules, *rule_queries, *alerts, *notifier, *desk, *events, *live});
  SENT_TRY(evaluation->restore(clock.now()));
  SENT_TRY(skip_lost_records());

  codec::LogFormatRules formats;
  if (!config.log_formats.empty()) {
    SENT_TRY_ASSIGN(const std::string text, read_file(config.log_formats, 1 << 20));
    auto parsed = codec::LogFormatRules::parse(text);
    if (!parsed)
      return fail_field(parsed.error().code, "logs.formats", "{}: {}", config.log_formats.string(),
                        describe(parsed.error()));
    formats = std::move(*parsed);
  }
  const auto tap = [this](const Batch& batch, bus::Offset offset) {
    evaluation->take(batch, offset);
    log_tail->take(batch, offset);
    const auto deadline = next_deadline();
    PeriodicTask* const running = running_ticker;
    if (running != nullptr && deadline && deadline->ns < next_tick_ns) running->wake();
  };
  SENT_TRY_ASSIGN(intake,
                  ingest::Intake::open(*journal, {*series, *logs, *events}, tap, evaluation->stored_offset(),
                                       config.data_dir / "watermarks", std::move(formats)));
  tick();  // before anything that the doors let in
  ticker = std::make_unique<PeriodicTask>([this] { return tick(); });
  running_ticker = ticker.get();
  checkpoints = std::make_unique<PeriodicTask>([this] { return checkpoint(); });
  retention = std::make_unique<PeriodicTask>([this] { return enforce_retention(); });
  heartbeat = std::make_unique<PeriodicTask>([this] { return ping_outside(); });
  alerting_chores = std::make_unique<PeriodicTask>([this] {
    watch_channels(*database, *alerts, *intake, system_clock().now());
    if (router != nullptr) api::native::send_due_reports(*context);
    return 10s;
  });
  querier = std::make_unique<PeriodicTask>([this] { return run_queries(); });
  return {};
}

Result<void> Server::Parts::open_doors() {
  auto loaded = api::StaticFiles::load(config.ui_dir);
  if (loaded)
    files = std::make_unique<api::StaticFiles>(*std::move(loaded));
  else
    log::warning(kLog, "no web UI: {}", describe(loaded.error()));
  const auto file = config.data_dir / "bootstrap.json";
  backup = std::make_unique<BackupJob>(
      system_clock(), [this](const std::filesystem::path& directory, const BackupProgress& progress) {
        return take_backup(directory, progress);
      });
  context = std::make_unique<api::Context>(api::Context{
      .clock = system_clock(),
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
      .info = {std::string(kVersion), live->epoch(), system_clock().now()},
      .reload_rules =
          [this](AccountId account) { return evaluation->reload_rules(account, system_clock().now()); },
      .prepare_account = [this](AccountId account) -> Result<void> {
        SENT_TRY(database->write([&](catalog::Transaction& tx) {
          return install_default_rules(tx, account, system_clock().now());
        }));
        return evaluation->reload_rules(account, system_clock().now());
      },
      .logged_in =
          [file](const Caller& caller) {
            if (caller.server_admin) forget_password(file);
          },
      .forget_host =
          [this](AccountId account, const std::string& host) {
            return evaluation->forget_host(account, host, system_clock().now());
          },
      .policy_changed = [this] { return evaluation->policy_changed(system_clock().now()); },
      .start_backup = [this](const std::string& directory) { return backup->start(directory); },
      .backup_state = [this] { return backup->state(); },
      .log_retention = [this] { return log_retention(); },
      .scrape_targets =
          [this](AccountId account) {
            const bool ours = scraping.scraper && scraping.account == account;
            return ours ? scraping.scraper->targets() : std::vector<scrape::TargetStatus>{};
          },
      .metric_metadata =
          [this](AccountId account) {
            const bool ours = scraping.scraper && scraping.account == account;
            return ours ? scraping.scraper->metadata() : std::vector<MetricMetadata>{};
          },
      .certificate_sha256 = [this] { return made_fingerprint(config); },
      .ui_origins = config.ui_origins,
      .evaluated_until = [this] { return evaluation->evaluated_until(); },
      .ready = [this] { return router != nullptr; }});
  context->log_tail = log_tail.get();
  router_owner = std::make_unique<api::Router>(*context, api::all_routes(), files.get());
  SENT_TRY(bootstrap(*database, *authenticator, file, url));
  SENT_TRY(open_gnocchi());
  SENT_TRY(open_telemetry());
  SENT_TRY(open_statsd());
  SENT_TRY(open_log_listeners());
  live->start_heartbeat();
  router = router_owner.get();
  return write_file_atomic(config.data_dir / "ready", url + "\n");
}

std::optional<Time> Server::Parts::next_deadline() const {
  const auto rule = rules->next_deadline();
  const auto alert = evaluation->next_deadline();
  if (!rule || !alert) return rule ? rule : alert;
  return std::min(*rule, *alert);
}

Result<void> Server::Parts::open_statsd() {
  if (config.statsd_listen.empty() && config.statsd_listen_tcp.empty()) return {};
  SENT_TRY_ASSIGN(const auto allow, net::AddressRange::parse_list(config.statsd_allow));
  StatsdListeners listeners;
  if (!config.statsd_listen.empty()) {
    SENT_TRY_ASSIGN(const ListenAddress address, parse_listen(config.statsd_listen));
    listeners.udp = {.host = address.host, .port = address.port, .allow = allow};
  }
  if (!config.statsd_listen_tcp.empty()) {
    SENT_TRY_ASSIGN(const ListenAddress address, parse_listen(config.statsd_listen_tcp));
    listeners.tcp = {.host = address.host, .port = address.port, .allow = allow};
  }
  AccountId account{};
  const auto found = database->read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const Account owner, catalog::find_account(tx, config.statsd_account));
    account = owner.id;
    return {};
  });
  if (!found)
    return fail_field(found.error().code, "statsd.account", "cannot find the account \"{}\": {}",
                      config.statsd_account, found.error().message);
  SENT_TRY_ASSIGN(statsd, StatsdInput::start(std::move(listeners), account, config.statsd_interval, *intake,
                                             system_clock()));
  log::info(kLog, "statsd for the account {} on {}", config.statsd_account,
            config.statsd_listen.empty() ? config.statsd_listen_tcp + " (TCP)"
            : config.statsd_listen_tcp.empty()
                ? config.statsd_listen + " (UDP)"
                : config.statsd_listen + " (UDP) and " + config.statsd_listen_tcp + " (TCP)");
  return {};
}

Result<void> Server::Parts::open_log_listeners() {
  std::optional<net::TlsFiles> tls;
  for (const auto& listener : config.log_listeners) {
    if (listener.tls.empty() || tls) continue;
    SENT_TRY_ASSIGN(const ListenAddress address, parse_listen(config.listen));
    SENT_TRY_ASSIGN(tls, certificate_files(config, address));
  }
  SENT_TRY_ASSIGN(log_listeners, LogListeners::start(config.log_listeners, tls, *context));
  context->listeners = [this] { return log_listeners->figures(); };
  return {};
}

/// A tick when a deadline of the rules has come, and every second: rules know the time only from batches.
Duration Server::Parts::tick() {
  const Time now = system_clock().now();
  const auto deadline = next_deadline();
  if ((deadline && *deadline <= now) || now - last_tick >= kTick || now < last_tick) {
    Batch batch;
    batch.received = now;
    batch.tick = true;
    batch.server_started = last_tick == Time{};
    last_tick = now;
    intake->submit(std::move(batch), ingest::Until::durable, [](Result<bus::Offset> taken) {
      if (!taken) log::warning(kLog, "a tick was lost: {}", describe(taken.error()));
    });
  }
  Time next = last_tick + kTick;
  // A deadline that has passed is being dealt with by the tick just sent.
  if (deadline && *deadline > now) next = std::min(next, *deadline);
  next_tick_ns = next.ns;
  return next - now;
}

Result<void> Server::Parts::open_gnocchi() {
  SENT_TRY_ASSIGN(const ListenAddress address, parse_listen(config.listen));
  std::optional<net::TlsFiles> tls;
  if (const auto own = parse_listen(config.gnocchi.listen); own && !is_loopback(own->host)) {
    SENT_TRY_ASSIGN(tls, certificate_files(config, address));
  }
  SENT_TRY_ASSIGN(gnocchi, GnocchiDoor::open(config.gnocchi, std::move(tls), *context, *router_owner));
  return {};
}

Result<void> Server::Parts::open_telemetry() {
  SENT_TRY_ASSIGN(telemetry, start_telemetry(config.telemetry, config.data_dir / "telemetry", *context,
                                             gnocchi->registry(), config.gnocchi.options));
  context->telemetry = {telemetry.account, telemetry.agent.get(), telemetry.dead_letters.get(),
                        telemetry.publishers.get(), telemetry.poller.get()};
  return {};
}

Duration Server::Parts::checkpoint() {
  Lock lock(checkpointing);
  // No store may get ahead of the journal's disk.
  auto done = journal->sync();
  if (done) done = evaluation->checkpoint();
  if (done) done = intake->checkpoint(evaluation->stored_offset());
  if (!done) log::error(kLog, "checkpoint failed, the journal keeps what it has: {}", describe(done.error()));
  return config.checkpoint_interval;
}

Result<BackupReport> Server::Parts::take_backup(const std::filesystem::path& directory,
                                                const BackupProgress& progress) {
  checkpoint();  // the less there is to replay
  Lock lock(checkpointing);
  return server::take_backup(
      {config.data_dir, *journal, *series, *logs, *events, *database, telemetry.dead_letters.get()},
      directory, system_clock().now(), progress);
}

/// Calls `use` for each cap, with the id of its account or none; those of accounts that are not there are
/// passed over with a warning.
template <typename Use>
void Server::Parts::each_cap(std::string_view option, const std::vector<RetentionCap>& caps, Use use) {
  for (const RetentionCap& cap : caps) {
    std::optional<AccountId> account;
    if (cap.account != "*") {
      const auto found = database->read([&](catalog::Transaction& tx) -> Result<void> {
        SENT_TRY_ASSIGN(const Account owner, catalog::find_account(tx, cap.account));
        account = owner.id;
        return {};
      });
      if (!found) {
        log::warning(kLog, "retention.{} names the account \"{}\": {}", option, cap.account,
                     describe(found.error()));
        continue;
      }
    }
    use(cap, account);
  }
}

logs::Retention Server::Parts::log_retention() {
  logs::Retention kept{config.logs_age, config.logs_bytes, {}};
  each_cap("logs_limits", config.log_caps, [&](const RetentionCap& cap, std::optional<AccountId> account) {
    kept.limits.push_back({account, cap.pattern, cap.max_age, cap.max_bytes});
  });
  return kept;
}

series::Retention Server::Parts::metric_retention() {
  series::Retention kept{.max_age = config.metrics_age,
                         .max_bytes = config.metrics_bytes,
                         .raw_age = config.metrics_raw_age,
                         .roll_up_span = config.metrics_roll_up,
                         .raw_label = api::gnocchi::kMetricLabel,
                         .interrupted = [this] { return leaving.load(); }};
  each_cap("metrics_limits", config.metric_caps,
           [&](const RetentionCap& cap, std::optional<AccountId> account) {
             kept.limits.push_back({account, cap.pattern, cap.max_age, cap.raw_age, cap.max_bytes});
           });
  return kept;
}

Duration Server::Parts::enforce_retention() {
  const Time now = system_clock().now();
  const auto report = [](std::string_view what, const Result<void>& done) {
    if (!done) log::error(kLog, "retention of {} failed: {}", what, describe(done.error()));
  };
  report("metrics", series->enforce(metric_retention(), now));
  report("logs", logs->enforce(log_retention(), now));
  report("events", events->enforce({config.events_age, config.events_bytes}, now));
  report("alerts", database->write([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY(catalog::expire_policy(tx, now - config.alerts_age));
    SENT_TRY(catalog::expire_states(tx, now - config.alerts_age));
    return catalog::expire_alerts(tx, now - config.alerts_age);
  }));
  // Not at every start: a server that is being worked on should not send test messages around.
  if (std::exchange(settled, true))
    for (const auto& [account, name] : notifier->canary(24h))
      log::error(kLog, "channel {} of account {} did not take its daily test message", name,
                 static_cast<std::uint32_t>(account));
  if (router != nullptr) api::native::lint_nightly(*context);
  return 1h;
}

/// As long as ticks come through the journal to the alerts: whoever watches us hears of every other failure
/// by our silence.
Duration Server::Parts::ping_outside() {
  if (system_clock().now() - evaluation->evaluated_until() < 30s) notifier->heartbeat();
  return 1min;
}

/// Rules with PromQL: their results go through the journal like everything that rules look at.
Duration Server::Parts::run_queries() {
  const auto submit = [this](Batch batch) -> Result<void> {
    auto promise = std::make_shared<std::promise<Result<void>>>();
    auto done = promise->get_future();
    intake->submit(std::move(batch), ingest::Until::applied, [promise](const Result<bus::Offset>& taken) {
      promise->set_value(taken ? Result<void>() : std::unexpected(taken.error()));
    });
    // The intake answers when it closes, too; the limit is for a disk that does not come back.
    if (done.wait_for(30s) == std::future_status::timeout)
      return fail(Errc::kUnavailable, "the result was not applied within 30 s");
    return done.get();
  };
  const Time now = system_clock().now();
  return std::clamp<Duration>(rule_queries->run(now, submit) - system_clock().now(), 10ms, 1s);
}

Server::Server() : parts_(std::make_unique<Parts>()) {}

Result<std::unique_ptr<Server>> Server::start(const Config& config) {
  std::unique_ptr<Server> server(new Server());
  Parts& parts = *server->parts_;
  parts.config = config;
  SENT_TRY(parts.open_stores());
  SENT_TRY(parts.listen());
  SENT_TRY(parts.start_evaluation());
  SENT_TRY_ASSIGN(parts.scraping, start_scraping(config, *parts.database, *parts.intake));
  SENT_TRY(parts.open_doors());
  const std::string fingerprint = made_fingerprint(config);
  log::info(kLog, "sentinella-server {} listens on {}, data in {}{}", kVersion, parts.url,
            config.data_dir.string(),
            fingerprint.empty() ? "" : "; its own certificate's SHA-256 is " + fingerprint);
  return server;
}

Server::~Server() {
  Parts& parts = *parts_;
  std::error_code ignored;
  std::filesystem::remove(parts.config.data_dir / "ready", ignored);
  parts.leaving = true;
  if (parts.telemetry.agent) parts.telemetry.agent->stop();  // no handler waits for it any more
  if (parts.http) parts.http->stop(5s);
  if (parts.gnocchi) parts.gnocchi->stop(5s);
  parts.log_listeners.reset();
  if (parts.hosts) parts.hosts->stop();
  parts.backup.reset();
  parts.statsd.reset();
  parts.telemetry.end();
  parts.scraping.scraper.reset();
  if (parts.evaluation) parts.evaluation->abandon();
  for (const auto* task : {&parts.querier, &parts.ticker, &parts.retention, &parts.heartbeat,
                           &parts.alerting_chores, &parts.checkpoints})
    if (*task) (*task)->stop();
  if (parts.intake) parts.checkpoint();
  parts.intake.reset();  // its last answers go to doors that still stand
}

const std::string& Server::url() const {
  return parts_->url;
}

void Server::reload() {
  if (const auto done = parts_->http->reload_tls(); !done)
    log::error(kLog, "the old certificate stays in use: {}", describe(done.error()));
  parts_->log_listeners->reload();
}

}  // namespace sentinella::server
