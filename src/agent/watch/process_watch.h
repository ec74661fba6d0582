// Knows within milliseconds that a service's main process ended, and that another took its place.
//
// Main process: belongs to a service, its parent does not. Deaths come from a pidfd (needs no privilege;
// Linux 5.3, else the mains are looked at twice a second). How it ended comes from the pidfd (Linux 6.15) or
// from kernel process events. New mains come from kernel process events where we may have them, else from
// scans of /proc: a burst right after a death, twice a second while a service is absent that ended under our
// eyes, else every ten seconds (so a service that is not meant to run here costs nothing).
//
// A worker that outlives its main is not a replacement: it has been seen below the main, or it began before
// the main's death. Two exceptions: a main that exits with 0 within ten seconds of its start has put itself
// into the background, its child is the main and nothing has ended; and a process of the second kind that is
// still there a second later is a replacement after all (we were slow).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/event_loop.h"
#include "agent/watch/exit_status.h"
#include "agent/watch/process_events.h"
#include "agent/watch/process_table.h"
#include "base/time.h"

namespace sentinella::agent {

struct WatchOptions {
  bool kernel_events = true;
  bool exit_info = true;
};

struct ProcessStarted {
  std::size_t service = 0;
  pid_t pid = 0;
  Time at;
};

struct ProcessExited {
  std::size_t service = 0;
  pid_t pid = 0;
  Time began;  ///< to a few hundredths of a second
  Time at;     ///< when we saw it end
  ExitStatus status;
};

/// What works here, for `sentinella status`.
struct WatchMethods {
  bool pidfd = false;
  bool exit_info = false;
  bool kernel_events = false;
  std::string kernel_events_problem;  ///< why not
};

/// Not thread-safe; lives on the loop's thread. `loop`, `clock` outlive it.
class ProcessWatch {
 public:
  struct Callbacks {
    std::function<void(const ProcessStarted&)> started;
    std::function<void(const ProcessExited&)> exited;
  };

  ProcessWatch(EventLoop& loop, const Clock& clock, ProcFs proc, std::vector<WatchedService> services,
               WatchOptions options, Callbacks callbacks);
  ~ProcessWatch();
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;

  /// Takes what runs now as given (no callback for it) and begins to watch.
  Result<void> start();

  /// Looks at /proc now, so that workers that came and went are counted.
  void refresh();

  /// Main pids, lowest first; empty = the service is absent.
  std::vector<pid_t> mains(std::size_t service) const;
  /// Mains and the processes below them; what outlived its main does not count.
  std::vector<pid_t> processes(std::size_t service) const;
  const WatchMethods& methods() const { return methods_; }

 private:
  struct Main {
    FileDescriptor pidfd;
    std::uint64_t start_ticks = 0;
    bool may_look = false;  ///< ProcessStat::may_look, while it ran
    std::vector<std::size_t> services;
  };
  struct Dying {
    Main main;
    Time at;
    std::uint64_t death_ticks = 0;
    int attempts = 0;
  };

  void open_kernel_events();
  void listen_while_useful();
  void scan();
  void adopt_mains(bool announce);
  bool is_replacement(const ProcessEntry& entry, std::size_t service);
  void watch_main(const ProcessEntry& entry);
  void main_readable(pid_t pid);
  void begin_death(pid_t pid);
  void try_finish_death(pid_t pid);
  void finish_death(pid_t pid, ExitStatus status);
  bool went_into_background(const Dying& dying, const ExitStatus& status);
  ExitStatus exit_status(pid_t pid, const Dying& dying) const;
  void poll_mains_without_pidfd();
  void schedule_scan();
  void after(Duration delay, EventLoop::Handler handler);
  void on_kernel_event(const ProcessEvent& event);
  bool any_lost() const;  ///< a service is absent that ended under our eyes

  EventLoop& loop_;
  const Clock& clock_;
  ProcessTable table_;
  const WatchOptions options_;
  const Callbacks callbacks_;
  WatchMethods methods_;
  std::unique_ptr<ProcessEvents> events_;
  bool listening_ = false;
  std::map<pid_t, Main> mains_;
  std::map<pid_t, Dying> dying_;
  std::map<pid_t, int> wait_statuses_;  ///< of ended mains, from kernel events
  std::vector<std::uint64_t> last_death_ticks_;
  std::set<EventLoop::TimerId> timers_;
  EventLoop::TimerId periodic_{};
};

/// Now, in the unit of ProcessStat::start_ticks.
std::uint64_t ticks_since_boot();

}  // namespace sentinella::agent
