// The running agent: one thread that watches, reads, collects and writes to the spool, one (uplink) that
// sends.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/collect/host_collector.h"
#include "agent/collect/service_collector.h"
#include "agent/config/config.h"
#include "agent/event_loop.h"
#include "agent/outbox.h"
#include "agent/spool/spool.h"
#include "agent/tail/log_follower.h"
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
};

enum class RunEnd {
  orderly,
  unsent,   ///< --once: the server did not take everything; it is in the spool
  hanging,  ///< orderly, but a send still hangs in the uplink's thread: end the process without destructors
};

/// Not thread-safe. Handles SIGTERM, SIGINT (end), SIGHUP (reopen the own log) while it runs.
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
  Result<void> watch_signals();
  void open_status_socket();
  std::string status_json() const;

  void tick();
  void schedule_tick();
  void schedule_trim(Duration delay);
  void report_states();
  void collect_metrics();
  void start_scraping();
  void take_scraped(const Batch& batch);
  void on_started(const ProcessStarted& started);
  void on_exited(const ProcessExited& exited);
  void on_record(std::size_t log, codec::FramedRecord record);
  void update_log_problem(std::size_t log);
  StateReport report(StateReport::Kind kind, std::string_view service) const;
  StateReport snapshot(std::size_t service) const;
  void remember_seen(std::size_t service);
  void announce(std::string_view type, std::string_view summary);
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
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<LogFollower> follower_;
  std::unique_ptr<ProcessWatch> watch_;
  StopAnnouncements announcements_;
  HostCollector host_collector_;
  ServiceCollector service_collector_;
  std::atomic<std::uint64_t> lost_scrapes_ = 0;
  std::unique_ptr<scrape::Scraper> scraper_;  ///< its threads use what stands above
  std::set<std::string> ever_seen_;
  std::vector<std::string> log_problems_;  ///< as last reported
  FileDescriptor signals_;
  FileDescriptor status_socket_;
  bool ending_ = false;
  bool in_round_ = false;
};

}  // namespace sentinella::agent
