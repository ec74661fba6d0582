#include "rules/service_watch.h"

#include <algorithm>
#include <csignal>
#include <tuple>

#include "base/text.h"

namespace sentinella::rules {
namespace {

constexpr std::string_view kCrashLoop = "CrashLoop";
const BinaryRule kDefaults;

const BinaryRule& binary(const Rule& rule) {
  return std::get<BinaryRule>(rule.what);
}

/// Smaller is more specific.
auto specificity(const Rule* rule) {
  const std::string& glob = binary(*rule).service;
  const bool wild = glob.find_first_of("*?") != std::string::npos;
  return std::tuple(wild, -static_cast<std::int64_t>(glob.size()), std::string_view(rule->id));
}

std::string_view signal_name(int signal) {
  switch (signal) {
    case SIGABRT:
      return " (SIGABRT)";
    case SIGBUS:
      return " (SIGBUS)";
    case SIGFPE:
      return " (SIGFPE)";
    case SIGILL:
      return " (SIGILL)";
    case SIGKILL:
      return " (SIGKILL)";
    case SIGSEGV:
      return " (SIGSEGV)";
    case SIGTERM:
      return " (SIGTERM)";
    default:
      return "";
  }
}

/// "was killed by signal 9 (SIGKILL)": completes "nova-compute on compute1 ...".
std::string how_it_ended(const StateReport& report) {
  std::string how;
  if (report.exit == StateReport::Exit::orderly) {
    how = "was stopped on request";
  } else if (report.signal) {
    how = fmt::format("was killed by signal {}{}", *report.signal, signal_name(*report.signal));
  } else if (report.exit_code) {
    how = fmt::format("exited with code {}", *report.exit_code);
  } else {
    how = "died";
  }
  const std::string_view detail = std::string_view(report.detail).substr(0, 300);
  if (!detail.empty() && how.find(detail) == std::string::npos) how += fmt::format(" [{}]", detail);
  return how;
}

std::string place(const std::string& host, const std::string& service) {
  return service.empty() ? host : fmt::format("{} on {}", service, host);
}

template <typename T>
void push_bounded(std::vector<T>& list, T value, std::size_t limit) {
  list.push_back(std::move(value));
  if (list.size() > limit) list.erase(list.begin());
}

/// Into an ascending list; the oldest go.
void insert_bounded(std::vector<Time>& list, Time at, std::size_t limit) {
  list.insert(std::ranges::upper_bound(list, at), at);
  if (list.size() > limit) list.erase(list.begin());
}

}  // namespace

const Rule* ServiceWatch::governing(const std::string& service) const {
  for (const Rule* rule : process_rules_)
    if (glob_match(binary(*rule).service, service)) return rule;
  return nullptr;
}

const BinaryRule& ServiceWatch::parameters(const std::string& service) const {
  const Rule* rule = governing(service);
  return rule ? binary(*rule) : kDefaults;
}

const BinaryRule& ServiceWatch::heartbeat_parameters() const {
  return heartbeat_rule_ ? binary(*heartbeat_rule_) : kDefaults;
}

const Rule* ServiceWatch::find_rule(const std::string& id) const {
  if (heartbeat_rule_ && heartbeat_rule_->id == id) return heartbeat_rule_;
  const auto found = std::ranges::find(process_rules_, id, [](const Rule* rule) { return rule->id; });
  return found == process_rules_.end() ? nullptr : *found;
}

void ServiceWatch::set_rules(const std::vector<const Rule*>& rules, Emitter& out) {
  process_rules_.clear();
  heartbeat_rule_ = nullptr;
  for (const Rule* rule : rules) {
    if (binary(*rule).check == BinaryRule::Check::process) {
      process_rules_.push_back(rule);
    } else if (!heartbeat_rule_ || rule->id < heartbeat_rule_->id) {
      heartbeat_rule_ = rule;
    }
  }
  std::ranges::sort(process_rules_, {}, specificity);
  for (auto& [key, service] : services_) pass_on(key, service, out);
  for (auto& [host, state] : hosts_)
    if (state.silence && !find_rule(state.silence.rule_id))
      resolve(state.silence, {host, ""}, out.now(), "rule deleted", out);
}

void ServiceWatch::pass_on(const Key& key, Service& service, Emitter& out) {
  if (service.loop && !find_rule(service.loop.rule_id))
    resolve(service.loop, key, out.now(), "rule deleted", out);
  if (!service.outage || find_rule(service.outage.rule_id)) return;
  const Rule* heir = governing(key.second);
  if (!heir || heir->event != service.outage.event)
    resolve(service.outage, key, out.now(), "rule deleted", out);
  if (heir && service.status == CheckStatus::down) go_down(key, service, service.since, service.how, out);
}

void ServiceWatch::report(const StateReport& report, Emitter& out) {
  if (report.host.empty()) return;
  heard(report.host, out);
  if (report.kind == StateReport::Kind::heartbeat) retire_unmentioned(report.host, out);
  if (report.kind == StateReport::Kind::heartbeat || report.service.empty()) return;
  const Key key(report.host, report.service);
  const auto [found, fresh] = services_.try_emplace(key);
  Service& service = found->second;
  if (fresh) service.since = report.at;
  service.mentioned = out.now();
  switch (report.kind) {
    case StateReport::Kind::snapshot:
      snapshot(key, service, report, out);
      break;
    case StateReport::Kind::started:
      started(key, service, report, out);
      break;
    case StateReport::Kind::exited:
      exited(key, service, report, out);
      break;
    case StateReport::Kind::log_unreadable:
      service.log_problem = report.detail;
      break;
    case StateReport::Kind::log_readable:
      service.log_problem.clear();
      break;
    case StateReport::Kind::heartbeat:
      break;
  }
  if (fresh || report.kind != StateReport::Kind::snapshot) {
    out.live_state_changed();
    touch(key);
  }
}

void ServiceWatch::heard(const std::string& host, Emitter& out) {
  const auto [found, fresh] = hosts_.try_emplace(host);
  Host& state = found->second;
  // Only a time in which it spoke can show what it does not speak of.
  if (!fresh && out.now() - state.last_seen > kRetiredAfter / 5)
    for (auto it = services_.lower_bound({host, ""}); it != services_.end() && it->first.first == host; ++it)
      it->second.mentioned = out.now();
  state.last_seen = out.now();
  state.deadline = out.now() + heartbeat_parameters().stale_after;
  state.held = false;
  timers_.set({host, ""}, state.deadline);
  touch({host, ""});
  if (state.status == CheckStatus::up) return;
  state.status = CheckStatus::up;
  state.since = out.now();
  out.state(host, "", state.status, out.now());
  out.live_state_changed();
  if (!fresh) out.returned_hosts.push_back(host);
  if (state.silence)
    resolve(state.silence, {host, ""}, out.now(), fmt::format("the agent on {} reports again", host), out);
}

void ServiceWatch::retire_unmentioned(const std::string& host, Emitter& out) {
  const Time back_since = hosts_.at(host).since;
  for (auto it = services_.lower_bound({host, ""}); it != services_.end() && it->first.first == host;) {
    const Key key = it->first;
    Service& service = it->second;
    if (service.mentioned == Time{}) service.mentioned = out.now();
    ++it;
    if (out.now() - std::max(service.mentioned, back_since) < kRetiredAfter) continue;
    // Who found it by itself does not find it while it is down: that is no evidence of its being well.
    if (service.outage || service.loop) continue;
    const std::string what = fmt::format("the agent on {} no longer watches {}", host, key.second);
    const std::string why = "retired: " + what;
    set_status(key, service, CheckStatus::not_here, out.now(), out);
    out.event("service.retired", out.now(), host, key.second, what);
    out.retired.push_back({host, key.second, why});
    drop(key, service, why, out);
  }
}

bool ServiceWatch::waits_for_others(const std::string& host, Host& state, Emitter& out) {
  if (state.held) return false;
  const Time limit = out.now() + heartbeat_parameters().stale_after / 3;
  Time last = out.now();
  for (const auto& [name, other] : hosts_)
    if (other.status == CheckStatus::up && other.deadline <= limit) last = std::max(last, other.deadline);
  if (last == out.now()) return false;
  state.held = true;
  state.deadline = last;
  timers_.set({host, ""}, last);
  touch({host, ""});
  return true;
}

void ServiceWatch::fall_silent(const std::string& host, Host& state, Emitter& out) {
  state.status = CheckStatus::unknown;
  state.since = out.now();
  // Since when nothing was heard, not since when that was noticed.
  out.state(host, "", state.status, state.last_seen);
  touch({host, ""});
  out.live_state_changed();
  out.silent_hosts.push_back(host);
  for (auto it = services_.lower_bound({host, ""}); it != services_.end() && it->first.first == host; ++it) {
    wait(it->first, it->second, Waiting::nothing, {});
    if (it->second.status != CheckStatus::not_here)
      set_status(it->first, it->second, CheckStatus::unknown, out.now(), out);
  }
  if (!heartbeat_rule_ || state.silence) return;
  state.silence = {heartbeat_rule_->id, heartbeat_rule_->event};
  tell_silent(host, state, out);
}

void ServiceWatch::tell_silent(const std::string& host, const Host& state, Emitter& out) const {
  Signal& signal = out.signal(*heartbeat_rule_, Signal::State::firing, state.last_seen);
  signal.resource = signal.host = host;
  signal.value = "silent";
  const std::string to_the_second =
      to_rfc3339(state.last_seen).substr(0, std::string_view("YYYY-MM-DDTHH:MM:SS").size());
  signal.text = fmt::format("nothing was heard from the agent on {} since {}Z", host, to_the_second);
}

void ServiceWatch::snapshot(const Key& key, Service& service, const StateReport& report, Emitter& out) {
  if (service.processes != report.processes) touch(key);
  service.processes = report.processes;
  if (report.processes > 0) return seen_running(key, service, report, out);
  if (!service.mains.empty()) touch(key);
  service.mains.clear();
  if (service.waiting != Waiting::nothing || service.status == CheckStatus::down) return;
  if (service.outage) return set_status(key, service, CheckStatus::down, report.at, out);
  if (!report.ever_seen) return set_status(key, service, CheckStatus::not_here, report.at, out);
  ++service.misses;
  service.returns = 0;
  touch(key);
  // What was left of a service whose main process had ended (workers) is gone now, too.
  if (service.crashed && service.status == CheckStatus::up)
    return go_down(key, service, report.at, service.how, out);
  if (service.stopped && service.status == CheckStatus::up) return begin_stop(key, service, report.at, out);
  if (const std::uint32_t proof = parameters(key.second).fail_count; service.misses >= proof)
    go_down(key, service, report.at, fmt::format("does not run: {} reports in a row found no process", proof),
            out);
}

void ServiceWatch::seen_running(const Key& key, Service& service, const StateReport& report, Emitter& out) {
  if (service.misses != 0 || service.pid != report.pid) touch(key);
  service.misses = 0;
  service.pid = report.pid;
  const bool known = std::ranges::find(service.mains, report.pid) != service.mains.end();
  if (!known || service.mains.size() > report.processes) {
    // Ends of these were missed: begin again from what is certain.
    service.mains.clear();
    if (report.pid != 0) service.mains.push_back(report.pid);
    touch(key);
  }
  if (service.stopped && report.at - service.exited_at > parameters(key.second).stop_grace) {
    service.stopped = false;
    touch(key);
  }
  // What was found running once may be about to end again; a start that was reported is proof enough.
  if (service.outage && ++service.returns < parameters(key.second).recover_count) return touch(key);
  if (service.status != CheckStatus::up || service.outage || service.waiting != Waiting::nothing)
    come_up(key, service, report.at, out);
  end_crash_loop(key, service, std::min(report.at, out.now()), out);
}

void ServiceWatch::started(const Key& key, Service& service, const StateReport& report, Emitter& out) {
  const bool first =
      service.status == CheckStatus::not_here || (service.exited_at.ns == 0 && service.pid == 0);
  const bool was_waiting = service.waiting != Waiting::nothing;
  const bool restart = was_waiting || service.status == CheckStatus::down;
  if (service.waiting == Waiting::replacement && out.now() > service.deadline &&
      report.at - service.exited_at > parameters(key.second).replace_within)
    go_down(key, service, service.exited_at, service.how, out);  // nobody ran the timer, yet it was too late
  if (report.pid != 0 && std::ranges::find(service.mains, report.pid) == service.mains.end())
    push_bounded(service.mains, report.pid, kMaxMains);
  service.pid = report.pid;
  service.processes = std::max<std::uint32_t>(report.processes, 1);
  service.misses = 0;
  if (restart) {
    // By the agent's time: a spool may bring the starts of hours at once.
    const Time at = std::min(report.at, out.now());
    insert_bounded(service.restarts, at, kMaxTimes);
    if (service.crashed) insert_bounded(service.crash_starts, at, kMaxTimes);
    out.event("service.restarted", report.at, key.first, key.second,
              fmt::format("{} runs again (pid {}); before, it {}", place(key.first, key.second), report.pid,
                          service.how.empty() ? "was not running" : service.how));
  } else if (first) {
    out.event("service.started", report.at, key.first, key.second,
              fmt::format("{} runs (pid {})", place(key.first, key.second), report.pid));
  }
  come_up(key, service, report.at, out);
  if (restart && service.crashed) check_crash_loop(key, service, std::min(report.at, out.now()), out);
  service.crashed = service.stopped = false;
}

void ServiceWatch::exited(const Key& key, Service& service, const StateReport& report, Emitter& out) {
  const bool orderly = report.exit == StateReport::Exit::orderly;
  std::erase(service.mains, report.pid);
  service.how = how_it_ended(report);
  service.exited_at = report.at;
  const std::string others =
      service.mains.empty() ? "" : fmt::format("; {} other main processes run", service.mains.size());
  out.event(orderly ? "service.stopped" : "service.crashed", report.at, key.first, key.second,
            fmt::format("{} (pid {}) {}{}", place(key.first, key.second), report.pid, service.how, others));
  if (!service.mains.empty()) {
    service.pid = service.mains.front();
    return;
  }
  service.pid = 0;
  service.processes = 0;
  if (service.waiting == Waiting::restart) return;  // a straggler of a stop under way
  service.crashed = !orderly;
  service.stopped = orderly;
  if (service.status == CheckStatus::down || service.outage) return;
  service.detail = service.how;
  if (orderly) return begin_stop(key, service, report.at, out);
  wait(key, service, Waiting::replacement, out.now() + parameters(key.second).replace_within);
}

void ServiceWatch::begin_stop(const Key& key, Service& service, Time at, Emitter& out) {
  wait(key, service, Waiting::restart, out.now() + parameters(key.second).stop_grace);
  set_status(key, service, CheckStatus::stopping, at, out);
  touch(key);
}

void ServiceWatch::come_up(const Key& key, Service& service, Time at, Emitter& out) {
  wait(key, service, Waiting::nothing, {});
  service.returns = 0;
  set_status(key, service, CheckStatus::up, at, out);
  if (service.outage)
    resolve(service.outage, key, at,
            fmt::format("{} runs again (pid {})", place(key.first, key.second), service.pid), out);
}

void ServiceWatch::go_down(const Key& key, Service& service, Time at, const std::string& how, Emitter& out) {
  wait(key, service, Waiting::nothing, {});
  service.how = how;
  set_status(key, service, CheckStatus::down, at, out);
  const Rule* rule = governing(key.second);
  if (!rule) return;
  service.outage = {rule->id, rule->event};
  service.returns = 0;
  tell_down(*rule, key, service, at, how, out);
}

void ServiceWatch::tell_down(const Rule& rule, const Key& key, const Service& service, Time at,
                             const std::string& how, Emitter& out) const {
  Signal& signal = out.signal(rule, Signal::State::firing, at);
  signal.event = service.outage.event;
  signal.host = key.first;
  signal.service = key.second;
  signal.resource = fmt::format("{}/{}", key.first, key.second);
  signal.value = "down";
  signal.text = fmt::format("{} {}", place(key.first, key.second), how);
}

void ServiceWatch::check_crash_loop(const Key& key, Service& service, Time at, Emitter& out) {
  const Rule* rule = governing(key.second);
  if (!rule || service.loop) return;
  const BinaryRule& limits = binary(*rule);
  const auto recent = std::ranges::count_if(
      service.crash_starts, [&](Time start) { return at - start <= limits.crash_loop_window; });
  if (static_cast<std::uint64_t>(recent) < limits.crash_loop_count) return;
  service.loop = {rule->id, std::string(kCrashLoop)};
  Signal& signal = out.signal(*rule, Signal::State::firing, at);
  signal.event = kCrashLoop;
  signal.host = key.first;
  signal.service = key.second;
  signal.resource = fmt::format("{}/{}", key.first, key.second);
  signal.value = std::to_string(recent);
  signal.text =
      fmt::format("{} crashed and was started again {} times in {}; the last time it {}",
                  place(key.first, key.second), recent, to_text(limits.crash_loop_window), service.how);
}

/// Evidence that a loop is over: the service runs, and did so for a whole window (a stop in order is no
/// running). All times are the agent's, so that neither a spool nor an outage of the server makes a window.
void ServiceWatch::end_crash_loop(const Key& key, Service& service, Time at, Emitter& out) {
  if (!service.loop || service.crash_starts.empty()) return;
  const Duration window = parameters(key.second).crash_loop_window;
  if (at - std::max(service.crash_starts.back(), std::min(service.since, at)) <= window) return;
  resolve(service.loop, key, at,
          fmt::format("{} has run for {} without a crash", place(key.first, key.second), to_text(window)),
          out);
}

void ServiceWatch::advance(Emitter& out) {
  for (const auto& [at, key] : timers_.take_due(out.now())) run_timer(key, at, out);
}

void ServiceWatch::run_timer(const Key& key, Time due, Emitter& out) {
  if (key.second.empty()) {
    Host& host = hosts_.at(key.first);
    if (!waits_for_others(key.first, host, out)) fall_silent(key.first, host, out);
    return;
  }
  Service& service = services_.at(key);
  // The host may have fallen silent a moment ago, with this batch.
  if (service.waiting == Waiting::nothing) return;
  const BinaryRule& limits = parameters(key.second);
  if (service.waiting == Waiting::replacement) {
    go_down(key, service, service.exited_at,
            fmt::format("{} and nothing replaced it within {}", service.how, to_text(limits.replace_within)),
            out);
  } else {
    go_down(key, service, due,
            fmt::format("{} and was not started again within {}", service.how, to_text(limits.stop_grace)),
            out);
  }
  touch(key);
}

void ServiceWatch::shift(Time from, Time to) {
  for (auto& [name, host] : hosts_) {
    if (host.status != CheckStatus::up) continue;
    host.deadline = after_outage(host.deadline, from, to);
    timers_.set({name, ""}, host.deadline);
    touch({name, ""});
  }
  for (auto& [key, service] : services_) {
    if (const auto host = hosts_.find(key.first); service.mentioned != Time{} && host != hosts_.end())
      service.mentioned = std::max(service.mentioned, host->second.since) + (to - from);
    if (service.waiting == Waiting::nothing) continue;
    wait(key, service, service.waiting, after_outage(service.deadline, from, to));
    touch(key);
  }
}

void ServiceWatch::wait(const Key& key, Service& service, Waiting what, Time until) {
  service.waiting = what;
  service.deadline = until;
  if (what == Waiting::nothing) {
    timers_.cancel(key);
  } else {
    timers_.set(key, until);
  }
}

void ServiceWatch::set_status(const Key& key, Service& service, CheckStatus status, Time at, Emitter& out) {
  if (service.status == status) return;
  service.status = status;
  service.since = at;
  out.state(key.first, key.second, status, std::min(at, out.now()));
  switch (status) {
    case CheckStatus::unknown:
      service.detail = "the agent is silent";
      break;
    case CheckStatus::not_here:
      service.detail = "configured, but never seen on this host";
      break;
    case CheckStatus::up:
      service.detail.clear();
      break;
    default:
      service.detail = service.how;
  }
  out.live_state_changed();
  touch(key);
}

void ServiceWatch::resolve(Open& open, const Key& key, Time at, std::string text, Emitter& out) {
  Rule unknown;
  unknown.id = open.rule_id;
  const Rule* rule = find_rule(open.rule_id);
  Signal& signal = out.signal(rule ? *rule : unknown, Signal::State::resolved, at);
  signal.event = open.event;
  signal.severity = AlertSeverity::normal;
  signal.host = key.first;
  signal.service = key.second;
  signal.resource = key.second.empty() ? key.first : fmt::format("{}/{}", key.first, key.second);
  signal.value = key.second.empty() ? "heard" : "up";
  signal.text = std::move(text);
  open = {};
  touch(key);
}

void ServiceWatch::drop(const Key& key, Service& service, const std::string& why, Emitter& out) {
  if (service.outage) resolve(service.outage, key, out.now(), why, out);
  if (service.loop) resolve(service.loop, key, out.now(), why, out);
  timers_.cancel(key);
  touch(key);
  services_.erase(key);
}

void ServiceWatch::forget(const std::string& host, Emitter& out) {
  for (auto it = services_.lower_bound({host, ""}); it != services_.end() && it->first.first == host;) {
    const auto one = it++;
    drop(Key(one->first), one->second, "host taken out of service", out);
  }
  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return;
  if (found->second.silence)
    resolve(found->second.silence, {host, ""}, out.now(), "host taken out of service", out);
  timers_.cancel({host, ""});
  touch({host, ""});
  hosts_.erase(found);
  out.live_state_changed();
}

}  // namespace sentinella::rules
