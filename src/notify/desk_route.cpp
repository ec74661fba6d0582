// Whom an alert is for: its escalation chain, the team that owns it, or everybody.
#include "notify/desk_impl.h"
#include "notify/desk_message.h"

namespace sentinella::notify {
namespace {

/// The channel of whoever is on call, or the rota's name among those that reach nobody.
void add_on_call(const Policy& policy, const std::string& rota_id, Time now, std::set<std::string>& channels,
                 std::vector<std::string>& unmanned) {
  const Rota* const rota = rota_id.empty() ? nullptr : policy.rota(rota_id);
  if (rota == nullptr) return;
  const Rota::Member* const member = rota->on_call(now);
  if (member != nullptr && !member->channel.empty()) {
    channels.insert(member->channel);
  } else {
    unmanned.push_back(rota->name);
  }
}

}  // namespace

/// The steps of a chain count from when the page was first told, not from when a silence hid it.
Desk::Impl::Route Desk::Impl::route_of(const Account& account, const Case& one, Time now) const {
  Route route;
  std::set<std::string> channels;
  if (const Escalation* const chain = account.policy.escalation(one.alert)) {
    route.by = "escalation";
    route.name = chain->name;
    const Time begun = one.notice.told == 0 ? now : one.notice.first_told;
    for (const Escalation::Step& step : chain->steps) {
      if (begun + step.after > now) break;
      channels.insert(step.channels.begin(), step.channels.end());
      add_on_call(account.policy, step.rota, now, channels, route.unmanned);
      ++route.step;
    }
  } else if (const Team* const team = account.policy.team(one.alert)) {
    route.by = "team";
    route.name = team->name;
    channels.insert(team->channels.begin(), team->channels.end());
    if (one.alert.tier == Tier::page) add_on_call(account.policy, team->rota, now, channels, route.unmanned);
  } else {
    return route;
  }
  route.channels = std::move(channels);
  return route;
}

std::string lane_of(const Policy& policy, const Alert& alert) {
  std::string lane = alert.tier == Tier::page ? "page" : "rest";
  if (const Escalation* const chain = policy.escalation(alert)) return lane + ' ' + chain->id;
  if (const Team* const team = policy.team(alert)) return lane + ' ' + team->id;
  return lane;
}

}  // namespace sentinella::notify
