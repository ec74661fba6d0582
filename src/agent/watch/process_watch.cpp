#include "agent/watch/process_watch.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

namespace sentinella::agent {
namespace {

constexpr std::uint64_t kClockTicks = 100;
constexpr Duration kTick = 10ms;
constexpr Duration kQuietScan = 10s;
constexpr Duration kLostScan = 500ms;
constexpr Duration kBurst[] = {5ms, 20ms, 50ms, 100ms, 200ms, 350ms};
/// The status of an ended process can be read only after its parent has collected it.
constexpr Duration kStatusRetries[] = {1ms, 2ms, 4ms, 8ms, 15ms, 30ms, 60ms};
constexpr std::uint64_t kBackgroundTicks = 10 * kClockTicks;
constexpr std::uint64_t kLateTicks = 5;  // we may see a death 50 ms after it happened
constexpr std::uint64_t kDoubtTicks = kClockTicks;
constexpr std::size_t kKeptStatuses = 64;

bool is_readable(int fd) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, 0) == 1;
}

bool contains(const std::vector<std::size_t>& list, std::size_t value) {
  return std::ranges::find(list, value) != list.end();
}

}  // namespace

std::uint64_t ticks_since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kClockTicks +
         static_cast<std::uint64_t>(now.tv_nsec) / (1'000'000'000 / kClockTicks);
}

ProcessWatch::ProcessWatch(EventLoop& loop, const Clock& clock, ProcFs proc,
                           std::vector<WatchedService> services, WatchOptions options, Callbacks callbacks)
    : loop_(loop),
      clock_(clock),
      table_(std::move(proc), std::move(services)),
      options_(options),
      callbacks_(std::move(callbacks)),
      last_death_ticks_(table_.services().size(), 0) {}

ProcessWatch::~ProcessWatch() {
  if (listening_) loop_.unwatch(events_->fd());
  for (const auto& [pid, main] : mains_)
    if (main.pidfd) loop_.unwatch(main.pidfd.get());
  for (const auto& timer : timers_) loop_.cancel(timer);
  loop_.cancel(periodic_);
}

Result<void> ProcessWatch::start() {
  methods_.exit_info = options_.exit_info && pidfd_exit_info_works();
  methods_.pidfd = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0))).get() >= 0;
  open_kernel_events();
  SENT_TRY(table_.scan(ticks_since_boot()));
  adopt_mains(false);
  schedule_scan();
  return {};
}

void ProcessWatch::open_kernel_events() {
  if (!options_.kernel_events) {
    methods_.kernel_events_problem = "switched off in the configuration (watch.kernel_events)";
    return;
  }
  auto events = ProcessEvents::open(!methods_.exit_info);
  if (!events) {
    methods_.kernel_events_problem = describe(events.error());
    return;
  }
  events_ = std::move(*events);
  methods_.kernel_events = true;
}

void ProcessWatch::listen_while_useful() {
  if (!events_) return;
  // Where only these events tell how a process ended, none may be missed.
  const bool useful = !methods_.exit_info || !dying_.empty() || any_lost();
  if (useful == listening_) return;
  listening_ = useful;
  if (!useful) return loop_.unwatch(events_->fd());
  events_->drain([](const ProcessEvent&) {});  // from before: the scan that follows sees more
  const auto watched = loop_.watch(events_->fd(), [this] {
    if (!events_->drain([this](const ProcessEvent& event) { on_kernel_event(event); })) scan();
  });
  if (!watched) log::warning("agent.watch", "{}", describe(watched.error()));
}

void ProcessWatch::on_kernel_event(const ProcessEvent& event) {
  if (event.kind == ProcessEvent::Kind::exit) {
    if (mains_.contains(event.pid) || dying_.contains(event.pid)) {
      if (wait_statuses_.size() >= kKeptStatuses) wait_statuses_.erase(wait_statuses_.begin());
      wait_statuses_[event.pid] = event.wait_status;
    }
    return;
  }
  table_.examine(event.pid, ticks_since_boot());
  if (const ProcessEntry* entry = table_.find(event.pid); entry && !entry->services.empty())
    adopt_mains(true);
}

void ProcessWatch::scan() {
  if (const auto scanned = table_.scan(ticks_since_boot()); !scanned) {
    log::warning("agent.watch", "{}", describe(scanned.error()));
    return;
  }
  adopt_mains(true);
}

void ProcessWatch::refresh() {
  scan();
  schedule_scan();
}

bool ProcessWatch::is_replacement(const ProcessEntry& entry, std::size_t service) {
  if (entry.was_worker) return false;
  const std::uint64_t death = last_death_ticks_[service];
  if (death == 0 || entry.start_ticks > death) return true;
  // A child that the dead main was just about to run a program in bears the main's name until it does.
  if (!entry.forked && entry.start_ticks + kLateTicks >= death) return true;
  return ticks_since_boot() >= death + kDoubtTicks;
}

void ProcessWatch::adopt_mains(bool announce) {
  for (std::size_t service = 0; service < table_.services().size(); ++service) {
    const bool waiting = std::ranges::any_of(
        dying_, [&](const auto& item) { return contains(item.second.main.services, service); });
    if (waiting) continue;  // the end is told before the beginning
    for (const ProcessEntry* entry : table_.mains(service)) {
      const auto known = mains_.find(entry->pid);
      if (known != mains_.end() && known->second.start_ticks == entry->start_ticks) {
        if (contains(known->second.services, service)) continue;
        known->second.services.push_back(service);
      } else {
        if (announce && !is_replacement(*entry, service)) continue;
        watch_main(*entry);
        if (!mains_.contains(entry->pid)) continue;
        mains_[entry->pid].services = {service};
      }
      if (announce) callbacks_.started({service, entry->pid, clock_.now()});
    }
  }
}

void ProcessWatch::watch_main(const ProcessEntry& entry) {
  Main main;
  main.start_ticks = entry.start_ticks;
  main.pidfd = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, entry.pid, 0)));
  if (!main.pidfd && errno == ESRCH) return;
  // Between reading /proc and opening the pidfd the number may have gone to another process.
  const auto stat = table_.proc().stat(entry.pid);
  if (!stat || stat->start_ticks != entry.start_ticks) return;
  main.may_look = stat->may_look;
  const pid_t pid = entry.pid;
  if (main.pidfd && !loop_.watch(main.pidfd.get(), [this, pid] { main_readable(pid); }))
    main.pidfd = FileDescriptor();
  mains_.insert_or_assign(pid, std::move(main));
}

void ProcessWatch::main_readable(pid_t pid) {
  const auto found = mains_.find(pid);
  if (found != mains_.end() && found->second.pidfd && is_readable(found->second.pidfd.get()))
    begin_death(pid);
}

void ProcessWatch::poll_mains_without_pidfd() {
  std::vector<pid_t> ended;
  for (const auto& [pid, main] : mains_) {
    if (main.pidfd) continue;
    const auto stat = table_.proc().stat(pid);
    if (!stat || stat->start_ticks != main.start_ticks || stat->state == 'Z') ended.push_back(pid);
  }
  for (pid_t pid : ended) begin_death(pid);
}

void ProcessWatch::begin_death(pid_t pid) {
  auto node = mains_.extract(pid);
  if (node.empty()) return;
  Dying dying;
  dying.main = std::move(node.mapped());
  dying.at = clock_.now();
  dying.death_ticks = ticks_since_boot();
  if (dying.main.pidfd) loop_.unwatch(dying.main.pidfd.get());
  for (std::size_t service : dying.main.services) last_death_ticks_[service] = dying.death_ticks;
  table_.forget(pid);
  dying_.emplace(pid, std::move(dying));
  listen_while_useful();
  try_finish_death(pid);
}

ExitStatus ProcessWatch::exit_status(pid_t pid, const Dying& dying) const {
  if (methods_.exit_info && dying.main.pidfd)
    if (const auto status = pidfd_wait_status(dying.main.pidfd.get())) return decode_wait_status(*status);
  if (const auto told = wait_statuses_.find(pid); told != wait_statuses_.end())
    return decode_wait_status(told->second);
  // Until its parent collects it, a process is a zombie; where we may look, that tells its status.
  if (const auto stat = table_.proc().stat(pid);
      dying.main.may_look && stat && stat->state == 'Z' && stat->start_ticks == dying.main.start_ticks)
    return decode_wait_status(stat->wait_status);
  return {};
}

void ProcessWatch::try_finish_death(pid_t pid) {
  const auto found = dying_.find(pid);
  if (found == dying_.end()) return;
  if (listening_) events_->drain([this](const ProcessEvent& event) { on_kernel_event(event); });
  Dying& dying = found->second;
  const ExitStatus status = exit_status(pid, dying);
  const bool can_learn = methods_.exit_info || methods_.kernel_events;
  if (status.known() || !can_learn || dying.attempts == static_cast<int>(std::size(kStatusRetries))) {
    finish_death(pid, status);
    return;
  }
  const Duration wait = kStatusRetries[dying.attempts++];
  after(wait, [this, pid] { try_finish_death(pid); });
}

bool ProcessWatch::went_into_background(const Dying& dying, const ExitStatus& status) {
  if (status.code != 0 || dying.death_ticks > dying.main.start_ticks + kBackgroundTicks) return false;
  for (std::size_t service : dying.main.services)
    for (pid_t member : table_.members(service)) {
      const ProcessEntry* entry = table_.find(member);
      const bool child =
          entry->start_ticks >= dying.main.start_ticks && entry->start_ticks < dying.death_ticks;
      if (!child || mains_.contains(member)) continue;
      const std::vector<std::size_t> services = entry->services;
      watch_main(*entry);
      const auto adopted = mains_.find(member);
      if (adopted == mains_.end()) continue;
      adopted->second.services = services;
      return true;
    }
  return false;
}

void ProcessWatch::finish_death(pid_t pid, ExitStatus status) {
  const Dying dying = std::move(dying_.extract(pid).mapped());
  wait_statuses_.erase(pid);
  if (const auto scanned = table_.scan(ticks_since_boot()); !scanned)
    log::warning("agent.watch", "{}", describe(scanned.error()));
  const auto lived = static_cast<std::int64_t>(dying.death_ticks - dying.main.start_ticks);
  const Time began = dying.at - lived * kTick;
  if (!went_into_background(dying, status))
    for (std::size_t service : dying.main.services)
      callbacks_.exited({service, pid, began, dying.at, status});
  adopt_mains(true);
  for (Duration delay : kBurst)
    after(delay, [this] {
      if (any_lost()) scan();
    });
  schedule_scan();
}

void ProcessWatch::after(Duration delay, EventLoop::Handler handler) {
  // The timer takes itself out of the set of those that the destructor must cancel.
  auto id = std::make_shared<EventLoop::TimerId>();
  *id = loop_.after(delay, [this, id, run = std::move(handler)] {
    timers_.erase(*id);
    run();
  });
  timers_.insert(*id);
}

bool ProcessWatch::any_lost() const {
  for (std::size_t service = 0; service < table_.services().size(); ++service) {
    if (last_death_ticks_[service] == 0) continue;
    if (std::ranges::none_of(mains_,
                             [&](const auto& item) { return contains(item.second.services, service); }))
      return true;
  }
  return false;
}

void ProcessWatch::schedule_scan() {
  loop_.cancel(periodic_);
  listen_while_useful();
  const bool blind = std::ranges::any_of(mains_, [](const auto& item) { return !item.second.pidfd; });
  // With kernel events a new process is told to us, but not that it changed its title a moment later.
  const bool often = blind || any_lost();
  periodic_ = loop_.after(often ? kLostScan : kQuietScan, [this] {
    poll_mains_without_pidfd();
    scan();
    schedule_scan();
  });
}

std::vector<pid_t> ProcessWatch::mains(std::size_t service) const {
  std::vector<pid_t> result;
  for (const auto& [pid, main] : mains_)
    if (contains(main.services, service)) result.push_back(pid);
  return result;
}

std::vector<pid_t> ProcessWatch::processes(std::size_t service) const {
  std::vector<pid_t> result = mains(service);
  const std::vector<pid_t>& members = table_.members(service);
  for (std::size_t i = 0; i < result.size(); ++i)
    for (pid_t member : members) {
      const ProcessEntry* entry = table_.find(member);
      if (entry && entry->parent == result[i] && std::ranges::find(result, member) == result.end())
        result.push_back(member);
    }
  return result;
}

}  // namespace sentinella::agent
