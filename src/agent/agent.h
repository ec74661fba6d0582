// The running agent: one thread that watches, reads, collects and writes to the spool, one (uplink) that
// sends.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/background.h"
#include "agent/check/check_asker.h"
#include "agent/check/service_checks.h"
#include "agent/check/service_links.h"
#include "agent/collect/host_collector.h"
#include "agent/collect/kernel_collector.h"
#include "agent/collect/old_names.h"
#include "agent/collect/service_collector.h"
#include "agent/collect/sources.h"
#include "agent/config/config.h"
#include "agent/discover/discover.h"
#include "agent/event_loop.h"
#include "agent/guard/self_guard.h"
#include "agent/listen/statsd_listener.h"
#include "agent/outbox.h"
#include "agent/plugin/plugins.h"
#include "agent/remote/remote_settings.h"
#include "agent/spool/spool.h"
#include "agent/tail/journal_log.h"
#include "agent/tail/kernel_log.h"
#include "agent/tail/log_activity.h"
#include "agent/tail/log_follower.h"
#include "agent/tail/log_limiter.h"
#include "agent/tail/log_paths.h"
#include "agent/tail/position_store.h"
#include "agent/uplink/uplink.h"
#include "agent/watch/process_watch.h"
#include "agent/watch/stop_announcements.h"
#include "base/result.h"
#include "scrape/scraper.h"

namespace sentinella::agent {

struct RunOptions {
  bool once = false;   ///< one round, wait until the server has it, end
  bool print = false;  ///< to standard output instead of the server; touches no state
  std::string version;
  /// Asked at SIGHUP: whether the configuration is another one now. An error: it is, and cannot be used.
  std::function<Result<bool>()> changed = [] { return Result<bool>(false); };
  /// Whether the agent could begin with these settings of the server's on top of its file.
  std::function<Result<void>(const boost::json::object&)> fits = [](const auto&) { return Result<void>(); };
};

enum class RunEnd {
  orderly,
  reload,   ///< as orderly; the program is to be run anew with the new configuration
  unsent,   ///< --once: the server did not take everything; it is in the spool
  hanging,  ///< orderly, but a send still hangs in the uplink's thread: end the process without destructors
};

/// Not thread-safe. Handles SIGTERM, SIGINT (end), SIGHUP (reopen the own log, look at the configuration)
/// while it runs.
class Agent {
 public:
  static Result<std::unique_ptr<Agent>> create(Config config, RunOptions options, const Clock& clock);
  ~Agent();
  /// Until a signal, or after one round.
  Result<RunEnd> run();

 private:
  Agent(Config config, RunOptions options, const Clock& clock, std::unique_ptr<EventLoop> loop);
  Result<void> open_state();
  PositionTable read_positions();
  Result<void> deliver(SignalKind signal, const Batch& batch, const std::vector<FilePosition>& positions);
  void start_uplink(const std::string& machine);
  void start_remote();
  void begin_anew();
  Result<void> watch_signals();
  void on_hangup();
  void open_status_socket();
  std::string status_json() const;

  void tick();
  void schedule_tick();
  void schedule_trim(Duration delay);
  void report_states();
  Result<void> start_checks();
  std::string find_check_url(const std::string& service);
  void run_checks_now();
  void begin_checks();
  std::vector<LinkQuestion> link_questions() const;
  void tell_links();
  void begin_sources();
  void begin_plugins();
  void begin_discovery();
  void take_discovery(const std::vector<Finding>& found);
  void take_sources(const SourceRound& round);
  void start_journal(const PositionTable& positions);
  void on_journal_entry(const std::string& service, std::string message, std::string line, bool history);
  std::vector<FilePosition> take_positions();
  void start_kernel_log();
  void start_statsd();
  void on_kernel_message(const KernelMessage& message);
  void collect_metrics();
  void collect_services(SampleWriter& out);
  void collect_logs(SampleWriter& out);
  void collect_own(SampleWriter& out);
  void guard_self();
  bool logs_wait() const;
  bool dear_may_run();
  void judge_service(std::size_t service, const StuckProcesses& stuck, SampleWriter& out);
  void start_scraping();
  void take_scraped(const Batch& batch);
  void on_started(const ProcessStarted& started);
  void on_exited(const ProcessExited& exited);
  void on_record(std::size_t log, codec::FramedRecord record);
  std::vector<FollowedLog> wanted_now(const std::vector<std::string>& known);
  void look_for_logs();
  LogLimits limits_of(std::string_view service) const;
  void update_log_problems();
  std::uint64_t dropped_records(std::string_view service) const;
  void tell_of_dropped();
  StateReport report(StateReport::Kind kind, std::string_view service) const;
  StateReport snapshot(std::size_t service) const;
  void remember_seen(std::size_t service);
  void announce(std::string_view type, std::string_view summary, std::string_view service = {});
  RunEnd finish();

  Config config_;
  const RunOptions options_;
  const Clock& clock_;
  const std::string host_;
  const Time started_;
  std::unique_ptr<EventLoop> loop_;
  std::vector<ServiceConfig> services_;
  std::unique_ptr<PositionStore> positions_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Uplink> uplink_;
  std::unique_ptr<RemoteSettings> remote_;  ///< null: the server is not heard
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<LogFollower> follower_;
  std::unique_ptr<ProcessWatch> watch_;
  StopAnnouncements announcements_;
  SelfGuard guard_;
  int dear_rounds_ = 0;  ///< under a step of the guard's
  HostCollector host_collector_;
  KernelCollector kernel_collector_;
  ServiceCollector service_collector_;
  std::atomic<std::uint64_t> lost_scrapes_ = 0;
  std::unique_ptr<scrape::Scraper> scraper_;  ///< its threads use what stands above
  std::unique_ptr<ServiceChecks> checks_;
  std::unique_ptr<ServiceLinks> links_;
  std::shared_ptr<CheckAsker> asker_;       ///< shared with a round that may outlive us
  std::vector<ListeningSocket> listening_;  ///< as of listening_at_: the kernel's table is dear to read
  Time listening_at_;                       ///< by the monotonic clock
  std::unique_ptr<Background> checker_;
  std::shared_ptr<Sources> sources_;  ///< shared with a round that may outlive us
  std::unique_ptr<Background> source_reader_;
  std::shared_ptr<Plugins> plugins_;  ///< likewise
  std::unique_ptr<Background> plugin_runner_;
  std::unique_ptr<JournalLog> journal_;
  std::string journal_problem_;
  std::unique_ptr<KernelLog> kernel_log_;
  std::string kernel_log_problem_;
  LogLimiter kernel_limiter_;
  OldNames old_names_;
  std::unique_ptr<StatsdListener> statsd_;
  std::string statsd_problem_;
  std::set<std::string> ever_seen_;
  std::vector<WantedLog> wanted_logs_;
  std::vector<std::pair<std::string, std::string>> pattern_problems_;  ///< service, what is wrong
  std::map<std::string, std::string> log_problems_;                    ///< by service, as last reported
  std::vector<std::string> hung_;  ///< by service: why it does not respond, as last told
  LogActivity log_activity_;
  std::vector<LogLimiter> log_limiters_;                ///< by the follower's numbers
  std::map<std::string, LogLimiter> journal_limiters_;  ///< by service
  std::uint64_t told_dropped_ = 0;
  FileDescriptor signals_;
  FileDescriptor status_socket_;
  Time next_discovery_;                 ///< by the monotonic clock
  std::vector<std::string> unwatched_;  ///< services that run here and are not in the configuration, in words
  std::string config_problem_;          ///< of a configuration that changed and cannot be used
  bool ending_ = false;
  bool reloading_ = false;
  bool in_round_ = false;
};

}  // namespace sentinella::agent
