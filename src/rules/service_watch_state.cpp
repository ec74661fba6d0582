// Live state <-> bytes. Instance names: 'S', then the host, or host and service joined by kKeySeparator.
#include <algorithm>

#include "rules/service_watch.h"
#include "rules/state_codec.h"

namespace sentinella::rules {
namespace {

CheckStatus read_status(ByteReader& in) {
  return static_cast<CheckStatus>(
      std::min<std::uint64_t>(in.varint(), static_cast<std::uint64_t>(CheckStatus::not_here)));
}

}  // namespace

std::string ServiceWatch::encode(const Key& key) const {
  std::string bytes;
  ByteWriter out(bytes);
  out.fixed(kStateVersion);
  const auto write_open = [&](const Open& open) {
    out.text(open.rule_id);
    out.text(open.event);
  };
  if (key.second.empty()) {
    const auto found = hosts_.find(key.first);
    if (found == hosts_.end()) return {};
    const Host& host = found->second;
    out.varint(static_cast<std::uint64_t>(host.status));
    for (const Time t : {host.since, host.last_seen, host.deadline}) write_time(out, t);
    write_open(host.silence);
    out.varint(host.held);
    return to_base64(bytes);
  }
  const auto found = services_.find(key);
  if (found == services_.end()) return {};
  const Service& service = found->second;
  out.varint(static_cast<std::uint64_t>(service.status));
  for (const Time t : {service.since, service.deadline, service.exited_at}) write_time(out, t);
  out.varint(service.pid);
  out.varint(service.processes);
  out.varint(service.mains.size());
  for (const std::uint32_t pid : service.mains) out.varint(pid);
  write_times(out, service.restarts);
  write_times(out, service.crash_starts);
  out.varint(static_cast<std::uint64_t>(service.waiting));
  out.varint(service.crashed);
  out.varint(service.stopped);
  out.varint(service.misses);
  for (const std::string* text : {&service.detail, &service.log_problem, &service.how}) out.text(*text);
  write_open(service.outage);
  write_open(service.loop);
  out.varint(service.returns);
  return to_base64(bytes);
}

void ServiceWatch::take_dirty(AccountId account, std::vector<catalog::RuleState>& out) {
  for (const Key& key : dirty_) {
    std::string instance;
    append_key_part(instance, key.first);
    if (!key.second.empty()) append_key_part(instance, key.second);
    out.push_back({account, "", "S" + instance, encode(key)});
  }
  dirty_.clear();
}

void ServiceWatch::restore(std::string_view instance, std::string_view state) {
  const auto bytes = from_base64(state);
  if (!bytes) return;
  ByteReader in(*bytes);
  if (in.fixed<std::uint8_t>() != kStateVersion) return;
  const auto read_open = [&] {
    Open open;
    open.rule_id = in.text();
    open.event = in.text();
    return open;
  };
  const std::size_t separator = instance.find(kKeySeparator);
  if (separator == std::string_view::npos) {
    Host host;
    host.status = read_status(in);
    for (Time* t : {&host.since, &host.last_seen, &host.deadline}) *t = read_time(in);
    host.silence = read_open();
    if (!in.ok()) return;
    host.held = in.varint() != 0;  // older states end before
    const std::string name(instance);
    if (host.status == CheckStatus::up) timers_.set({name, ""}, host.deadline);
    hosts_.insert_or_assign(name, std::move(host));
    return;
  }
  Service service;
  service.status = read_status(in);
  for (Time* t : {&service.since, &service.deadline, &service.exited_at}) *t = read_time(in);
  service.pid = static_cast<std::uint32_t>(in.varint());
  service.processes = static_cast<std::uint32_t>(in.varint());
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n)
    service.mains.push_back(static_cast<std::uint32_t>(in.varint()));
  service.restarts = read_times(in);
  service.crash_starts = read_times(in);
  service.waiting = static_cast<Waiting>(std::min<std::uint64_t>(in.varint(), 2));
  service.crashed = in.varint() != 0;
  service.stopped = in.varint() != 0;
  service.misses = static_cast<std::uint32_t>(in.varint());
  for (std::string* text : {&service.detail, &service.log_problem, &service.how}) *text = in.text();
  service.outage = read_open();
  service.loop = read_open();
  if (!in.ok()) return;
  // Older states end here.
  service.returns = static_cast<std::uint32_t>(in.varint());
  const Key key(instance.substr(0, separator), instance.substr(separator + 1));
  if (service.waiting != Waiting::nothing) timers_.set(key, service.deadline);
  services_.insert_or_assign(key, std::move(service));
}

}  // namespace sentinella::rules
