#include "agent/watch/process_table.h"

#include <algorithm>

#include "agent/watch/process_match.h"

namespace sentinella::agent {
namespace {

constexpr std::uint64_t kTicksPerSecond = 100;  // USER_HZ, part of Linux' binary interface
constexpr std::uint64_t kYoungTicks = 30 * kTicksPerSecond;
constexpr std::uint64_t kFullReadTicks = 120 * kTicksPerSecond;

}  // namespace

ProcessTable::ProcessTable(ProcFs proc, std::vector<WatchedService> services)
    : proc_(std::move(proc)),
      services_(std::move(services)),
      mains_(services_.size()),
      members_(services_.size()) {}

Result<void> ProcessTable::scan(std::uint64_t now_ticks) {
  // To list all processes is the dearest thing that the agent does.
  if (services_.empty()) return {};
  SENT_TRY_ASSIGN(const std::vector<pid_t> pids, proc_.pids());
  ++generation_;
  const bool full = now_ticks >= full_read_ticks_ + kFullReadTicks;
  if (full) full_read_ticks_ = now_ticks;
  for (pid_t pid : pids) {
    Known& known = entries_[pid];
    const bool is_new = known.generation == 0;
    const bool young = known.entry.start_ticks + kYoungTicks > now_ticks;
    known.generation = generation_;
    if (is_new || young || full) read(pid, known);
  }
  std::erase_if(entries_, [&](const auto& item) { return item.second.generation != generation_; });
  build_lists();
  return {};
}

void ProcessTable::examine(pid_t pid, std::uint64_t) {
  Known& known = entries_[pid];
  known.generation = std::max<std::uint64_t>(generation_, 1);
  read(pid, known);
  build_lists();
}

void ProcessTable::read(pid_t pid, Known& known) {
  const auto stat = proc_.stat(pid);
  if (!stat) return;  // ended meanwhile; the next scan forgets it
  if (stat->start_ticks != known.entry.start_ticks) known.entry = ProcessEntry{};
  known.entry.pid = pid;
  known.entry.parent = stat->parent;
  known.entry.start_ticks = stat->start_ticks;
  known.entry.forked = stat->forked;  // asked before the command line, which changes with it
  if (stat->state == 'Z') {
    known.entry.services.clear();
    return;
  }
  const auto arguments = proc_.command_line(pid);
  if (!arguments) return;
  known.entry.services.clear();
  if (arguments->empty()) return;
  const ProcessMatch match(*arguments);
  for (std::size_t i = 0; i < services_.size(); ++i)
    if (match(services_[i].process)) known.entry.services.push_back(i);
}

bool ProcessTable::is_member(pid_t pid, std::size_t service) const {
  const auto found = entries_.find(pid);
  return found != entries_.end() &&
         std::ranges::find(found->second.entry.services, service) != found->second.entry.services.end();
}

void ProcessTable::build_lists() {
  for (auto& list : mains_) list.clear();
  for (auto& list : members_) list.clear();
  for (auto& [pid, known] : entries_)
    for (std::size_t service : known.entry.services) {
      members_[service].push_back(pid);
      if (is_member(known.entry.parent, service))
        known.entry.was_worker = true;
      else
        mains_[service].push_back(&known.entry);
    }
}

void ProcessTable::forget(pid_t pid) {
  if (entries_.erase(pid) > 0) build_lists();
}

const ProcessEntry* ProcessTable::find(pid_t pid) const {
  const auto found = entries_.find(pid);
  return found == entries_.end() ? nullptr : &found->second.entry;
}

}  // namespace sentinella::agent
