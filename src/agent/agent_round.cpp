// What the agent does once an interval: measure, ask, judge.
#include <algorithm>

#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/discover/catalogue.h"
#include "agent/discover/discover.h"
#include "agent/resident_code.h"
#include "agent/status.h"
#include "base/log.h"
#include "codec/secret_mask.h"

namespace sentinella::agent {
namespace {

/// A check must be over before the next one begins, and a person has given up by then.
constexpr Duration kCheckTimeout = 5s;
constexpr std::size_t kProcessesAsked = 32;
constexpr Duration kListeningAge = 1s;
constexpr Duration kFirstDiscovery = 1min;
constexpr Duration kDiscoverEvery = 10min;

std::string plural(const std::vector<pid_t>& pids) {
  return fmt::format("process{} {}", pids.size() == 1 ? "" : "es", fmt::join(pids, ", "));
}

std::string broker_word(ServiceLinks::State state) {
  switch (state) {
    case ServiceLinks::State::unknown:
      return "";
    case ServiceLinks::State::connected:
      return "connected";
    case ServiceLinks::State::lost:
      return "lost";
  }
  return "";
}

}  // namespace

Result<void> Agent::start_checks() {
  checks_ = std::make_unique<ServiceChecks>(
      services_, config_.checks, [this](const std::string& service) { return find_check_url(service); });
  links_ = std::make_unique<ServiceLinks>(services_);
  asker_ = std::make_shared<CheckAsker>(config_.sources);
  SENT_TRY_ASSIGN(checker_, Background::create(*loop_));
  SENT_TRY_ASSIGN(source_reader_, Background::create(*loop_));
  SENT_TRY_ASSIGN(plugin_runner_, Background::create(*loop_));
  sources_ = std::make_shared<Sources>(make_sources(config_, services_));
  plugins_ = std::make_shared<Plugins>(config_.plugins_dir, config_.plugins, config_.plugins_conf_dir);
  for (const std::string& problem : plugins_->problems()) log::warning("agent.plugin", "{}", problem);
  return {};
}

std::string Agent::find_check_url(const std::string& name) {
  const KnownService* known = find_known_service(name);
  if (!known || known->probe.empty()) return "";
  const auto service = std::ranges::find(services_, name, &ServiceConfig::name);
  if (service == services_.end()) return "";
  std::vector<std::uint64_t> sockets;
  std::vector<pid_t> processes = watch_->processes(static_cast<std::size_t>(service - services_.begin()));
  processes.resize(std::min(processes.size(), kProcessesAsked));
  for (pid_t pid : processes)
    for (std::uint64_t inode : sockets_of(pid)) sockets.push_back(inode);
  if (const Time now = monotonic_clock().now(); now - listening_at_ > kListeningAge) {
    listening_ = listening_sockets(ProcFs());
    listening_at_ = now;
  }
  return check_url(name, sockets, listening_);
}

void Agent::begin_checks() {
  if (checker_->busy()) return;
  const auto run_of = [this](const std::string& name) -> std::uint64_t {
    const auto service = std::ranges::find(services_, name, &ServiceConfig::name);
    if (service == services_.end()) return 0;
    const auto mains = watch_->mains(static_cast<std::size_t>(service - services_.begin()));
    return mains.empty() ? 0 : static_cast<std::uint64_t>(mains.back());
  };
  const auto targets = checks_->targets(run_of);
  auto questions = link_questions();
  if (targets.empty() && questions.empty()) return;
  const Duration timeout = std::min<Duration>(kCheckTimeout, config_.interval);
  const PeerPorts ports = config_.peer_ports;
  checker_->start([this, targets, timeout, questions = std::move(questions), ports,
                   asker = asker_]() -> Background::Done {
    auto counts = count_links(ProcFs(), questions, ports);
    auto outcomes = asker->ask(targets, timeout);
    return [this, outcomes = std::move(outcomes), questions, counts = std::move(counts)] {
      checks_->take(outcomes);
      links_->take(questions, counts);
      tell_links();
    };
  });
}

std::vector<LinkQuestion> Agent::link_questions() const {
  std::vector<LinkQuestion> questions;
  for (std::size_t service : links_->services()) {
    const auto mains = watch_->mains(service);
    questions.push_back(
        {mains.empty() ? 0 : static_cast<std::uint64_t>(mains.back()), watch_->processes(service)});
  }
  return questions;
}

void Agent::tell_links() {
  for (const ServiceLinks::Change& change : links_->take_changes()) {
    const std::string summary =
        change.lost
            ? fmt::format("{} runs and has no connection to the message broker any more", change.service)
            : fmt::format("{} is connected to the message broker again", change.service);
    log::warning("agent.watch", "{}", summary);
    announce(change.lost ? "service.disconnected" : "service.connected", summary, change.service);
  }
}

void Agent::begin_sources() {
  if (sources_->empty() || source_reader_->busy()) return;
  // Often memcached listens at the host's own address only; its check has found out.
  const bool told =
      std::ranges::find(config_.sources, "memcached", &SourceConfig::kind) != config_.sources.end();
  std::string memcached = told ? std::string() : checks_->url("memcached");
  if (!memcached.starts_with("memcached://")) memcached.clear();
  source_reader_->start([this, sources = sources_, host = host_, now = clock_.now(),
                         memcached = std::move(memcached)]() -> Background::Done {
    if (!memcached.empty()) sources->move("memcached", memcached);
    SourceRound round = sources->collect(host, now);
    return [this, round = std::move(round)] { take_sources(round); };
  });
}

void Agent::begin_plugins() {
  if (plugins_->empty() || plugin_runner_->busy() || !plugins_->any_due()) return;
  plugin_runner_->start([this, plugins = plugins_, host = host_, now = clock_.now()]() -> Background::Done {
    SourceRound round = plugins->run(host, now);
    return [this, round = std::move(round)] { take_sources(round); };
  });
}

void Agent::begin_discovery() {
  const Time now = monotonic_clock().now();
  if (next_discovery_ == Time{}) next_discovery_ = now + kFirstDiscovery;
  if (now < next_discovery_ || source_reader_->busy()) return;
  next_discovery_ = now + kDiscoverEvery;
  std::vector<ServiceConfig> named = config_.services;
  named.insert(named.end(), services_.begin(), services_.end());
  source_reader_->start([this, named = std::move(named)]() -> Background::Done {
    auto found = unnamed_services(look_around(ProcFs(), Look::names), named);
    return [this, found = std::move(found)] { take_discovery(found); };
  });
}

void Agent::take_discovery(const std::vector<Finding>& found) {
  std::vector<std::string> texts;
  for (const Finding& finding : found) {
    texts.push_back(fmt::format(
        "{} runs here ({}) and is not watched; name it in the configuration, or set it to false there",
        finding.service.name, finding.evidence));
    const bool news = std::ranges::none_of(
        unwatched_, [&](const std::string& text) { return text.starts_with(finding.service.name + " "); });
    if (news)
      announce("service.found",
               fmt::format("{} runs on {}: {}", finding.service.name, host_, finding.evidence),
               finding.service.name);
  }
  unwatched_ = std::move(texts);
  if (found.empty() || !config_.discover) return;
  log::info("agent.discover", "{} services more run here; starting anew to watch them", found.size());
  begin_anew();
}

void Agent::take_sources(const SourceRound& round) {
  for (const std::string& problem : round.new_problems) log::warning("agent.collect", "{}", problem);
  for (const Event& event : round.batch.events) outbox_->add(event);
  if (round.batch.series.empty()) return;
  Batch metrics;
  metrics.series = round.batch.series;
  outbox_->send_metrics(metrics);
}

/// For a single round: everything at once, and waited for.
void Agent::run_checks_now() {
  const auto wait = [this](Background& background) {
    while (background.busy()) loop_->run_once(kCheckTimeout);
  };
  begin_checks();
  wait(*checker_);
  begin_sources();
  wait(*source_reader_);
  begin_plugins();
  wait(*plugin_runner_);
}

/// A journal that cannot be read is a problem of the services that log there.
void Agent::start_journal(const PositionTable& positions) {
  std::vector<JournalService> services;
  for (const ServiceConfig& service : services_) {
    for (const std::string& log : service.logs()) {
      if (!is_journal(log)) continue;
      services.push_back({service.name, journal_terms(log, service.name)});
      journal_limiters_.try_emplace(service.name, config_.limits_of(service));
    }
  }
  if (services.empty()) return;
  std::vector<std::string> names;
  for (const JournalService& service : services) names.push_back(service.name);
  journal_ = std::make_unique<JournalLog>(
      *loop_, clock_, std::move(services), config_.journal_dir,
      JournalLog::Callbacks{
          .record =
              [this, names](std::size_t service, std::string message, std::string line, bool history) {
                on_journal_entry(names[service], std::move(message), std::move(line), history);
              },
          .busy = [this] { return logs_wait(); }});
  if (const auto started = journal_->start(positions); !started) {
    journal_problem_ =
        fmt::format("{}; mend with: usermod -aG systemd-journal sentinella", describe(started.error()));
    log::warning("agent.tail", "{}", journal_problem_);
    journal_.reset();
  }
}

void Agent::on_journal_entry(const std::string& service, std::string message, std::string line,
                             bool history) {
  const bool masked = config_.mask_secrets && codec::mask_secrets(line);
  if (masked) codec::mask_secrets(message);  // an announcement may leave with a report
  if (!history) announcements_.record(service, message, clock_.now());
  LogLimiter& limiter = journal_limiters_.at(service);
  if (!history && !limiter.take(monotonic_clock().now(), line.size(), journal_->waited())) return;
  LogRecord record;
  record.time = clock_.now();
  record.host = host_;
  record.service = service;
  record.source = kJournalPath;
  record.raw = std::move(line);
  if (history) record.flags |= LogRecord::kHistory;
  if (masked) record.flags |= LogRecord::kMasked;
  outbox_->add(std::move(record));
}

std::vector<FilePosition> Agent::take_positions() {
  std::vector<FilePosition> positions = follower_->take_positions();
  if (journal_)
    if (auto position = journal_->take_position()) positions.push_back(std::move(*position));
  return positions;
}

/// A single round would only take the port from the agent that runs.
void Agent::start_statsd() {
  if (config_.statsd.empty() || options_.once) return;
  auto listener = StatsdListener::open(*loop_, config_.statsd, clock_);
  if (listener) {
    statsd_ = std::move(*listener);
    return;
  }
  statsd_problem_ = describe(listener.error());
  log::warning("agent.statsd", "{}", statsd_problem_);
}

void Agent::collect_metrics() {
  Batch batch;
  SampleWriter out(batch.series, host_, clock_.now());
  host_collector_.collect(out);
  kernel_collector_.collect(out);
  collect_clock(out);
  const bool asks = guard_.step() != GuardStep::least;  // else what was known grows old
  if (!asks) checks_->pause();
  collect_services(out);
  checks_->write(out);
  if (asks) links_->write(out);
  collect_logs(out);
  tell_of_dropped();
  collect_own(out);
  if (config_.old_names) old_names_.add(batch.series);
  if (statsd_) statsd_->write(batch.series, host_, clock_.now());
  outbox_->send_metrics(batch);
}

void Agent::collect_services(SampleWriter& out) {
  for (std::size_t service = 0; service < services_.size(); ++service) {
    const StuckProcesses stuck =
        service_collector_.collect(services_[service].name, watch_->processes(service), clock_.now(), out);
    judge_service(service, stuck, out);
  }
}

/// A service that does not run is told by its processes' end, not here. While its check cannot be asked, what
/// was told of it stands.
void Agent::judge_service(std::size_t service, const StuckProcesses& stuck, SampleWriter& out) {
  const std::string& name = services_[service].name;
  const std::vector<pid_t> mains = watch_->mains(service);
  const auto is_main = [&](pid_t pid) { return std::ranges::find(mains, pid) != mains.end(); };
  std::string problem;
  if (!mains.empty()) {
    if (std::ranges::any_of(stuck.blocked, is_main))
      problem = plural(stuck.blocked) + " stuck in the kernel (state D), usually for storage that is gone";
    if (std::ranges::any_of(stuck.stopped, is_main))
      problem =
          plural(stuck.stopped) + " stopped (state T), by SIGSTOP or a debugger; kill -CONT lets it go on";
    if (problem.empty()) {
      if (checks_->unknown(name)) return;
      problem = checks_->problem(name);
    }
    out.add(metric("service_responding"), problem.empty() ? 1 : 0, "service", name);
  }
  if (problem.empty() == hung_[service].empty()) {
    hung_[service] = problem;
    return;
  }
  // Of one that ended meanwhile nobody can say that it responds again.
  if (!problem.empty() || !mains.empty()) {
    const std::string summary = problem.empty()
                                    ? fmt::format("{} responds again", name)
                                    : fmt::format("{} runs and does not respond: {}", name, problem);
    log::warning("agent.watch", "{}", summary);
    announce(problem.empty() ? "service.responds" : "service.hung", summary, name);
  }
  hung_[service] = problem;
}

bool Agent::logs_wait() const {
  return guard_.step() >= GuardStep::paused || outbox_->full() || (spool_ && spool_->nearly_full());
}

/// Whether collectors, plug-ins and discovery have their turn in this round.
bool Agent::dear_may_run() {
  switch (guard_.step()) {
    case GuardStep::none:
      return true;
    case GuardStep::slower:
    case GuardStep::paused:
      return dear_rounds_++ % SelfGuard::kSlower == 0;
    case GuardStep::least:
      return false;
  }
  return true;
}

void Agent::guard_self() {
  const auto self = ProcFs().stat(::getpid());
  if (!self) return;
  const auto resident = self->resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const bool changed =
      guard_.round(monotonic_clock().now(), resident, static_cast<double>(self->cpu_ticks) / 100);
  if (guard_.over_memory()) {
    release_unused_code();
    ::malloc_trim(0);
  }
  if (!changed) return;
  const std::string summary = guard_.step() == GuardStep::none
                                  ? fmt::format("the agent on {} holds itself back no more", host_)
                                  : fmt::format("the agent on {} holds itself back: {}; {}", host_,
                                                to_string(guard_.step()), guard_.reason());
  log::warning("agent.guard", "{}", summary);
  announce("agent.limited", summary);
}

void Agent::collect_own(SampleWriter& out) {
  out.add(metric("agent_guard_step"), static_cast<double>(guard_.step()));
  if (const auto self = ProcFs().stat(::getpid())) {
    out.add(metric("agent_memory_resident_bytes"),
            static_cast<double>(self->resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    out.add(metric("agent_cpu_seconds_total"), static_cast<double>(self->cpu_ticks) / 100);
  }
  if (!spool_) return;
  const SpoolStatistics spool = spool_->statistics();
  out.add(metric("agent_spool_bytes"), static_cast<double>(spool.bytes));
  out.add(metric("agent_batches_dropped_total"),
          static_cast<double>(spool.dropped_logs + spool.dropped_metrics + outbox_->lost_metrics() +
                              lost_scrapes_));
  out.add(metric("agent_batches_refused_total"), static_cast<double>(uplink_->status().refused));
}

std::string Agent::status_json() const {
  AgentStatus status;
  status.version = options_.version;
  status.host = host_;
  status.started = started_;
  status.server_url = config_.server_url;
  status.uplink = uplink_->status();
  status.spool = spool_->statistics();
  status.spool_max_bytes = config_.spool_max_bytes;
  status.watch = watch_->methods();
  status.kernel_log_problem = kernel_log_problem_;
  status.kernel_records_dropped = kernel_limiter_.dropped_records();
  status.kernel_messages_lost = kernel_log_ ? kernel_log_->lost() : 0;
  status.guard_step = static_cast<int>(guard_.step());
  if (guard_.step() != GuardStep::none)
    status.guard = fmt::format("{}; {}", to_string(guard_.step()), guard_.reason());
  if (remote_) status.settings = remote_->status();
  status.config_problem = config_problem_;
  status.source_problems = sources_->problems();
  if (const std::string problem = asker_->problem(); !problem.empty())
    status.source_problems.push_back(problem);
  for (const std::string& problem : {statsd_problem_, statsd_ ? statsd_->problem() : ""})
    if (!problem.empty()) status.source_problems.push_back(problem);
  if (!journal_problem_.empty()) status.source_problems.push_back(journal_problem_);
  status.source_problems.insert(status.source_problems.end(), unwatched_.begin(), unwatched_.end());
  for (std::string& problem : plugins_->problems()) status.source_problems.push_back(std::move(problem));
  for (std::size_t i = 0; i < services_.size(); ++i) {
    ServiceStatus service{services_[i].name,
                          fmt::format("{}", fmt::join(services_[i].logs(), ", ")),
                          watch_->mains(i),
                          watch_->processes(i).size(),
                          ever_seen_.contains(services_[i].name),
                          "",
                          hung_[i],
                          dropped_records(services_[i].name),
                          broker_word(links_->view(services_[i].name).state),
                          links_->view(services_[i].name).by_owner};
    if (const auto problem = log_problems_.find(services_[i].name); problem != log_problems_.end())
      service.log_problem = problem->second;
    status.services.push_back(std::move(service));
  }
  return to_json(status, clock_.now());
}

}  // namespace sentinella::agent
