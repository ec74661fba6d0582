#include "api/native/muted_alerts.h"

#include "api/native/catalog_access.h"
#include "catalog/policy.h"
#include "notify/policy.h"

namespace sentinella::api::native {
namespace {

/// The ids become parameters of a statement, of which SQLite takes some 32,000.
constexpr std::size_t kMostMuted = 10'000;

}  // namespace

Result<MutedAlerts> muted_alerts(const RequestContext& call) {
  SENT_TRY_ASSIGN(const auto items, read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_policy(tx, call.caller.account, "");
                  }));
  const Time now = call.server.clock.now();
  struct Active {
    const notify::Mute* mute;
    Time until;
  };
  const notify::Policy policy = notify::read_policy(items);
  std::vector<Active> active;
  for (const notify::Mute& mute : policy.mutes)
    if (const auto window = mute.window(now)) active.push_back({&mute, window->until});
  MutedAlerts out;
  if (active.empty()) return out;
  for (const Alert& alert : call.server.alerts.live(call.caller.account)) {
    bool hidden = false;
    for (const Active& one : active) {
      if (!one.mute->matchers.match(alert)) continue;
      hidden = true;
      if (out.until == Time{} || one.until < out.until) out.until = one.until;
    }
    if (hidden) out.ids.push_back(alert.id);
    if (out.ids.size() == kMostMuted) break;
  }
  return out;
}

}  // namespace sentinella::api::native
