#include "alerts/live_table.h"

#include <algorithm>

#include "alerts/alert_change.h"
#include "alerts/cause.h"
#include "base/hash.h"

namespace sentinella::alerts {

AlertKey key_of(const Alert& alert) {
  return {alert.account, alert.resource, alert.event, alert.extras.fingerprint};
}

AlertKey key_of(const Signal& signal) {
  return {signal.account, signal.resource, signal.event, signal.extras.fingerprint};
}

std::size_t LiveTable::Hash::operator()(const View& view) const {
  const auto account = static_cast<std::uint64_t>(view.account);
  return hash64(view.fingerprint, hash64(view.event, hash64(view.resource, account)));
}

LiveTable::View LiveTable::view_of(const Signal& signal) {
  return {signal.account, signal.resource, signal.event, signal.extras.fingerprint};
}

LiveTable::View LiveTable::view_of(const AlertKey& key) {
  return {key.account, key.resource, key.event, key.fingerprint};
}

const Alert* LiveTable::find(const AlertKey& key) const {
  const auto found = by_view_.find(view_of(key));
  return found == by_view_.end() ? nullptr : &found->second->second;
}

const Alert* LiveTable::find(const Signal& signal) const {
  const auto found = by_view_.find(view_of(signal));
  return found == by_view_.end() ? nullptr : &found->second->second;
}

const Alert* LiveTable::find(AccountId account, const std::string& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || found->second->first.account != account) return nullptr;
  return &found->second->second;
}

LiveTable::Range LiveTable::of_account(AccountId account) const {
  const auto first = alerts_.lower_bound({account, "", "", ""});
  auto last = first;
  while (last != alerts_.end() && last->first.account == account) ++last;
  return {first, last};
}

std::size_t LiveTable::show(AlertKey& last, std::size_t most,
                            const std::function<void(const Alert&)>& look) const {
  std::size_t shown = 0;
  auto end = alerts_.upper_bound(last);
  for (; end != alerts_.end() && end->first.account == last.account && shown < most; ++end, ++shown)
    look(end->second);
  if (shown > 0) last = std::prev(end)->first;
  return shown;
}

LiveTable::Range LiveTable::of_resource(AccountId account, const std::string& resource) const {
  const auto first = alerts_.lower_bound({account, resource, "", ""});
  auto last = first;
  while (last != alerts_.end() && last->first.account == account && last->first.resource == resource) ++last;
  return {first, last};
}

void LiveTable::put(const AlertKey& key, std::optional<Alert> alert) {
  if (alert && may_cause(*alert)) {
    causes_.insert(key);
  } else {
    causes_.erase(key);
  }
  const auto known = by_view_.find(view_of(key));
  if (known != by_view_.end())  // the id may have moved on to another key
    if (const auto id = by_id_.find(known->second->second.id);
        id != by_id_.end() && id->second == known->second)
      by_id_.erase(id);
  if (alert) {
    note_deadline(*alert, {});
    const auto at = alerts_.insert_or_assign(key, *std::move(alert)).first;
    by_id_.insert_or_assign(at->second.id, at);
    if (known == by_view_.end()) by_view_.emplace(view_of(at->first), at);
  } else if (known != by_view_.end()) {
    const auto at = known->second;
    unstored_.erase(&at->second);
    by_view_.erase(known);
    alerts_.erase(at);
  }
}

Alert* LiveTable::count(const Signal& signal, Time now) {
  const auto found = by_view_.find(view_of(signal));
  if (found == by_view_.end() || !only_repeats(found->second->second, signal, model_)) return nullptr;
  Alert& alert = found->second->second;
  take_repeat(alert, signal, now);
  note_deadline(alert, {});
  unstored_.insert(&alert);
  return &alert;
}

std::vector<const Alert*> LiveTable::unstored() const {
  return {unstored_.begin(), unstored_.end()};
}

void LiveTable::note_deadline(const Alert& alert, Time since) {
  const Time deadline = deadline_of(alert, since);
  if (deadline != Time{} && (earliest_ == Time{} || deadline < earliest_)) earliest_ = deadline;
}

std::optional<Time> LiveTable::next_deadline() const {
  return earliest_ == Time{} ? std::nullopt : std::optional(earliest_);
}

std::vector<AlertKey> LiveTable::due(Time now, Time since) {
  std::vector<AlertKey> out;
  if (earliest_ == Time{} || earliest_ > now) return out;
  earliest_ = {};
  for (const auto& [key, alert] : alerts_) {
    const Time deadline = deadline_of(alert, since);
    if (deadline != Time{} && deadline <= now) {
      out.push_back(key);
    } else {
      note_deadline(alert, since);
    }
  }
  return out;
}

}  // namespace sentinella::alerts
