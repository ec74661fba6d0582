#include "agent/agent.h"

#include <csignal>

#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/print.h"
#include "agent/resident_code.h"
#include "agent/status.h"
#include "base/compress.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/log.h"
#include "codec/otlp.h"
#include "codec/secret_mask.h"

namespace sentinella::agent {
namespace {

constexpr Duration kDrainLimit = 50ms;
constexpr Duration kSettle = 400ms;  // --once: for records that may still get lines
constexpr Duration kOnceLimit = 10s;
constexpr Duration kLastSend = 500ms;
constexpr Duration kStopLimit = 300ms;
constexpr Duration kSettledAfter = 15s;  // the first round was sent: what only the start needed can go
constexpr Duration kTrimEvery = 10min;   // and what a new connection or a reload needed
/// Fast, and small in memory; at these sizes a higher level gains a few percent.
constexpr int kCompression = 1;

std::vector<ServiceConfig> enabled_services(const Config& config) {
  std::vector<ServiceConfig> services;
  for (const ServiceConfig& service : config.services)
    if (service.enabled) services.push_back(service);
  if (!config.discover) return services;
  for (Finding& finding : unnamed_services(look_around(ProcFs()), config.services)) {
    log::info("agent.discover", "{} is watched: {}", finding.service.name, finding.evidence);
    services.push_back(std::move(finding.service));
  }
  return services;
}

}  // namespace

Agent::Agent(Config config, RunOptions options, const Clock& clock, std::unique_ptr<EventLoop> loop)
    : config_(std::move(config)),
      options_(std::move(options)),
      clock_(clock),
      host_(config_.node.empty() ? host_name() : config_.node),
      started_(clock.now()),
      loop_(std::move(loop)),
      services_(enabled_services(config_)),
      guard_(config_.limits),
      host_collector_(ProcFs(), config_.tags),
      kernel_collector_(ProcFs()),
      service_collector_(ProcFs()),
      hung_(services_.size()) {}

Agent::~Agent() {
  if (signals_) loop_->unwatch(signals_.get());
  if (status_socket_) loop_->unwatch(status_socket_.get());
}

Result<std::unique_ptr<Agent>> Agent::create(Config config, RunOptions options, const Clock& clock) {
  if (config.state_dir.empty()) config.state_dir = default_state_dir();
  SENT_TRY_ASSIGN(std::unique_ptr<EventLoop> loop, EventLoop::create());
  std::unique_ptr<Agent> agent(new Agent(std::move(config), std::move(options), clock, std::move(loop)));
  // Before the uplink's thread exists, so that it inherits the mask.
  SENT_TRY(agent->watch_signals());
  if (!agent->options_.print) SENT_TRY(agent->open_state());
  return agent;
}

Result<void> Agent::open_state() {
  SENT_TRY(make_directories(config_.state_dir, 0750));
  positions_ = std::make_unique<PositionStore>(config_.state_dir / "positions.json");
  PositionStore* positions = positions_.get();
  SENT_TRY_ASSIGN(spool_,
                  Spool::open(config_.state_dir / "spool", SpoolOptions{.max_bytes = config_.spool_max_bytes},
                              [positions] { return positions->save(); }));
  ever_seen_ = load_seen(config_.state_dir / "seen.json");
  SENT_TRY_ASSIGN(const std::string machine, machine_id(config_.state_dir));
  start_uplink(machine);
  start_remote();
  open_status_socket();
  return {};
}

void Agent::start_uplink(const std::string& machine) {
  LinkOptions link;
  link.server_url = config_.server_url;
  link.more_urls = config_.more_server_urls;
  link.enrolled_urls = config_.enrolled_urls;
  link.tls = {.ca_file = config_.ca_file, .pinned_sha256 = config_.pinned_sha256, .verify = true};
  link.account_key = config_.account_key;
  link.host = host_;
  link.version = options_.version;
  link.machine_id = machine;
  link.identity_file = config_.state_dir / "identity.json";
  PositionStore* positions = positions_.get();
  uplink_ = std::make_unique<Uplink>(std::move(link), config_.state_dir / "refused", *spool_, clock_,
                                     [positions](const std::string& note) { positions->acknowledged(note); });
}

void Agent::start_remote() {
  if (!config_.remote.accepted || options_.once) return;
  Uplink* uplink = uplink_.get();
  remote_ = std::make_unique<RemoteSettings>(
      settings_file(config_.state_dir), host_, config_.interval,
      RemoteSettings::Callbacks{
          .ask = [uplink](std::string body) { uplink->ask("/api/v1/agents/settings", std::move(body)); },
          .answer = [uplink] { return uplink->take_answer(); },
          .in_contact = [uplink] { return uplink->status().last_contact.has_value(); },
          .fits = options_.fits});
}

/// The program from its beginning, with another configuration; what was read is handed over before.
void Agent::begin_anew() {
  reloading_ = true;
  ending_ = true;
  loop_->stop();
}

/// What the server has, and on top of it what lies in the spool on its way there.
PositionTable Agent::read_positions() {
  if (!positions_) return {};
  for (const SpoolNote& note : spool_->notes())
    if (note.acknowledged) positions_->acknowledged(note.note);
  PositionTable table = positions_->table();
  for (const SpoolNote& note : spool_->notes())
    if (const auto decoded = decode_positions(note.note))
      for (const FilePosition& position : *decoded) table.merge(position);
  return table;
}

Result<void> Agent::deliver(SignalKind signal, const Batch& batch,
                            const std::vector<FilePosition>& positions) {
  if (options_.print) {
    print_batch(batch);
    return {};
  }
  const std::string body =
      signal == SignalKind::logs ? codec::encode_otlp_logs(batch) : codec::encode_otlp_metrics(batch);
  const std::string note = positions.empty() ? "" : encode_positions(positions);
  SENT_TRY(spool_->append(signal, zstd_compress(body, kCompression), note, signal == SignalKind::logs));
  if (!in_round_) uplink_->notify();
  return {};
}

Result<void> Agent::watch_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  signals_ = FileDescriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) return fail_errno(errno, "cannot receive signals");
  return loop_->watch(signals_.get(), [this] {
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return;
    if (info.ssi_signo == SIGHUP) return on_hangup();
    ending_ = true;
    loop_->stop();
  });
}

void Agent::on_hangup() {
  log::reopen();
  const auto changed = options_.changed();
  config_problem_ = changed ? "" : describe(changed.error());
  if (!changed) {
    log::error("agent.config", "the new configuration is not used: {}", config_problem_);
    return;
  }
  if (!*changed) return;
  log::info("agent.config", "the configuration has changed; starting anew");
  begin_anew();
}

void Agent::open_status_socket() {
  auto socket = listen_for_status(config_.state_dir / "status.sock");
  if (!socket) {
    log::warning("agent.status", "`sentinella status` will not work: {}", describe(socket.error()));
    return;
  }
  status_socket_ = std::move(*socket);
  const auto watched =
      loop_->watch(status_socket_.get(), [this] { answer_status(status_socket_.get(), status_json()); });
  if (!watched) log::warning("agent.status", "{}", describe(watched.error()));
}

Result<RunEnd> Agent::run() {
  outbox_ = std::make_unique<Outbox>(
      *loop_, Outbox::Callbacks{
                  .deliver = [this](SignalKind signal, const Batch& batch,
                                    const auto& positions) { return deliver(signal, batch, positions); },
                  .take_positions = [this] { return take_positions(); }});
  std::vector<WatchedService> watched;
  for (const ServiceConfig& service : services_) {
    watched.push_back({service.name, service.process});
    for (const std::string& log : service.logs())
      if (!is_journal(log)) wanted_logs_.push_back({service.name, log});
  }
  const PositionTable positions = read_positions();
  std::vector<FollowedLog> logs = wanted_now(positions.paths());
  for (const FollowedLog& log : logs) {
    log_activity_.follow(log.service, started_);
    log_limiters_.emplace_back(limits_of(log.service));
  }
  follower_ = std::make_unique<LogFollower>(
      *loop_, monotonic_clock(), std::move(logs),
      LogFollower::Callbacks{
          .record = [this](std::size_t log,
                           codec::FramedRecord record) { on_record(log, std::move(record)); },
          .readable = [this](std::size_t, const std::string&) { update_log_problems(); },
          .busy = [this] { return logs_wait(); }});
  watch_ = std::make_unique<ProcessWatch>(
      *loop_, clock_, ProcFs(), std::move(watched), WatchOptions{config_.kernel_events, config_.exit_info},
      ProcessWatch::Callbacks{.started = [this](const ProcessStarted& s) { on_started(s); },
                              .exited = [this](const ProcessExited& e) { on_exited(e); }});
  SENT_TRY(watch_->start());
  follower_->start(positions);
  start_journal(positions);
  if (positions_) {
    for (std::size_t log = 0; log < follower_->logs().size(); ++log)
      if (!follower_->source(log).awaits_first_sight()) positions_->mark_known(follower_->logs()[log].path);
    for (const FilePosition& position : follower_->first_positions()) positions_->started_at(position);
    if (journal_) positions_->started_at(journal_->first_position());
    // A full disk is no reason not to watch; what is acknowledged is saved later.
    if (const auto saved = positions_->save(); !saved)
      log::error("agent.tail", "{}", describe(saved.error()));
  }
  SENT_TRY(start_checks());
  start_kernel_log();
  start_statsd();
  log::info("agent", "started: host {}, {} services, server {}", host_, services_.size(), config_.server_url);
  announce("agent.started", fmt::format("the agent on {} started", host_));
  if (options_.once) run_checks_now();
  tick();
  start_scraping();
  if (options_.once) {
    loop_->after(kSettle, [this] { loop_->stop(); });
  } else {
    schedule_tick();
    schedule_trim(kSettledAfter);
  }
  if (!ending_) loop_->run();
  return finish();
}

/// One round shows what this node has; exporters are scraped in their own time.
void Agent::start_scraping() {
  if (config_.scrape_config.empty() || options_.once || options_.print) return;
  scraper_ = std::make_unique<scrape::Scraper>(
      scrape::ScraperOptions{.config_file = config_.scrape_config,
                             .external_labels = Labels({Label{"host", host_}}),
                             .seed = hash64(host_)},
      [this](const Batch& batch) { take_scraped(batch); }, clock_);
}

/// On the scraper's threads, several at a time.
void Agent::take_scraped(const Batch& batch) {
  const std::string body = zstd_compress(codec::encode_otlp_metrics(batch), kCompression);
  if (const auto kept = spool_->append(SignalKind::metrics, body, "", false); !kept) {
    if (lost_scrapes_++ == 0)
      log::error("agent.spool", "scraped samples are lost: {}", describe(kept.error()));
    return;
  }
  uplink_->notify();
}

RunEnd Agent::finish() {
  scraper_.reset();
  follower_->flush_all();
  if (reloading_)
    announce("agent.reloading", fmt::format("the agent on {} takes a new configuration", host_));
  else if (!options_.once)
    announce("agent.stopped", fmt::format("the agent on {} stopped on request", host_));
  report_states();
  outbox_->flush();
  if (options_.print) return RunEnd::orderly;
  const bool sent = uplink_->wait_until_empty(options_.once && !ending_ ? kOnceLimit : kLastSend);
  const bool ended = uplink_->stop(kStopLimit);
  for (const auto& saved : {positions_->save(), spool_->close()})
    if (!saved) log::error("agent", "{}", describe(saved.error()));
  ::unlink((config_.state_dir / "status.sock").c_str());
  log::info("agent", "ended; {} batches wait for the next start",
            spool_->statistics().waiting_logs + spool_->statistics().waiting_metrics);
  if (reloading_) return RunEnd::reload;
  if (!ended || checker_->busy() || source_reader_->busy() || plugin_runner_->busy()) return RunEnd::hanging;
  return options_.once && !sent ? RunEnd::unsent : RunEnd::orderly;
}

void Agent::schedule_tick() {
  loop_->after(config_.interval, [this] {
    schedule_tick();
    tick();
  });
}

void Agent::schedule_trim(Duration delay) {
  loop_->after(delay, [this] {
    release_unused_code();
    schedule_trim(kTrimEvery);
  });
}

void Agent::tick() {
  in_round_ = true;  // one wake-up of the uplink for all that the round gives
  watch_->refresh();
  follower_->poll();
  look_for_logs();
  if (journal_) journal_->poll();
  report_states();
  outbox_->flush();
  guard_self();
  collect_metrics();
  if (kernel_log_) kernel_log_->poll();
  in_round_ = false;
  if (uplink_) uplink_->notify();
  if (options_.once) return;
  if (guard_.step() != GuardStep::least) begin_checks();
  if (dear_may_run()) {
    begin_sources();
    begin_plugins();
    begin_discovery();
  }
  if (remote_ && remote_->round(clock_.now()) == RemoteSettings::Next::begin_anew) begin_anew();
}

StateReport Agent::report(StateReport::Kind kind, std::string_view service) const {
  StateReport report;
  report.kind = kind;
  report.at = clock_.now();
  report.host = host_;
  report.service = service;
  return report;
}

StateReport Agent::snapshot(std::size_t service) const {
  StateReport report = this->report(StateReport::Kind::snapshot, services_[service].name);
  const std::vector<pid_t> processes = watch_->processes(service);
  report.processes = static_cast<std::uint32_t>(processes.size());
  report.pid = processes.empty() ? 0 : static_cast<std::uint32_t>(processes.front());
  report.ever_seen = ever_seen_.contains(services_[service].name);
  return report;
}

void Agent::report_states() {
  outbox_->add(report(StateReport::Kind::heartbeat, ""));
  for (std::size_t service = 0; service < services_.size(); ++service) {
    if (!watch_->mains(service).empty()) remember_seen(service);
    outbox_->add(snapshot(service));
  }
  update_log_problems();
}

void Agent::remember_seen(std::size_t service) {
  if (!ever_seen_.insert(services_[service].name).second || options_.print) return;
  if (const auto saved = save_seen(config_.state_dir / "seen.json", ever_seen_); !saved)
    log::error("agent", "{}", describe(saved.error()));
}

void Agent::announce(std::string_view type, std::string_view summary, std::string_view service) {
  Event event;
  event.id = to_text(random_uuid());
  event.type = type;
  event.time = clock_.now();
  event.host = host_;
  event.service = service;
  event.summary = summary;
  event.origin = "agent";
  event.traits.add("version", options_.version);
  outbox_->add(std::move(event));
}

void Agent::on_started(const ProcessStarted& started) {
  StateReport report = this->report(StateReport::Kind::started, services_[started.service].name);
  report.at = started.at;
  report.pid = static_cast<std::uint32_t>(started.pid);
  remember_seen(started.service);
  report.ever_seen = true;
  report.processes = static_cast<std::uint32_t>(watch_->processes(started.service).size());
  log::info("agent.watch", "{} started, pid {}", report.service, started.pid);
  outbox_->add(std::move(report));
  outbox_->flush();
}

void Agent::on_exited(const ProcessExited& exited) {
  const std::string& service = services_[exited.service].name;
  // What the service last said goes with the news of its end, and may explain it; so may the kernel.
  follower_->drain(service, kDrainLimit);
  if (journal_) journal_->poll();
  if (kernel_log_) kernel_log_->poll();
  const auto pid = static_cast<std::uint32_t>(exited.pid);
  const std::string announcement = announcements_.take(service, pid, exited.began, clock_.now());
  const ExitVerdict verdict = judge_exit(exited.status, announcement);
  StateReport report = this->report(StateReport::Kind::exited, service);
  report.at = exited.at;
  report.pid = pid;
  report.ever_seen = true;
  report.exit = verdict.exit;
  report.exit_code = exited.status.code;
  report.signal = exited.status.signal;
  report.detail = verdict.detail;
  report.processes = static_cast<std::uint32_t>(watch_->processes(exited.service).size());
  log::info("agent.watch", "{} ended, pid {}: {} ({})", service, pid, verdict.detail,
            to_string(verdict.exit));
  const bool others_remain = report.processes > 0;
  outbox_->add(std::move(report));
  if (others_remain) outbox_->add(snapshot(exited.service));
  outbox_->flush();
}

void Agent::on_record(std::size_t log, codec::FramedRecord framed) {
  const FollowedLog& source = follower_->logs()[log];
  const bool masked = config_.mask_secrets && codec::mask_secrets(framed.text);
  if (!framed.history) announcements_.record(source.service, framed.text, clock_.now());
  const bool sent = framed.history || log_limiters_[log].take(monotonic_clock().now(), framed.text.size(),
                                                              follower_->waited(log));
  log_activity_.count(source.service, clock_.now(), sent);
  if (!sent) return;
  LogRecord record;
  record.time = clock_.now();
  record.host = host_;
  record.service = source.service;
  record.source = source.path;
  record.raw = std::move(framed.text);
  if (framed.truncated) record.flags |= LogRecord::kTruncated;
  if (framed.history) record.flags |= LogRecord::kHistory;
  if (masked) record.flags |= LogRecord::kMasked;
  outbox_->add(std::move(record));
}

}  // namespace sentinella::agent
