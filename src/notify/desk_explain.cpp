// Why was I (not) told, who is, and when next.
#include <algorithm>

#include "catalog/alerting.h"
#include "notify/addressing.h"
#include "notify/desk_impl.h"

namespace sentinella::notify {
namespace {

using Transition = Notification::Transition;

/// Channels that were meant to tell and have not, the newest message of each.
struct Held {
  std::vector<Obstacle> why;
  const catalog::OutboxEntry* next = nullptr;  ///< the one that is tried again first
};

Held undelivered(const std::vector<catalog::OutboxEntry>& deliveries,
                 const std::vector<catalog::Channel>& channels) {
  Held held;
  for (const catalog::Channel& channel : channels) {
    const auto newest = std::ranges::find(deliveries, channel.id, &catalog::OutboxEntry::channel_id);
    if (newest == deliveries.end() || newest->state == "delivered" || newest->state == "superseded") continue;
    const bool waits = newest->state == "pending";
    if (waits && !channel.enabled) {
      held.why.push_back({"channel", channel.id, channel.name + " is switched off", {}});
    } else if (waits && newest->attempts > 0) {
      held.why.push_back({"channel", channel.id,
                          fmt::format("{} has not taken it: {}", channel.name, newest->last_error),
                          newest->next_attempt});
      if (held.next == nullptr || newest->next_attempt < held.next->next_attempt) held.next = &*newest;
    } else if (!waits) {
      held.why.push_back(
          {"channel",
           channel.id,
           fmt::format("{} did not take it, and it was given up: {}", channel.name, newest->last_error),
           {}});
    }
  }
  return held;
}

/// The end of all that stands in the way; zero = of one at least it is not known.
Time end_of(const std::vector<Obstacle>& obstacles) {
  Time end;
  for (const Obstacle& one : obstacles) {
    if (one.until == Time{}) return {};
    end = std::max(end, one.until);
  }
  return end;
}

}  // namespace

/// From memory, where the other alerts are that hold this one back.
void Desk::Impl::explain_case(const Account& account, const Case& one, Time now, Explanation& out) const {
  constexpr std::size_t kMostReasons = 20;
  const catalog::Notice& notice = one.notice;
  out.why_not = obstacles(account, one, now, kMostReasons);
  if (!out.why_not.empty()) {
    const Time end = end_of(out.why_not);
    out.next = end == Time{} ? std::nullopt : std::optional(end);
  }
  if (notice.stage == "storm") {
    out.why_not.push_back({notice.stage, "", notice.stage_text, notice.stage_until});
  } else if (const Time ready = ready_at(account, one, now); !notice.pending.empty() && ready > now) {
    out.why_not.push_back({"group", "", std::string(kWaitsForGroup), ready});
  }
  Route route = route_of(account, one, now);
  for (const std::string& rota : route.unmanned)
    out.why_not.push_back({"on_call", "", "nobody can be reached through the rota " + rota, {}});
  out.receivers = {std::move(route.by), std::move(route.name), {}};
  if (route.channels) out.receivers.channels.assign(route.channels->begin(), route.channels->end());
}

Result<Explanation> Desk::explain(catalog::Transaction& tx, const Alert& alert, Time now) const {
  Explanation out;
  const auto notice = catalog::find_notice(tx, alert.account, alert.id);
  if (!notice) {
    if (notice.error().code != Errc::kNotFound) return std::unexpected(notice.error());
    return out;
  }
  out.conversation = notice->conversation;
  if (!notice->stage.empty())
    out.why_not.push_back({notice->stage, notice->stage_id, notice->stage_text, notice->stage_until});
  if (!is_live(alert.status)) return out;
  if (notice->due != Time{}) out.next = std::max(notice->due, now);
  Alert seen = alert;
  {
    Lock lock(impl_->mutex);
    if (const auto account = impl_->accounts.find(alert.account); account != impl_->accounts.end())
      if (const Case* const one = account->second.cases.find(alert.id)) {
        impl_->explain_case(account->second, *one, now, out);
        seen.tier = one->alert.tier;
      }
  }
  if (seen.tier != alert.tier)
    out.why_not.push_back({"environment", "", "nothing like it pages: it is told as a ticket", {}});
  SENT_TRY_ASSIGN(const auto channels, catalog::list_channels(tx, alert.account));
  const bool everybody = out.receivers.by.empty();
  const std::set<std::string> named(out.receivers.channels.begin(), out.receivers.channels.end());
  const auto told = receivers(channels, seen, everybody ? std::nullopt : std::optional(named));
  out.receivers.channels.assign(told.begin(), told.end());
  if (told.empty())
    out.why_not.push_back(
        {"channel", "", fmt::format("no channel takes alerts of tier {}", to_string(seen.tier)), {}});
  const std::string& conversation = out.conversation.empty() ? alert.id : out.conversation;
  SENT_TRY_ASSIGN(const auto deliveries, catalog::deliveries_of_alert(tx, alert.account, conversation));
  const Held held = undelivered(deliveries, channels);
  out.why_not.insert(out.why_not.end(), held.why.begin(), held.why.end());
  if (out.next) out.next_is = notice->pending.empty() ? to_string(Transition::reminder) : notice->pending;
  if (held.next != nullptr && (!out.next || held.next->next_attempt < *out.next)) {
    out.next = std::max(held.next->next_attempt, now);
    out.next_is = held.next->transition;
  }
  return out;
}

}  // namespace sentinella::notify
