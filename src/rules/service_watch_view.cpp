// What the live state says to those who ask.
#include <algorithm>

#include "rules/service_watch.h"

namespace sentinella::rules {

bool ServiceWatch::silent(const std::string& host) const {
  const auto found = hosts_.find(host);
  return found != hosts_.end() && found->second.status != CheckStatus::up;
}

bool ServiceWatch::absent(const std::string& host, const std::string& service) const {
  const auto found = services_.find({host, service});
  return found != services_.end() && found->second.status != CheckStatus::up;
}

bool ServiceWatch::fires_on(const std::string& rule_id, const std::string& host) const {
  for (const auto& [name, state] : hosts_)
    if (state.silence.rule_id == rule_id && (host.empty() || name == host)) return true;
  return std::ranges::any_of(services_, [&](const auto& entry) {
    return entry.second.outage.rule_id == rule_id && (host.empty() || entry.first.first == host);
  });
}

void ServiceWatch::say_again(const std::string& rule_id, const std::string& host, Emitter& out) {
  const Rule* rule = find_rule(rule_id);
  if (!rule) return;
  for (const auto& [name, state] : hosts_)
    if (state.silence.rule_id == rule_id && (host.empty() || name == host)) tell_silent(name, state, out);
  for (const auto& [key, service] : services_)
    if (service.outage.rule_id == rule_id && (host.empty() || key.first == host))
      tell_down(*rule, key, service, service.since, service.how, out);
}

std::vector<Member> ServiceWatch::members(const std::string& rule_id) const {
  std::vector<Member> out;
  for (const auto& [key, service] : services_) {
    const Rule* rule = governing(key.second);
    if (!rule || rule->id != rule_id || service.status == CheckStatus::not_here) continue;
    out.push_back({key.first, key.second, service.status == CheckStatus::down || service.outage});
  }
  return out;
}

std::vector<ServiceState> ServiceWatch::services(Time now) const {
  std::vector<ServiceState> out;
  out.reserve(services_.size());
  for (const auto& [key, service] : services_) {
    ServiceState& state = out.emplace_back();
    state.host = key.first;
    state.service = key.second;
    state.status = service.status;
    state.since = service.since;
    state.pid = service.pid;
    state.processes = service.processes;
    state.restarts_in_hour = static_cast<std::uint32_t>(
        std::ranges::count_if(service.restarts, [&](Time t) { return now - t <= std::chrono::hours(1); }));
    state.detail = service.detail;
    state.log_problem = service.log_problem;
  }
  return out;
}

std::vector<NodeState> ServiceWatch::nodes() const {
  std::vector<NodeState> out;
  out.reserve(hosts_.size());
  for (const auto& [name, host] : hosts_) out.push_back({name, host.status, host.since, host.last_seen});
  return out;
}

}  // namespace sentinella::rules
