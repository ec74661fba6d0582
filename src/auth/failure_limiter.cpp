#include "auth/failure_limiter.h"

#include <algorithm>

namespace sentinella::auth {
namespace {

constexpr std::size_t kMaxEntries = 10'000;
constexpr std::size_t kMaxName = 128;

std::string key_of_name(const std::string& name) {
  return "name " + name.substr(0, kMaxName);
}
std::string key_of_peer(const std::string& peer) {
  return "peer " + peer;
}

}  // namespace

Result<void> FailureLimiter::check(const std::string& name, const std::string& peer, Time now) const {
  Lock lock(mutex_);
  const Duration wait = std::max(wait_of(key_of_name(name), now), wait_of(key_of_peer(peer), now));
  if (wait <= Duration::zero()) return {};
  return fail(Errc::kRateLimited, "too many failed logins: try again in {} s",
              std::chrono::ceil<std::chrono::seconds>(wait).count());
}

void FailureLimiter::failed(const std::string& name, const std::string& peer, Time now) {
  Lock lock(mutex_);
  make_room(now);
  add(key_of_name(name), now);
  if (!peer.empty()) add(key_of_peer(peer), now);
}

Duration FailureLimiter::wait_of(const std::string& key, Time now) const {
  const auto found = failures_.find(key);
  if (found == failures_.end() || found->second.size() < kFailures) return Duration::zero();
  // Should the clock have been set back, nobody waits longer than the window.
  return std::min(found->second.front() + kWindow - now, kWindow);
}

void FailureLimiter::add(const std::string& key, Time now) {
  Failures& failures = failures_[key];
  failures.push_back(now);
  if (failures.size() > kFailures) failures.pop_front();
}

void FailureLimiter::make_room(Time now) {
  if (failures_.size() < kMaxEntries) return;
  std::erase_if(failures_, [&](const auto& entry) { return entry.second.back() + kWindow <= now; });
  // Checking a password takes so long that this many failures a minute do not come from checked ones.
  if (failures_.size() >= kMaxEntries) failures_.clear();
}

}  // namespace sentinella::auth
