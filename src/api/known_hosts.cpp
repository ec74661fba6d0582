#include "api/known_hosts.h"

#include <unordered_set>
#include <vector>

#include "base/log.h"
#include "catalog/inventory.h"

namespace sentinella::api {
namespace {

constexpr std::size_t kMaxHostName = 253;  // of a host, RFC 1035 section 2.3.4

}  // namespace

void KnownHosts::touch(const Batch& batch) {
  std::unordered_set<std::string_view> spoken_of;
  for (const auto& report : batch.reports) spoken_of.insert(report.host);
  for (const auto& record : batch.logs) spoken_of.insert(record.host);
  for (const auto& series : batch.series) spoken_of.insert(series.labels.get("host"));
  const auto fresh = unknown_of(batch.account, {spoken_of.begin(), spoken_of.end()});
  if (!fresh.empty()) add(batch.account, fresh, batch.received);
}

void KnownHosts::introduce(AccountId account, const std::vector<std::string>& hosts, Time now,
                           std::move_only_function<void()> then) {
  auto fresh = hosts.empty() ? std::vector<std::string>() : unknown_of(account, hosts);
  if (fresh.empty()) return then();
  introducer_->post([this, account, fresh = std::move(fresh), now, then = std::move(then)]() mutable {
    add(account, fresh, now);
    then();
  });
}

std::vector<std::string> KnownHosts::unknown_of(AccountId account, const std::vector<std::string>& hosts) {
  std::vector<std::string> fresh;
  Lock lock(mutex_);
  const auto& known = hosts_[account];
  for (const auto& host : hosts) {
    if (known.size() + fresh.size() >= kMaxPerAccount) break;
    if (!host.empty() && host.size() <= kMaxHostName && !known.contains(host)) fresh.push_back(host);
  }
  return fresh;
}

void KnownHosts::add(AccountId account, const std::vector<std::string>& hosts, Time now) {
  const auto added = database_.write([&](catalog::Transaction& tx) -> Result<void> {
    for (const auto& host : hosts) SENT_TRY(catalog::touch_node(tx, account, host, now));
    return {};
  });
  // The batch is good all the same; the next one tries again.
  if (!added)
    return log::warning("api.otlp", "cannot add {} nodes: {}", hosts.size(), describe(added.error()));
  Lock lock(mutex_);
  hosts_[account].insert(hosts.begin(), hosts.end());
}

void KnownHosts::forget(AccountId account, const std::string& host) {
  Lock lock(mutex_);
  hosts_[account].erase(host);
  ++generation_;
}

}  // namespace sentinella::api
