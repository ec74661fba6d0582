// Which logs the agent follows, what keeps it from reading them, and how much of them it leaves out.
#include <algorithm>
#include <map>

#include <time.h>

#include "agent/agent.h"
#include "base/log.h"
#include "codec/secret_mask.h"

namespace sentinella::agent {
namespace {

constexpr std::string_view kKernel = "kernel";
constexpr std::string_view kKernelLog = "/dev/kmsg";

Time boot_time(Time now) {
  timespec since_boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return now - std::chrono::seconds(since_boot.tv_sec) - std::chrono::nanoseconds(since_boot.tv_nsec);
}

void write_dropped(const LogLimiter& limiter, std::string_view service, std::string_view source,
                   SampleWriter& out) {
  if (!limiter.limited()) return;
  out.add(metric("agent_log_records_dropped_total"), static_cast<double>(limiter.dropped_records()),
          {{"service", service}, {"source", source}});
  out.add(metric("agent_log_bytes_dropped_total"), static_cast<double>(limiter.dropped_bytes()),
          {{"service", service}, {"source", source}});
}

}  // namespace

std::vector<FollowedLog> Agent::wanted_now(const std::vector<std::string>& known) {
  FoundLogs found = find_logs(wanted_logs_, known);
  pattern_problems_ = std::move(found.problems);
  return std::move(found.logs);
}

LogLimits Agent::limits_of(std::string_view service) const {
  const auto found = std::ranges::find(services_, service, &ServiceConfig::name);
  return found == services_.end() ? config_.log_limits : config_.limits_of(*found);
}

/// What patterns match comes and goes.
void Agent::look_for_logs() {
  if (std::ranges::none_of(wanted_logs_, [](const WantedLog& log) { return is_pattern(log.path); })) return;
  std::vector<std::string> known;
  for (const FollowedLog& log : follower_->logs()) known.push_back(log.path);
  for (FollowedLog& log : wanted_now(known)) {
    if (std::ranges::find(known, log.path) != known.end()) continue;
    if (follower_->holds(log.path)) continue;  // renamed, and not read to its end under its old name yet
    log::info("agent.tail", "{}: {} has appeared", log.service, log.path);
    if (positions_) positions_->mark_known(log.path);
    log_activity_.follow(log.service, clock_.now());
    const LogLimits limits = limits_of(log.service);
    log_limiters_.emplace_back();
    const std::string path = log.path;
    const std::size_t number = follower_->add(std::move(log));
    if (number == known.size()) {
      known.push_back(path);
    } else {  // of one that is gone for good
      if (positions_) positions_->forget(known[number]);
      known[number] = path;
    }
    log_limiters_.resize(follower_->logs().size());
    log_limiters_[number] = LogLimiter(limits);
  }
}

/// A log that does not exist is no problem as long as its service does not run here, and never when a pattern
/// had found it. A service's problems are told together.
void Agent::update_log_problems() {
  std::map<std::string, std::string> now;
  const auto add = [&](const std::string& service, const std::string& problem) {
    std::string& all = now[service];
    if (!problem.empty()) all += (all.empty() ? "" : "; ") + problem;
  };
  for (std::size_t log = 0; log < follower_->logs().size(); ++log) {
    const FollowedLog& followed = follower_->logs()[log];
    const LogSource& source = follower_->source(log);
    bool runs = false;
    for (std::size_t service = 0; service < services_.size(); ++service)
      if (services_[service].name == followed.service && watch_) runs = !watch_->mains(service).empty();
    add(followed.service, source.exists() || (runs && !followed.by_pattern) ? source.problem() : "");
  }
  for (const auto& [service, problem] : pattern_problems_) add(service, problem);
  for (auto& [service, problem] : log_problems_) now.try_emplace(service);
  for (const auto& [service, problem] : now) {
    std::string& told = log_problems_[service];
    if (problem == told) continue;
    told = problem;
    StateReport report = this->report(
        problem.empty() ? StateReport::Kind::log_readable : StateReport::Kind::log_unreadable, service);
    report.detail = problem.empty() ? "its logs are read again" : problem;
    log::warning("agent.tail", "{}: {}", service, report.detail);
    outbox_->add(std::move(report));
  }
}

std::uint64_t Agent::dropped_records(std::string_view service) const {
  std::uint64_t dropped = log_activity_.dropped(service);
  if (const auto journal = journal_limiters_.find(std::string(service)); journal != journal_limiters_.end())
    dropped += journal->second.dropped_records();
  return dropped;
}

void Agent::start_kernel_log() {
  if (!config_.kernel_log) return;
  kernel_limiter_ = LogLimiter(config_.log_limits);
  kernel_log_ = std::make_unique<KernelLog>(
      *loop_, monotonic_clock(),
      KernelLog::Callbacks{.message = [this](const KernelMessage& m) { on_kernel_message(m); },
                           .busy = [this] { return logs_wait(); }});
  const auto started = kernel_log_->start();
  if (started) return;
  kernel_log_problem_ = describe(started.error());
  log::info("agent.kernel", "{}", kernel_log_problem_);
  kernel_log_.reset();
}

void Agent::on_kernel_message(const KernelMessage& message) {
  LogRecord record;
  record.time = clock_.now();
  record.host = host_;
  record.service = kKernel;
  record.source = kKernelLog;
  record.raw = kernel_log_line(message, host_, boot_time(record.time));
  if (!kernel_limiter_.take(monotonic_clock().now(), record.raw.size(), kernel_log_->waited())) return;
  if (config_.mask_secrets && codec::mask_secrets(record.raw)) record.flags |= LogRecord::kMasked;
  outbox_->add(std::move(record));
}

/// In our own log once a round, however many there are.
void Agent::tell_of_dropped() {
  std::uint64_t all = kernel_limiter_.dropped_records();
  for (const ServiceConfig& service : services_) all += dropped_records(service.name);
  if (all > told_dropped_)
    log::warning("agent.tail", "{} records were over the limits of their logs (log_limits) and were left out",
                 all - told_dropped_);
  told_dropped_ = all;
}

void Agent::collect_logs(SampleWriter& out) {
  for (std::size_t log = 0; log < follower_->logs().size(); ++log) {
    const FollowedLog& followed = follower_->logs()[log];
    out.add(metric("agent_log_lag_bytes"), static_cast<double>(follower_->source(log).unread_bytes()),
            "source", followed.path);
    write_dropped(log_limiters_[log], followed.service, followed.path, out);
  }
  for (const auto& [service, limiter] : journal_limiters_) write_dropped(limiter, service, kJournalPath, out);
  if (kernel_log_) {
    write_dropped(kernel_limiter_, kKernel, kKernelLog, out);
    out.add(metric("agent_kernel_messages_lost_total"), static_cast<double>(kernel_log_->lost()));
  }
  log_activity_.write(out, clock_.now());
}

}  // namespace sentinella::agent
